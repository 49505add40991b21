import { coreChars, fillPlaces } from '../domain/notice-text.ts'
import { approve, propose, refuse, sendAlone, takeBack } from '../notices/approval.ts'
import { audienceFrom, ofKind, wrongTime } from '../notices/draft.ts'
import { mediaHurdle, showMedia } from '../notices/media.ts'
import { findingsInWords, findingsOf, previewInWords, previewOf, reachable, stops } from '../notices/preview.ts'
import { askDoor, correct, listUnreached, progress, steer, withdraw } from '../notices/steering.ts'
import { answer, type CoordinatorWriting, type NoticeWriting, outboundOf } from '../notices/writing.ts'
import { enqueue } from '../outbox/enqueue.ts'
import {
  type BroadcastRow,
  changeDraft,
  draftOf,
  lockBroadcast,
  newDraft,
  recentBroadcasts,
  takeNoticeStep,
} from '../store/broadcasts.ts'
import { noticeRules } from '../store/notice-rules.ts'
import { doneOf, firstWords } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import { writeNoticeAnswer } from './notice-answers.ts'
import { changeMedia } from './notice-media.ts'
import type { NoticeOrder } from './notice-order.ts'
import type { Effect } from './turned.ts'
import type { Writing } from './writing.ts'

/** Carries out what a coordinator orders about notices, on the rows, in the turn's transaction. */

/** Orders come from colleagues only; anybody may have been sent a notice and answers it. */
export async function writeNotices(
  turn: Writing,
  effect: Extract<Effect, { do: 'notice' | 'notice_answer' }>,
): Promise<void> {
  const writing = { ...turn, reply: inChat(turn) }
  if (effect.do === 'notice_answer') return writeNoticeAnswer(writing, effect.answer)
  const { view } = turn
  if (view.role === 'resident') throw new Error('a resident cannot do what only staff may')
  return carryOut({ ...writing, view }, effect.order)
}

/** The answer goes to the chat it was asked in. */
const inChat =
  ({ tx, bells, seal, now, personId, addressId, key }: Writing): NoticeWriting['reply'] =>
  async (text, choices) => {
    const letter = { personId, addressId, dedupeKey: `${key}:notice`, priority: 1 as const }
    await enqueue(tx, bells, seal, { ...letter, outbound: outboundOf(text, choices) }, now)
  }

async function carryOut(writing: CoordinatorWriting, order: NoticeOrder): Promise<void> {
  switch (order.act) {
    case 'begin':
      return begin(writing)
    case 'begin_anew':
      await newDraft(writing.tx, { authorId: writing.view.staff.id, at: writing.now })
      return askText(writing)
    case 'templates':
      return listTemplates(writing)
    case 'template':
      return fillTemplate(writing, order)
    case 'approve':
      return approve(writing, order)
    case 'refuse':
      return refuse(writing, order)
    case 'take_back':
      return takeBack(writing, order.id)
    case 'pause':
    case 'go_on':
    case 'stop':
      return steer(writing, order.act, order.id)
    case 'withdraw':
      return afterPutRight(writing, await withdraw(writing, order.id))
    case 'correct':
      return afterPutRight(writing, await correct(writing, order.id, order.words))
    case 'progress':
      return order.id === undefined ? listRecent(writing) : progress(writing, order.id)
    case 'unreached':
      return listUnreached(writing, order.id)
    case 'door':
      return askDoor(writing, order)
    case 'wrong':
      return answer(writing, order.why === 'door' ? say('door.usage') : say('bc.correct.usage'))
    default:
      return ofDraft(writing, order)
  }
}

/** Orders about what is being written. */
async function ofDraft(
  writing: CoordinatorWriting,
  order: Extract<NoticeOrder, { draft: number | null }>,
): Promise<void> {
  const { tx, now } = writing
  const draft = await draftOf(tx, writing.view.staff.id, order.draft)
  if (!draft) return answer(writing, say('bc.noDraft'))
  switch (order.act) {
    case 'drop':
      await takeNoticeStep(tx, draft, 'drop')
      return answer(writing, say('bc.dropped', draft))
    case 'resume':
      return next(writing, draft)
    case 'ask_kind':
      return askKind(writing, draft, '')
    case 'text':
      return next(writing, await changeDraft(tx, draft.id, { text: order.words.trim() }))
    case 'more':
      return next(writing, await changeDraft(tx, draft.id, { more: order.words.trim() }))
    case 'attach':
    case 'detach':
    case 'alt': {
      const changed = await changeMedia(writing, draft, order)
      return changed && next(writing, changed.draft, changed.hint)
    }
    case 'kind': {
      const changed = await changeDraft(tx, draft.id, ofKind(draft, order.kind))
      return changed.audience ? next(writing, changed) : answer(writing, say('bc.audience.ask'))
    }
    case 'audience':
      return setAudience(writing, draft, order.words)
    case 'start_at':
    case 'expires_at': {
      if (order.at === undefined) return answer(writing, say('bc.time.unclear'))
      const change = order.act === 'start_at' ? { startAt: order.at } : { expiresAt: order.at }
      const wrong = wrongTime(draft, change, now)
      if (wrong) return answer(writing, say(wrong))
      return next(writing, await changeDraft(tx, draft.id, change))
    }
    case 'propose':
      return propose(writing, draft)
    case 'send_alone':
      return sendAlone(writing, draft)
    case 'template':
      return
  }
}

