import type { OutboundMedia } from '../domain/words.ts'
import { passOn } from '../outbox/pass-on.ts'
import { type BroadcastRow, changeDraft } from '../store/broadcasts.ts'
import { pictureOf, recordingOf } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import type { NoticeOrder } from './notice-order.ts'
import { answer, type NoticeWriting } from './notice-writing.ts'

/** 配图和录音: what a draft carries besides words, who is shown it before it goes out, and what keeps it from going. */

/** One line: a screen reader reads it all before anything else can be done. */
const longestAlt = 60

type MediaOrder = Extract<NoticeOrder, { act: 'attach' | 'detach' | 'alt' }>

/**
 * Put it in, take it out, or say what is on the picture.
 * @returns the draft as it is now and a word about it, or `undefined` when something was asked first.
 */
export async function changeMedia(
  writing: NoticeWriting,
  draft: BroadcastRow,
  order: MediaOrder,
): Promise<{ readonly draft: BroadcastRow; readonly hint: string } | undefined> {
  const { tx } = writing
  switch (order.act) {
    case 'attach': {
      const { attachment, kind } = order.media
      if (kind === 'voice') {
        const changed = await changeDraft(tx, draft.id, { voiceId: attachment })
        return { draft: changed, hint: say('bc.voice.in', changed) }
      }
      if (kind !== 'picture') {
        await answer(writing, say('bc.media.other'))
        return undefined
      }
      const changed = await changeDraft(tx, draft.id, { pictureId: attachment, pictureAlt: null })
      if (order.alt !== undefined) return describe(writing, changed, order.alt)
      await answer(writing, say('bc.picture.ask', changed))
      return undefined
    }
    case 'alt':
      return describe(writing, draft, order.words)
    case 'detach': {
      const none = order.what === 'picture' ? { pictureId: null, pictureAlt: null } : { voiceId: null }
      const changed = await changeDraft(tx, draft.id, none)
      const what = say(`bc.media.${order.what}`)
      return { draft: changed, hint: say('bc.media.out', { id: draft.id, what }) }
    }
  }
}

async function describe(writing: NoticeWriting, draft: BroadcastRow, words: string) {
  if (draft.pictureId === null) {
    await answer(writing, say('bc.picture.none', draft))
    return undefined
  }
  const pictureAlt = words.replace(/\s+/gu, ' ').trim()
  const long = [...pictureAlt].length
  if (long > longestAlt || long === 0) {
    const again =
      long === 0 ? say('bc.picture.ask', draft) : say('bc.picture.altLong', { shown: long, most: longestAlt })
    await answer(writing, again)
    return undefined
  }
  return { draft: await changeDraft(writing.tx, draft.id, { pictureAlt }), hint: '' }
}

/** Who decides sees and hears it as its receivers will: each of it once, cleaned, as soon as it is kept. */
export async function showMedia(writing: NoticeWriting, row: BroadcastRow, personId: number): Promise<void> {
  const { tx, bells, seal, now } = writing
  const there = personId === writing.personId ? { addressId: writing.addressId } : {}
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
