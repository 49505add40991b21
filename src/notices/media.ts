import type { OutboundMedia } from '../domain/words.ts'
import { passOn } from '../outbox/pass-on.ts'
import type { BroadcastRow } from '../store/broadcasts.ts'
import { pictureOf, recordingOf } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import type { NoticeWriting } from './writing.ts'

/** 配图和录音 of a notice: who is shown them before it goes out, and what keeps them from going. */

/** Who decides sees and hears it as its receivers will: each of it once, cleaned, as soon as it is kept. */
export async function showMedia(writing: NoticeWriting, row: BroadcastRow, personId: number): Promise<void> {
  const { tx, bells, seal, now } = writing
  const here = personId === writing.personId ? writing.addressId : undefined
  const there = here === undefined ? {} : { addressId: here }
  for (const media of mediaOf(row)) {
    const what = say(media.kind === 'picture' ? 'bc.media.picture' : 'bc.media.voice')
    const text = say('bc.media.of', { id: row.id, what })
    await passOn(tx, bells, seal, { personId, ...there, priority: 1, outbound: { text, media } }, now)
  }
}

/** Why what it carries cannot go out yet, in words; `undefined`: it can. */
export function mediaHurdle(row: BroadcastRow): string | undefined {
  const parts = [
    { what: say('bc.media.picture'), status: row.picture?.status },
    { what: say('bc.media.voice'), status: row.voice?.status },
  ]
  for (const { what, status } of parts) {
    if (status === 'refused') return say('bc.media.refused', { what })
    if (status === 'waiting') return say('bc.media.waiting', { what })
  }
  return row.pictureId !== null && !row.pictureAlt ? say('bc.picture.ask', row) : undefined
}

export function mediaInWords(row: BroadcastRow): string {
  const kinds = mediaOf(row).map(({ kind }) => say(kind === 'picture' ? 'bc.media.picture' : 'bc.media.voice'))
  return kinds.length === 0 ? '' : say('bc.preview.media', { what: kinds.join('、') })
}

const mediaOf = (row: BroadcastRow): OutboundMedia[] =>
  [pictureOf(row), recordingOf(row)].filter((media) => media !== undefined)