async function begin(writing: CoordinatorWriting): Promise<void> {
  const { tx, view, now } = writing
  const draft = await draftOf(tx, view.staff.id, null)
  if (draft && draft.text !== '') {
    return answer(writing, say('bc.draft.there', { id: draft.id, text: firstWords(draft.text) }), [
      { token: `nb:go:${draft.id}`, label: say('bc.draft.go') },
      { token: `nb:new:${draft.id}`, label: say('bc.draft.new') },
      { token: `nb:drop:${draft.id}`, label: say('bc.draft.drop') },
    ])
  }
  if (!draft) await newDraft(tx, { authorId: view.staff.id, at: now })
  return askText(writing)
}

const textAsked = (): string => say('bc.text.ask', { most: coreChars })
const askText = (writing: CoordinatorWriting): Promise<void> => answer(writing, textAsked())

/** Whatever is missing comes next: the words put right, the kind, whom it is for; and when all is there, the preview. */
async function next(writing: CoordinatorWriting, draft: BroadcastRow, hint = ''): Promise<void> {
  if (draft.text === '') return answer(writing, [hint, textAsked()].filter((line) => line !== '').join('\n'))
  const findings = await findingsOf(writing, draft)
  const checked = [findingsInWords(findings), hint].filter((line) => line !== '').join('\n')
  if (stops(findings)) return answer(writing, `${checked}\n${say('bc.rewrite')}`)
  if (!draft.audience) return askKind(writing, draft, checked)
  const preview = await previewOf(writing, draft)
  if (!preview) return
  const send = draft.emergency
    ? { token: `nb:now:${draft.id}`, label: say('bc.send.now') }
    : { token: `nb:propose:${draft.id}`, label: say('bc.send.propose') }
  const drop = { token: `nb:drop:${draft.id}`, label: say('bc.send.drop') }
  const choices = reachable(preview) === 0 ? [drop] : [send, drop]
  const advice = findings.length === 0 && hint === '' ? '' : `${checked}\n`
  if (mediaHurdle(draft) === undefined) await showMedia(writing, draft, writing.personId)
  return answer(writing, `${advice}${previewInWords(writing, draft, preview)}`, choices)
}

function askKind(writing: CoordinatorWriting, draft: BroadcastRow, before: string): Promise<void> {
  const kinds = ['notice', 'activity', 'emergency'] as const
  const choices = kinds.map((kind) => ({ token: `nb:kind:${draft.id}:${kind}`, label: say(`bc.kind.${kind}`) }))
  return answer(writing, [before, say('bc.kind.ask')].filter((line) => line !== '').join('\n'), choices)
}

async function setAudience(writing: CoordinatorWriting, draft: BroadcastRow, words: string): Promise<void> {
  const { audience, unknown } = audienceFrom(words, writing.view.notices.places)
  if (!audience) {
    const text = unknown.length > 0 ? say('bc.audience.unknown', { words: unknown.slice(0, 5).join('、') }) : ''
    const language = unknown.some((word) => /[说讲看](?:.{1,5})[语话文]/u.test(word)) ? say('bc.audience.language') : ''
    return answer(writing, [text, language, say('bc.audience.ask')].filter((line) => line !== '').join('\n'))
  }
  return next(writing, await changeDraft(writing.tx, draft.id, { audience }))
}

async function listTemplates(writing: CoordinatorWriting): Promise<void> {
  const { templates } = await noticeRules(writing.tx)
  if (templates.length === 0) return answer(writing, say('bc.templates.none'))
  const lines = templates.map((template) => say('bc.templates.line', template))
  return answer(writing, [say('bc.templates.head'), ...lines].join('\n'))
}

async function fillTemplate(
  writing: CoordinatorWriting,
  order: Extract<NoticeOrder, { act: 'template' }>,
): Promise<void> {
  const { tx, view, now } = writing
  const template = (await noticeRules(tx)).templates.find(({ name }) => name === order.name)
  if (!template) return answer(writing, say('bc.templates.noSuch', order))
  const text = fillPlaces(template.text, order.values)
  const { kind } = template
  const draft = await draftOf(tx, view.staff.id, order.draft)
  // What was begun and left for later is not written over.
  const row = draft?.text === '' || order.writing ? draft : undefined
  const filled = row ?? (await newDraft(tx, { authorId: view.staff.id, at: now }))
  const changed = await changeDraft(tx, filled.id, { text, kind, emergency: kind === 'emergency' })
  return next(writing, changed)
}

async function listRecent(writing: CoordinatorWriting): Promise<void> {
  const rows = await recentBroadcasts(writing.tx, 8)
  if (rows.length === 0) return answer(writing, say('bc.list.none'))
  const lines = rows.map((row) =>
    say('bc.list.line', {
      id: row.id,
      state: say(`bc.state.${row.status}`),
      kind: say(`notice.kind.${row.kind}`),
      done: doneOf(row.counts),
      all: row.counts.audience,
      text: firstWords(row.text),
    }),
  )
  return answer(writing, [say('bc.list.head'), ...lines].join('\n'))
}

/** A correction or withdrawal has its audience already: those who were told the wrong thing. */
async function afterPutRight(
  writing: CoordinatorWriting,
  made: { readonly draft: BroadcastRow; readonly hint: string } | undefined,
): Promise<void> {
  if (!made) return
  if (made.draft.text === '') return answer(writing, made.hint)
  return next(writing, (await lockBroadcast(writing.tx, made.draft.id)) ?? made.draft, made.hint)
}
