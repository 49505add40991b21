import { noticeTopics, topicOf } from '../domain/notice.ts'
import { tick } from '../notices/door.ts'
import { answer, type NoticeWriting } from '../notices/writing.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { type BroadcastRow, broadcast, correctionOf } from '../store/broadcasts.ts'
import { noticeRules } from '../store/notice-rules.ts'
import { optIn, optOut, setCommunity, signUp, undoSignUp, wasSent } from '../store/recipients.ts'
import { firstWords, noticeWords, recordingOf } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import type { NoticeAnswer } from './notice-order.ts'
import type { Writing } from './writing.ts'

type AnswerWriting = NoticeWriting & Writing

/** What a receiver gets for what they do with a notice. Only who was sent it learns more of it. */
export async function writeNoticeAnswer(writing: AnswerWriting, asked: NoticeAnswer): Promise<void> {
  const { tx, personId, now, view } = writing
  switch (asked.act) {
    case 'none':
      return answer(writing, say('notice.none'))
    case 'opt_in':
      await optIn(tx, personId)
      return answer(writing, say('notice.resumed'))
    case 'opt_out_all':
      await optOut(tx, personId, noticeTopics, now)
      return answer(writing, say('notice.stoppedAll'))
    case 'place': {
      const place = view.notices.places.find((p) => p.communityId === asked.communityId)
      if (!place) return answer(writing, say('notice.place.which'))
      await setCommunity(tx, personId, place.communityId)
      return answer(writing, say('notice.place', place))
    }
    case 'tick':
      if (view.role === 'resident') return answer(writing, say('stale'))
      return tick({ ...writing, view }, asked.id, asked.personId)
    default: {
      const row = (await wasSent(tx, asked.id, personId)) ? await broadcast(tx, asked.id) : undefined
      return row ? ofNotice(writing, asked.act, row) : answer(writing, say('notice.none'))
    }
  }
}

async function ofNotice(
  writing: AnswerWriting,
  act: 'sign_up' | 'cancel_sign_up' | 'more' | 'who' | 'hear' | 'opt_out',
  row: BroadcastRow,
): Promise<void> {
  const { tx, personId, now } = writing
  const first = firstWords(row.text)
  switch (act) {
    case 'sign_up': {
      const later = await correctionOf(tx, row.id)
      const over =
        row.kind !== 'activity' || (row.expiresAt !== null && row.expiresAt <= now) || later?.kind === 'withdrawal'
      if (over) return answer(writing, say('notice.signUpOver'))
      const made = await signUp(tx, row.id, personId, now)
      return answer(writing, say(made ? 'notice.signedUp' : 'notice.signedUpBefore', { first }))
    }
    case 'cancel_sign_up': {
      const undone = await undoSignUp(tx, row.id, personId)
      return answer(writing, undone ? say('notice.signUpUndone', { first }) : say('notice.notSignedUp'))
    }
    case 'more': {
      const later = await correctionOf(tx, row.id)
      if (later?.kind === 'withdrawal') return answer(writing, say('notice.withdrawnLater'))
      if (later)
        return answer(writing, `${say('notice.corrected')}\n${[later.text, later.more ?? ''].join('\n').trim()}`)
      return answer(writing, row.more ?? say('notice.more.none'))
    }
    case 'hear': {
      const later = await correctionOf(tx, row.id)
      return later?.kind === 'withdrawal' ? answer(writing, say('notice.withdrawnLater')) : hear(writing, later ?? row)
    }
    case 'who': {
      const { sender } = await noticeRules(tx)
      const said = { first, sender, author: row.author.name }
      const approver = row.approvedBy?.name
      return answer(
        writing,
        approver === undefined ? say('notice.whoSentAlone', said) : say('notice.whoSent', { ...said, approver }),
      )
    }
    case 'opt_out': {
      const topic = topicOf(row.kind, row.emergency)
      if (topic === undefined) return answer(writing, say('notice.notStoppable'))
      await optOut(tx, personId, [topic], now)
      return answer(writing, say('notice.stopped'))
    }
  }
}

/** The recording of a person; what has none is said in words, and 念给我听 has those read by a machine. */
async function hear(writing: AnswerWriting, row: BroadcastRow): Promise<void> {
  const { tx, bells, seal, now, personId, addressId, key } = writing
  const media = recordingOf(row)
  if (!media) {
    const words = row.correctsId === null ? [] : [say('notice.corrected'), noticeWords(row)]
    return answer(writing, [...words, say('notice.hear.none')].join('\n'))
  }
  const outbound = { text: say('notice.recording', { first: firstWords(row.text) }), media }
  await enqueue(tx, bells, seal, { personId, addressId, dedupeKey: `${key}:notice`, priority: 1, outbound }, now)
}
