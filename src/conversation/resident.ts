import type { Suggestion } from '../classify/classifier.ts'
import type { RequestRow } from '../store/requests.ts'
import { saySeconds } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import { answer } from './intake.ts'
import { askAboutNotice, isQuestion, noticeHeard, passOn } from './notice-heard.ts'
import { consentTapped } from './referral-talk.ts'
import { afterClosing, askToWithdraw, statusOf, withdrawing } from './resident-after.ts'
import { crisisHeard, inCrisis } from './resident-crisis.ts'
import { add, callHuman } from './resident-human.ts'
import { beginIntake, confirming, consenting, goOnTelling, tapped } from './resident-intake.ts'
import { relay, relayMedia, relayTo } from './resident-relay.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import { answerBy, type ResidentView } from './view.ts'

/** The resident's part of the conversation. A crisis comes before everything, a person is one word away everywhere. */
export function residentTurn(state: ConversationState, event: Event, view: ResidentView): Turned {
  if (event.kind === 'crisis') return crisisHeard(state, event, view)
  if (event.kind === 'said' && view.invite) return join(state, view.invite)
  switch (event.kind) {
    case 'started':
      return greet(state, view)
    case 'chose':
      return chose(state, event.token, view)
    case 'sent':
      return sent(state, event, view)
    case 'showed':
      return showed(state, event, view)
    case 'said':
      return said(state, event, view)
  }
}

function said(state: ConversationState, event: Event & { kind: 'said' }, view: ResidentView): Turned {
  const { text, suggestion } = event
  const crisis = crisisIn(state, view)
  if (crisis) return inCrisis(state, crisis, event, view)
  if (suggestion.crisis) {
    const asked: ConversationState = { ...state, greeted: true, at: { step: 'crisis', requestId: 0, asked: 'safe' } }
    return { state: asked, effects: [{ do: 'crisis', crisis: suggestion.crisis, text }] }
  }
  if (view.lookup) return lookedUp(state, view.lookup, view)
  const toNotice = noticeHeard(state, event, view)
  if (toNotice) return toNotice
  const asked = shortWish(text, suggestion)
  if (asked === 'human') return callHuman(state, text, view)
  if (asked === 'delete') return callHuman(state, text, view, say('delete.asked', who(view)))
  if (asked === 'machine') return { state, effects: [{ do: 'say', text: say('resident.iAmMachine') }] }
  if (asked === 'status') return statusOf(state, view)
  if (asked === 'cancel') return askToWithdraw(state, view)

  switch (state.at.step) {
    case 'consent':
      return consenting(state, state.at, text, view)
    case 'intake':
      return goOnTelling(state, state.at, text, suggestion, view)
    case 'confirm':
      return confirming(state, state.at, text, suggestion, view)
    case 'withdraw':
    case 'feedback':
    case 'which':
    case 'unsure':
    case 'crisis':
    case 'noting':
    case 'notice':
    case 'idle':
      return fromIdle(state, event, view)
  }
}

/** Nothing is being asked: the words go to the worker who is on it, into the queue with the request, or open a new one. */
function fromIdle(state: ConversationState, event: Event & { kind: 'said' }, view: ResidentView): Turned {
  const { text, suggestion } = event
  const target = relayTo(view, event.about)
  if (target.kind === 'one') return relay(state, target.request, text)
  if (target.kind === 'several') return which(state, text, target.requests)
  const finished = view.requests.find((r) => r.status === 'resolved')
  const word = finished && wordOnClosing(text)
  if (finished && word) return afterClosing(state, 'solved', word, finished.id, view)
  const waiting = view.requests.find((r) => ['triage', 'queued', 'offered', 'active'].includes(r.status))
  if (waiting && suggestion.intent.label !== 'chat' && suggestion.intent.label !== 'thanks') {
    return add(state, waiting, text)
  }
  if (view.requests.some((r) => r.status === 'intake')) return beginIntake(state, text, suggestion, view)
  if (view.notice && isQuestion(text)) return unsure(state, text, view)
  switch (suggestion.intent.label) {
    case 'thanks':
      return { state, effects: [{ do: 'say', text: say('chat.thanks') }] }
    case 'chat':
      return waiting ? { state, effects: [{ do: 'say', text: say('chat.stillHere', waiting) }] } : greet(state, view)
    case 'complaint':
      return callHuman(state, text, view)
    case 'help_request':
      if (suggestion.intent.confidence >= 0.5) return beginIntake(state, text, suggestion, view)
      return unsure(state, text, view)
    default:
      // An honest "I do not know": one question, with a person among its answers.
      return [...suggestion.needs, ...suggestion.programmes].some((label) => label.given)
        ? beginIntake(state, text, suggestion, view)
        : unsure(state, text, view)
  }
}

