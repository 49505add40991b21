import { DateTime } from 'luxon'

/** 服务台账: what was bought, what of it has been done, and how that stands against the time that has passed. */

/** 服务方式: 探访 visit, 电访 call, 面谈 talk, 小组 group. */
export const serviceKinds = ['visit', 'call', 'talk', 'group'] as const
export type ServiceKind = (typeof serviceKinds)[number]

/** Minutes offered by one tap; any other number may be typed. */
export const usualMinutes = [15, 30, 60, 90] as const

/** 户 and 人 are counted once however often they were served; 人次 is every contact; 场 is one group session a worker a day. */
export const quotaUnits = ['户', '人', '人次', '场'] as const
export type QuotaUnit = (typeof quotaUnits)[number]

export interface QuotaUse {
  readonly contractId: number
  readonly indicator: string
  readonly unit: QuotaUnit
  readonly target: number
  readonly used: number
}

/** When a contract runs, ISO dates, the last day included. */
export interface ContractTerm {
  readonly startsOn: string
  readonly endsOn: string
  /** 续期 */
  readonly extendedTo: string | null
}

export const lastDay = (term: ContractTerm): string =>
  term.extendedTo !== null && term.extendedTo > term.endsOn ? term.extendedTo : term.endsOn

/** Days before its end at which a contract is spoken of. */
export const warnDays = [60, 30, 7] as const
export type WarnDays = (typeof warnDays)[number]

/** The nearest warning that is due; a day on which nothing ran is made up for, not skipped. */
export function endWarning(term: ContractTerm, isoToday: string): WarnDays | undefined {
  const left = daysBetween(isoToday, lastDay(term))
  return left < 0 ? undefined : [...warnDays].reverse().find((days) => left <= days)
}

export interface Forecast {
  /** 时间进度, 0 to 1. */
  readonly elapsed: number
  /** 指标进度, 0 and up. */
  readonly done: number
  /** At this pace, at the end of the contract. */
  readonly atEnd: number
  /** At this pace, the day the target is reached; null: not within the contract, or nothing done yet. */
  readonly reachedOn: string | null
}

/** A straight line from what was done so far; honest only once some time has passed, so the first two weeks say little. */
export function forecast(use: Pick<QuotaUse, 'used' | 'target'>, term: ContractTerm, isoToday: string): Forecast {
  const whole = daysBetween(term.startsOn, lastDay(term)) + 1
  const passed = Math.min(Math.max(daysBetween(term.startsOn, isoToday) + 1, 0), whole)
  const atEnd = passed === 0 ? 0 : Math.round((use.used / passed) * whole)
  const daysNeeded = use.used === 0 ? Number.POSITIVE_INFINITY : Math.ceil((use.target / use.used) * passed)
  return {
    elapsed: passed / whole,
    done: use.used / use.target,
    atEnd,
    reachedOn: daysNeeded <= whole ? plusDays(term.startsOn, daysNeeded - 1) : null,
  }
}

const daysBetween = (from: string, to: string): number =>
  Math.round(DateTime.fromISO(to, { zone: 'utc' }).diff(DateTime.fromISO(from, { zone: 'utc' }), 'days').days)

const plusDays = (iso: string, days: number): string =>
  DateTime.fromISO(iso, { zone: 'utc' }).plus({ days }).toISODate() ?? iso
