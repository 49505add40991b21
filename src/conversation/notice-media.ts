import { answer, type NoticeWriting } from '../notices/writing.ts'
import { type BroadcastRow, changeDraft } from '../store/broadcasts.ts'
import { say } from '../texts/say.ts'
import type { NoticeOrder } from './notice-order.ts'

/** 配图和录音: what a draft carries besides words, put in and taken out in chat. */

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
