import { matchChoice } from '../domain/choice-words.ts'
import type { Choice } from '../domain/words.ts'
import { firstWords } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import type { NoticeAnswer } from './notice-order.ts'
import { callHuman } from './resident-human.ts'
import type { ConversationState } from './state.ts'
import type { Ambiguous, Event, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/** The receiver's side of a notice: taps and words that belong to one, and answers that only a person can give. */

/** A tap below a notice, by anybody who was sent it; `undefined`: it is no such tap. */
export function noticeChose(state: ConversationState, token: string): Turned | undefined {
  const [room, act = '', idText = ''] = token.split(':')
  if (room === 'nd') return answered(state, { act: 'tick', id: Number(act), personId: Number(idText) })
  const id = Number(idText)
  if (room !== 'n' || !Number.isSafeInteger(id)) return undefined
  switch (act) {
    case 'yes':
      return answered(state, { act: 'sign_up', id })
    case 'stop':
      return answered(state, { act: 'opt_out', id })
    case 'more':
    case 'who':
    case 'hear':
      return answered(state, { act, id })
    default:
      return undefined
  }
}

/** Words that are about notices whatever else is going on. */
export function noticeHeard(
  state: ConversationState,
  event: Event & { kind: 'said' },
  view: ResidentView,
): Turned | undefined {
  const { notice } = view
  const wish = noticeWish(event.text)
  if (wish === undefined) {
    // Whoever uses "reply" on a notice speaks of it, and a person answers.
    return notice?.replied === true ? passOn(state, event.text, view, notice.text) : undefined
  }
  if (wish.is === 'place') {
    const communityId = [...view.communities].find(([, name]) => wish.name === name)?.[0]
    return answered(state, { act: 'place', communityId: communityId ?? placeNamed(wish.name, view) })
  }
  if (wish.is === 'opt_in') return answered(state, { act: 'opt_in' })
  if (wish.is === 'opt_out_all') return answered(state, { act: 'opt_out_all' })
  if (wish.is === 'died') {
    // Somebody mourns: nothing more is sent, and a person speaks with them.
    const { effects, state: after } = callHuman(state, event.text, view)
    return { state: after, effects: [{ do: 'notice_answer', answer: { act: 'opt_out_all' } }, ...effects] }
  }
  if (!notice) return undefined
  return answered(state, { act: wish.is, id: notice.id })
}

/** Nothing else was understood, and there was a notice: it is asked whether that is meant. */
export function askAboutNotice(view: ResidentView): { text: string; yes: string } | undefined {
  return view.notice && { text: say('notice.ask', { first: firstWords(view.notice.text) }), yes: say('notice.ask.yes') }
}

/** To a person, with the notice it is about: a named one, by a clock time, as with any plea. */
export function passOn(state: ConversationState, text: string, view: ResidentView, notice: string): Turned {
  return callHuman(state, say('notice.answer', { first: firstWords(notice), text }), view)
}

/** A number or a label that fits both a notice and the question it came in between. */
export function eitherTurn(state: ConversationState, { said, choices }: Ambiguous): Turned {
  return { state, effects: [{ do: 'say', text: say('notice.either', { said }), choices }] }
}

/** Whether this may be about a notice: only then is it looked up which. */
export const mayConcernNotice = (event: Event & { kind: 'said' }): boolean =>
  isNoticeWish(event.text) || isQuestion(event.text) || event.suggestion.intent.label !== 'help_request'

/** A short question soon after a notice is more likely about it than a plea: it is asked which. */
export const isQuestion = (text: string): boolean =>
  text.length <= 24 && /吗|呢|[？?]\s*$|几点|几号|哪里|在哪|怎么去|要带|要不要|能不能/u.test(text)

/** 详情, 谁发的, 不再收…: words that name a notice, of whatever day. */
export const isNoticeWish = (text: string): boolean => noticeWish(text) !== undefined

// --- what a short answer means

interface Menu {
  readonly choices: readonly Choice[]
  /** The beginning of the text that carries the choices. */
  readonly first: string
}

/**
 * Which choice an answer in words means, with the newest menu first. A notice that came after a question is not the
 * question: where the answer fits both, `either` is returned, except that a question of safety comes before everything.
 */
export function meantBy(said: string, menus: readonly Menu[], parts: boolean): Choice | Ambiguous | undefined {
  const question = menus.findIndex((menu) => !isNotice(menu))
  const asked = menus[question]
  const notices = question === -1 ? menus : menus.slice(0, question)
  const answersQuestion = asked && matchChoice(said, asked.choices, parts)
  if (answersQuestion?.token.startsWith('q:safe')) return answersQuestion
  const answersNotices = notices.flatMap((menu) => {
    const choice = matchChoice(said, menu.choices, parts)
    return choice ? [{ choice, menu }] : []
  })
  const [newest] = answersNotices
  if (!newest) return answersQuestion
  const signUps = answersNotices.filter(({ choice }) => choice.token.startsWith('n:yes:'))
  // Of two notices only a sign-up is worth asking which; what is asked about a notice is asked about the newest.
  const candidates = signUps.length > 1 ? signUps : [newest]
  if (!answersQuestion && candidates.length === 1) return newest.choice
  return {
    kind: 'either',
    said,
    choices: [
      ...candidates.slice(0, 2).map(({ choice, menu }) => ({
        token: choice.token,
        label: say('notice.either.act', { label: choice.label, first: menu.first }),
      })),
      ...(answersQuestion
        ? [{ token: answersQuestion.token, label: say('notice.either.other', { label: answersQuestion.label }) }]
        : []),
    ],
  }
}

const isNotice = ({ choices }: Menu): boolean =>
  choices.length > 0 && choices.every(({ token }) => token.startsWith('n:'))

// --- words

type Wish =
  | {
      readonly is:
        | 'more'
        | 'who'
        | 'hear'
        | 'opt_out'
        | 'cancel_sign_up'
        | 'sign_up'
        | 'opt_in'
        | 'opt_out_all'
        | 'died'
    }
  | { readonly is: 'place'; readonly name: string }

function noticeWish(text: string): Wish | undefined {
  const plain = text.normalize('NFKC').replace(/[\s。!!??,,~.]/gu, '')
  if (
    /(?:别|不要|不用)再?(?:给我|给他|给她)?(?:发|通知)/u.test(plain) &&
    /去世|过世|走了|不在了|没了|死了/u.test(plain)
  )
    return { is: 'died' }
  if (plain.length > 14) return undefined
  const place = /^(?:我的)?社区[::](.{2,8})$|^社区(.{2,8}社区)$/u.exec(plain)
  if (place) return { is: 'place', name: place[1] ?? place[2] ?? '' }
  for (const [pattern, is] of wishes) if (pattern.test(plain)) return { is }
  return undefined
}

const wishes = [
  [/^(?:看|要)?(?:详情|详细|更多)(?:内容)?$/u, 'more'],
  [/^(?:这|这个|这条|通知)?(?:是)?(?:谁|哪里|哪个单位)发的(?:通知|消息)?$/u, 'who'],
  [/^(?:我要|我想)?(?:听|放)(?:一下|这个|通知)?录音$/u, 'hear'],
  [/^(?:我要|想)?报名$/u, 'sign_up'],
  [/^(?:取消|不)报名(?:了)?$/u, 'cancel_sign_up'],
  [/^(?:以后)?(?:不再收这类|不收这类|这类别再?发了?|退订)(?:通知)?$/u, 'opt_out'],
  [/^(?:以后)?(?:不再收|不收|别再?发|不要再?发)(?:通知|消息)?(?:了)?$/u, 'opt_out_all'],
  [/^恢复(?:收)?通知$/u, 'opt_in'],
] as const

function placeNamed(name: string, view: ResidentView): number | undefined {
  return view.notices.places.find((p) => p.community === name || p.aliases.includes(name))?.communityId
}

const answered = (state: ConversationState, answer: NoticeAnswer): Turned => ({
  state: { ...state, greeted: true },
  effects: [{ do: 'notice_answer', answer }],
})
