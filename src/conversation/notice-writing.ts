import { enqueue, type Letter } from '../outbox/enqueue.ts'
import type { Context } from '../requests/apply.ts'
import type { StaffView, View } from './view.ts'

export interface NoticeWriting extends Context {
  readonly personId: number
  readonly addressId: number
  /** Names this turn in the dedupe keys of what it says. */
  readonly key: string
  readonly view: View
}

export type CoordinatorWriting = NoticeWriting & { readonly view: StaffView }

type Choices = NonNullable<Letter['outbound']['choices']>

/** Answer whoever wrote, where they wrote. */
export async function answer(writing: NoticeWriting, text: string, choices: Choices = []): Promise<void> {
  const { personId, addressId, key } = writing
  await write(writing, { personId, addressId, dedupeKey: `${key}:notice`, priority: 1 }, text, choices)
}

/** Tell a colleague elsewhere; `what` names this very message. */
export async function tellColleague(
  writing: NoticeWriting,
  personId: number | null,
  what: string,
  text: string,
  choices: Choices = [],
): Promise<void> {
  if (personId === null) return
  await write(writing, { personId, dedupeKey: `notice:${what}:${personId}`, priority: 2 }, text, choices)
}

async function write(
  { tx, bells, seal, now }: NoticeWriting,
  letter: Omit<Letter, 'outbound'>,
  text: string,
  choices: Choices,
): Promise<void> {
  const outbound = choices.length > 0 ? { text, choices } : { text }
  await enqueue(tx, bells, seal, { ...letter, outbound }, now)
}
