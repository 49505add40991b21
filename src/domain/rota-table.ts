import type { ShiftRule } from './duty.ts'
import type { Programme } from './taxonomy.ts'

/** 班表: what a table of shifts is read against, and what it comes to. */

export interface CellProblem {
  /** B7, as the spreadsheet shows it. */
  readonly cell: string
  readonly message: string
}

export interface RotaNames {
  /** Staff code → who that is. */
  readonly staff: ReadonlyMap<string, { readonly id: number; readonly name: string }>
  /** Name or code → programme. */
  readonly programmes: ReadonlyMap<string, Programme>
  /** Name or alias → community. */
  readonly communities: ReadonlyMap<string, number>
  /** The first day of what has no date of its own. ISO. */
  readonly from: string
}

/** Whose earlier shifts give way, from day to day (both included). */
export interface Replaced {
  readonly staffId: number
  readonly from: string
  readonly until: string | null
  /** `single`: only shifts of that one day; what recurs goes on beside it. */
  readonly what: 'all' | 'single'
}

export interface RotaTable {
  readonly rules: readonly ShiftRule[]
  readonly replaces: readonly Replaced[]
}
