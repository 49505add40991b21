import type { Calendar } from '../domain/calendar.ts'
import type { StaffRole } from '../domain/policy.ts'
import { enqueue, type Letter } from '../outbox/enqueue.ts'
import type { Bell } from '../queue/jobs.ts'
import type { Tx } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import type { NoticeFacts } from './facts.ts'

/** What is done about a notice is the same from the chat and from the desk; only where the answer is read differs. */
export interface NoticeWriting {
  readonly tx: Tx
  readonly seal: Seal
  readonly bells: Bell[]
  readonly calendar: Calendar
  readonly now: Date
  readonly personId: number
  /** Their chat, when that is where they act. */
  readonly addressId?: number
  /** Names this turn in the dedupe keys of what it says. */
  readonly key: string
  readonly view: { readonly notices: NoticeFacts }
  /** Says it to whoever acts, where they act. */
  readonly reply: (text: string, choices: Choices) => Promise<void>
}

/** A colleague as far as notices are concerned. */
export interface Colleague {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly role: StaffRole
  readonly personId: number | null
}

export type StaffWriting = NoticeWriting & { readonly view: { readonly staff: Colleague } }
export type CoordinatorWriting = StaffWriting & { readonly view: { readonly directory: readonly Colleague[] } }

export type Choices = NonNullable<Letter['outbound']['choices']>

/** Answer whoever wrote, where they wrote. */
export const answer = (writing: NoticeWriting, text: string, choices: Choices = []): Promise<void> =>
  writing.reply(text, choices)

/** Tell a colleague in their chat; `what` names this very message. */
export async function tellColleague(
  { tx, bells, seal, now }: NoticeWriting,
  personId: number | null,
  what: string,
  text: string,
  choices: Choices = [],
): Promise<void> {
  if (personId === null) return
  const dedupeKey = `notice:${what}:${personId}`
  await enqueue(tx, bells, seal, { personId, dedupeKey, priority: 2, outbound: outboundOf(text, choices) }, now)
}

export const outboundOf = (text: string, choices: Choices): Letter['outbound'] =>
  choices.length > 0 ? { text, choices } : { text }
