import type { Context } from '../requests/apply.ts'
import type { View } from './view.ts'

/** What one turn writes with: its transaction, whose turn it is, and what the turn has looked at. */
export interface Writing extends Context {
  readonly personId: number
  readonly addressId: number
  /** Names this turn in the dedupe keys of what it says. */
  readonly key: string
  readonly view: View
  /** Where a browser opens the desk with this key. */
  readonly deskUrl: (key: string) => string
}
