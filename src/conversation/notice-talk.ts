import { may } from '../domain/authorise.ts'
import { spokenMoment } from '../domain/day-words.ts'
import { noticeKinds } from '../domain/notice.ts'
import type { NoticeOrder } from './notice-order.ts'
import { refuse } from './staff-answers.ts'
import { command } from './staff-commands.ts'
import type { ConversationState } from './state.ts'
import type { Event, Turned } from './turned.ts'
import type { StaffView } from './view.ts'

/** 发通知, the coordinator's side: words and taps become orders; `notice-effects.ts` carries them out on the rows. */

/** An order in words, at any time. */
export function noticeOrdered(state: ConversationState, event: Event, view: StaffView): Turned | undefined {
  if (event.kind !== 'said') return undefined
  const order = spokenOrder(event.text, state, view)
  return order && obey(state, order, view)
}

/** Anything else said while a notice is being written: its words, or whom it is for. */
export function noticeSaid(state: ConversationState, event: Event, view: StaffView): Turned | undefined {
  if (event.kind !== 'said' || state.at.step !== 'notice' || command(event.text) !== undefined) return undefined
  const { asking, draft } = state.at
  const words = event.text
  return obey(state, asking === 'alt' ? { act: asking, draft, words } : { act: asking, draft, words }, view)
}

/** A picture or a recording while a notice is being written belongs to it; an answer to a request's message does not. */
export function noticeSent(
  state: ConversationState,
  event: Event & { kind: 'sent' },
  view: StaffView,
): Turned | undefined {
  if (state.at.step !== 'notice' || event.about !== undefined) return undefined
  const alt = event.caption?.trim()
  const order = { act: 'attach', draft: state.at.draft, media: event.media, alt: alt === '' ? undefined : alt } as const
  return obey(state, order, view)
}

/** A button below a preview, a question of approval or a notice on its way. */
export function noticeTapped(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [room, act = '', idText = '', extra = ''] = token.split(':')
  const id = Number(idText)
  if (room !== 'nb' || !Number.isSafeInteger(id)) return undefined
  switch (act) {
    case 'new':
      return obey(state, { act: 'begin_anew' }, view)
    case 'go':
      return obey(state, { act: 'resume', draft: id }, view)
    case 'drop':
    case 'propose':
      return obey(state, { act, draft: id }, view)
    case 'now':
      return obey(state, { act: 'send_alone', draft: id }, view)
    case 'kind': {
      const kind = noticeKinds.find((k) => k === extra)
      return kind && obey(state, { act: 'kind', draft: id, kind }, view)
    }
    case 'ok':
      return obey(state, { act: 'approve', id, version: Number(extra) }, view)
    case 'no':
      return obey(state, { act: 'refuse', id, version: Number(extra) }, view)
    case 'pause':
    case 'go_on':
    case 'stop':
      return obey(state, { act, id }, view)
    default:
      return undefined
  }
}

// --- internal

const draftIn = (state: ConversationState): number | null => (state.at.step === 'notice' ? state.at.draft : null)

const withNumber: readonly (readonly [RegExp, 'pause' | 'go_on' | 'stop' | 'withdraw' | 'unreached' | 'take_back'])[] =
  [
    [/^暂停(?:通知)?\s*(\d{1,9})$/u, 'pause'],
    [/^(?:继续|接着发)(?:通知)?\s*(\d{1,9})$/u, 'go_on'],
    [/^停止(?:通知)?\s*(\d{1,9})$/u, 'stop'],
    [/^撤回通知\s*(\d{1,9})$/u, 'withdraw'],
    [/^收回通知\s*(\d{1,9})$/u, 'take_back'],
    [/^未达(?:名单)?\s*(\d{1,9})$/u, 'unreached'],
  ]