function unsure(state: ConversationState, text: string, view: ResidentView): Turned {
  const held = state.at.step === 'unsure' ? [...state.at.held, text] : [text]
  const greeting: Effect[] = state.greeted ? [] : [{ do: 'say', text: say('resident.greeting') }]
  const notice = askAboutNotice(view)
  return {
    state: { ...state, greeted: true, at: { step: 'unsure', held } },
    effects: [
      ...greeting,
      {
        do: 'say',
        text: notice?.text ?? say('chat.unsure'),
        choices: [
          ...(notice ? [answer('unsure', 'notice', notice.yes)] : []),
          answer('unsure', 'yes', say('chat.unsure.yes')),
          ...(notice ? [] : [answer('unsure', 'status', say('chat.unsure.status'))]),
          answer('unsure', 'human', say('chat.unsure.human')),
        ],
      },
    ],
  }
}

function chose(state: ConversationState, token: string, view: ResidentView): Turned {
  const [kind, name = '', value = '', id = ''] = token.split(':')
  const stale: Turned = { state, effects: [{ do: 'say', text: say('stale') }] }
  if (kind !== 'q') return stale
  switch (name) {
    case 'unsure':
      return choseUnsure(state, value, view)
    case 'safe': {
      const crisis = crisisIn(state, view)
      return crisis ? inCrisis(state, crisis, { kind: 'chose', token, label: value }, view) : stale
    }
    case 'withdraw':
      return withdrawing(state, value, Number(id), view)
    case 'solved':
    case 'satisfied':
      return afterClosing(state, name, value, Number(id), view)
    case 'refer':
      return consentTapped(state, value, Number(id), view)
    case 'which': {
      const request = view.requests.find((r) => r.id === Number(value))
      if (state.at.step !== 'which' || !request) return stale
      return relay({ ...state, at: { step: 'idle' } }, request, state.at.text)
    }
    default:
      return tapped(state, name, value, view) ?? stale
  }
}

function choseUnsure(state: ConversationState, value: string, view: ResidentView): Turned {
  const held = state.at.step === 'unsure' ? state.at.held : []
  const idle: ConversationState = { ...state, at: { step: 'idle' } }
  if (value === 'status') return statusOf(idle, view)
  if (value === 'human') return callHuman(idle, held.join(';'), view)
  if (value === 'notice') return passOn(idle, held.join(';'), view, view.notice?.text ?? '')
  return beginIntake(idle, held.join(';'), undefined, view)
}

function greet(state: ConversationState, view: ResidentView): Turned {
  const open = view.requests.at(-1)
  return {
    state: { ...state, greeted: true },
    effects: [
      { do: 'say', text: say('resident.greeting') },
      ...(open && open.status !== 'intake' ? [{ do: 'say', text: say('chat.stillHere', open) } as const] : []),
    ],
  }
}

function sent(state: ConversationState, event: Event & { kind: 'sent' }, view: ResidentView): Turned {
  const { media } = event
  const noted =
    media.kind === 'voice'
      ? say('addedRecording', { seconds: media.seconds === undefined ? '' : saySeconds(media.seconds) })
      : say('addedPicture', { what: say(`media.${media.kind}`) })
  const target = relayTo(view, event.about)
  const request = target.kind === 'one' ? target.request : view.requests.find((r) => r.status !== 'resolved')
  if (!request) {
    // A recording as the first word is a plea that only a person can understand.
    const called = callHuman(state, event.caption ?? '', view)
    const passed: Effect = { do: 'say', to: -1, text: say(`media.${media.kind}`), media, relayFrom: 'resident' }
    return { state: called.state, effects: [...called.effects, passed, { do: 'say', text: noted }] }
  }
  return {
    state,
    effects: [...relayMedia(request, media, event.caption), { do: 'say', requestId: request.id, text: noted }],
  }
}

