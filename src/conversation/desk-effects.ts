import { post } from '../outbox/enqueue.ts'
import { deskKey, endDesk, insertDeskLink } from '../store/desk.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import type { Writing } from './writing.ts'

/** Long enough to walk to a computer, too short to be found later. */
const linkForMs = 10 * 60_000

/** The link is said once, in the chat it was asked for in; nothing else keeps it. */
export async function writeDesk(writing: Writing, act: 'open' | 'leave', index: number): Promise<void> {
  const { tx, bells, seal, now, personId, addressId, view, calendar } = writing
  if (view.role === 'resident') throw new Error('a resident has no desk')
  const staffId = view.staff.id
  const tell = (text: string) =>
    post(
      tx,
      bells,
      seal,
      { personId, addressId, dedupeKey: `${writing.key}:${index}`, priority: 1, outbound: { text } },
      now,
    )
  if (act === 'leave') {
    const ended = await endDesk(tx, staffId, now)
    return tell(say(ended > 0 ? 'desk.left' : 'desk.notOpen'))
  }
  const key = deskKey()
  const expiresAt = new Date(now.getTime() + linkForMs)
  await insertDeskLink(tx, { staffId, key, expiresAt, at: now })
  return tell(say('desk.link', { url: writing.deskUrl(key), until: sayClock(expiresAt, now, calendar.zone) }))
}