function spokenOrder(text: string, state: ConversationState, view: StaffView): NoticeOrder | undefined {
  const draft = draftIn(state)
  const plain = text.normalize('NFKC').trim().replace(/^\//u, '')
  if (/^(?:发|写|新)?通知$/u.test(plain)) return { act: 'begin' }
  if (/^放弃通知$/u.test(plain)) return { act: 'drop', draft }
  const out = /^去掉(图片|录音)$/u.exec(plain)
  if (out) return { act: 'detach', draft, what: out[1] === '图片' ? 'picture' : 'voice' }
  if (/^模板$/u.test(plain)) return { act: 'templates' }
  const template = /^(?:模板|通知)\s+(\S{1,12})(?:\s+([\s\S]*))?$/u.exec(plain)
  if (template && (plain.startsWith('模板') || template[2] === undefined)) {
    const values = (template[2] ?? '').split(/[,、;\n]/u).map((value) => value.trim())
    return { act: 'template', draft, writing: state.at.step === 'notice', name: template[1] ?? '', values }
  }
  for (const [pattern, act] of withNumber) {
    const [, id] = pattern.exec(plain) ?? []
    if (id !== undefined) return { act, id: Number(id) }
  }
  const progress = /^通知进度\s*(\d{1,9})?$/u.exec(plain)
  if (progress) return { act: 'progress', id: progress[1] === undefined ? undefined : Number(progress[1]) }
  if (/^更正通知/u.test(plain)) {
    const [, id, words = ''] = /^更正通知\s*(\d{1,9})\s*([\s\S]*)$/u.exec(plain) ?? []
    return id === undefined ? { act: 'wrong', why: 'correct' } : { act: 'correct', id: Number(id), words }
  }
  if (/^上门(?:\s|\d|$)/u.test(plain)) {
    const [, id, community = '', code = ''] = /^上门\s*(\d{1,9})\s+(\S+)\s+(\S+)$/u.exec(plain) ?? []
    return id === undefined ? { act: 'wrong', why: 'door' } : { act: 'door', id: Number(id), community, code }
  }
  return ofDraft(plain, draft, view)
}

/** What changes the draft that was begun: 正文, 详情, 图片说明, 对象, 时间, 过期. */
function ofDraft(plain: string, draft: number | null, view: StaffView): NoticeOrder | undefined {
  const [, what = '', rest = ''] = /^(正文|详情|图片说明|对象|时间|过期)[\s:]+([\s\S]+)$/u.exec(plain) ?? []
  const at = () => spokenMoment(rest, view.now, view.calendar.zone)
  switch (what) {
    case '正文':
      return { act: 'text', draft, words: rest }
    case '详情':
      return { act: 'more', draft, words: rest }
    case '图片说明':
      return { act: 'alt', draft, words: rest }
    case '对象':
      return { act: 'audience', draft, words: rest }
    case '时间':
      return { act: 'start_at', draft, at: at() }
    case '过期':
      return { act: 'expires_at', draft, at: at() }
    default:
      return undefined
  }
}

/** Whoever is not a coordinator gets nowhere, whatever they write or tap. */
function obey(state: ConversationState, order: NoticeOrder, view: StaffView): Turned {
  if (!may(view.staff.role, 'broadcast', { own: false, sameAgency: false })) return refuse(state)
  return { state: after(state, order), effects: [{ do: 'notice', order }] }
}

type Asking = Extract<ConversationState['at'], { step: 'notice' }>

/** What the next plain words will be taken for. */
function after(state: ConversationState, order: NoticeOrder): ConversationState {
  const at = (asking: Asking['asking'], draft: number | null, askedBefore?: Asking['before']): ConversationState => ({
    ...state,
    greeted: true,
    at: { step: 'notice', asking, draft, ...(askedBefore === undefined ? {} : { before: askedBefore }) },
  })
  const before = lastAsked(state)
  switch (order.act) {
    case 'begin':
    case 'begin_anew':
    case 'correct':
      return at('text', null)
    case 'template':
    case 'text':
      return at('text', order.draft)
    case 'resume':
      return at('text', order.draft)
    case 'kind':
    case 'audience':
      return at('audience', order.draft)
    case 'attach':
      // Only a picture has to be described; the recording speaks for itself.
      if (order.media.kind !== 'picture') return state
      return order.alt === undefined ? at('alt', order.draft, before) : at(before, order.draft)
    case 'alt':
    case 'detach':
      return state.at.step === 'notice' ? at(before, order.draft) : state
    case 'drop':
    case 'propose':
    case 'send_alone':
      return { ...state, greeted: true, at: { step: 'idle' } }
    default:
      return state
  }
}

function lastAsked({ at }: ConversationState): 'text' | 'audience' {
  if (at.step !== 'notice') return 'text'
  return at.asking === 'alt' ? (at.before ?? 'text') : at.asking
}