function showed(state: ConversationState, event: Event & { kind: 'showed' }, view: ResidentView): Turned {
  const open = view.requests.find((r) => r.status !== 'resolved')
  if (event.what === 'location' && event.text && open) {
    return {
      state,
      effects: [...add(state, open, event.text).effects.slice(0, -1), { do: 'say', text: say('location.kept') }],
    }
  }
  if (event.what === 'empty') return { state, effects: [{ do: 'say', text: say('empty') }] }
  if (!state.greeted) return greet(state, view)
  return {
    state,
    effects: [{ do: 'say', text: open ? say('chat.stillHere', open) : say('unsupported') }],
  }
}

function which(state: ConversationState, text: string, requests: readonly RequestRow[]): Turned {
  return {
    state: { ...state, at: { step: 'which', text } },
    effects: [
      {
        do: 'say',
        text: say('relay.which'),
        choices: requests
          .slice(0, 3)
          .map((r) => answer('which', String(r.id), `${r.number} ${r.assignee?.name ?? ''}`)),
      },
    ],
  }
}

function lookedUp(state: ConversationState, lookup: RequestRow | 'wrong' | 'too_many', view: ResidentView): Turned {
  if (lookup === 'wrong')
    return { state, effects: [{ do: 'wrong_code' }, { do: 'say', text: say('status.codeWrong') }] }
  if (lookup === 'too_many') return { state, effects: [{ do: 'say', text: say('status.codeTooMany') }] }
  return statusOf(state, { ...view, requests: [lookup] })
}

function join(state: ConversationState, invite: NonNullable<ResidentView['invite']>): Turned {
  return {
    state: { ...state, greeted: true, at: { step: 'idle' } },
    effects: [
      { do: 'join', inviteId: invite.id, staffId: invite.staffId },
      { do: 'say', text: say(invite.role === 'coordinator' ? 'staff.joinedCoordinator' : 'staff.joined', invite) },
    ],
  }
}

// --- internal

const who = (view: ResidentView) => ({ owner: view.coordinator.name, by: answerBy(view, 'normal') })

/** The crisis this person is in, while nobody has taken over from the bot. */
function crisisIn(state: ConversationState, view: ResidentView): RequestRow | undefined {
  if (state.at.step !== 'crisis') return undefined
  return view.requests.find((r) => r.urgency === 'crisis' && r.status !== 'resolved')
}

/** 回访 answered in the resident's own words instead of by a button. */
function wordOnClosing(text: string): 'yes' | 'no' | undefined {
  if (/没(有)?.{0,3}(解决|办好|弄好|好|用|人来)|还是(不行|没|老样子)|不满意|没变化/u.test(text)) return 'no'
  return text.length <= 12 && /解决了|办好了|弄好了|好了|可以了/u.test(text) ? 'yes' : undefined
}

type Wish = 'human' | 'status' | 'cancel' | 'machine' | 'delete'

/** A short wish is a command in any state; in a longer text the same word is part of the story. */
function shortWish(text: string, heard: Suggestion): Wish | undefined {
  const plain = text.normalize('NFKC').replace(/[\s。!!??,,~~.]/gu, '')
  if (/^(请)?(删除|删掉|清除)(我的)?(信息|记录|资料)|把我的(信息|记录|资料).{0,3}删/u.test(plain)) return 'delete'
  if (plain.length > 12) return undefined
  if (/(你|您)?是(机器人?|真人|人)(吗|还是)/u.test(plain)) return 'machine'
  if (/^(转)?人工(服务)?$|^真人$|^找(个)?(真)?人$|^转人工/u.test(plain)) return 'human'
  if (heard.intent.confidence < 0.7) return undefined
  const { label } = heard.intent
  return label === 'human' || label === 'status' || label === 'cancel' ? label : undefined
}
