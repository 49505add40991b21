import { DateTime } from 'luxon'
import { z } from 'zod'
import type { DraftSent as Sent } from '../domain/desk-shown.ts'
import { audienceFrom, ofKind, wrongTime } from '../notices/draft.ts'
import type { CoordinatorWriting } from '../notices/writing.ts'
import { type BroadcastRow, changeDraft, type DraftChange, draftOf } from '../store/broadcasts.ts'
import { say } from '../texts/say.ts'
import { type Answer, refused } from './guard.ts'
import { showNotice } from './show-notice.ts'

/** More than any notice can hold: what is too long is stored and said to be too long, not lost. */
const mostTyped = 5_000

export const DraftSent = z.strictObject({
  version: z.int(),
  text: z.string().max(mostTyped).optional(),
  more: z.string().max(mostTyped).optional(),
  kind: z.enum(['notice', 'activity', 'emergency']).optional(),
  audience: z.string().max(mostTyped).optional(),
  startAt: z.string().max(40).optional(),
  expiresAt: z.string().max(40).optional(),
}) satisfies z.ZodType<Sent>

/**
 * Change a draft as it was seen. Changed elsewhere since (another window, the chat): nothing is written over, and the page
 * gets what stands there now beside what was typed.
 */
export async function changeSeen(
  writing: CoordinatorWriting,
  id: number,
  sent: z.infer<typeof DraftSent>,
): Promise<Answer> {
  const draft = await draftOf(writing.tx, writing.view.staff.id, id)
  if (!draft) return refused(410, say('desk.draftGone'))
  if (draft.version !== sent.version) {
    return { code: 409, body: { message: say('desk.changed'), notice: await showNotice(writing, draft) } }
  }
  const read = readChange(writing, draft, sent)
  if ('message' in read) return { code: 422, body: read }
  return { body: await showNotice(writing, await changeDraft(writing.tx, draft.id, read.change)) }
}

type Read = { readonly change: DraftChange } | { readonly message: string; readonly unknown?: readonly string[] }

function readChange(writing: CoordinatorWriting, draft: BroadcastRow, sent: z.infer<typeof DraftSent>): Read {
  const change: { -readonly [K in keyof DraftChange]: DraftChange[K] } = {}
  if (sent.text !== undefined) change.text = sent.text.trim()
  if (sent.more !== undefined) change.more = sent.more.trim() === '' ? null : sent.more.trim()
  if (sent.kind !== undefined) Object.assign(change, ofKind(draft, sent.kind))
  if (sent.audience !== undefined) {
    const { audience, unknown } = audienceFrom(sent.audience, writing.view.notices.places)
    if (!audience) {
      const words = unknown.slice(0, 5).join('、')
      return { message: words === '' ? say('bc.audience.ask') : say('bc.audience.unknown', { words }), unknown }
    }
    change.audience = audience
  }
  for (const end of ['startAt', 'expiresAt'] as const) {
    const said = sent[end]
    if (said === undefined) continue
    const at = said === '' ? null : DateTime.fromISO(said, { zone: writing.calendar.zone })
    if (at && !at.isValid) return { message: say('bc.time.unclear') }
    change[end] = at?.toJSDate() ?? null
  }
  const wrong = wrongTime(draft, change, writing.now)
  return wrong ? { message: say(wrong) } : { change }
}
