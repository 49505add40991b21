import { isAboutOthers } from '../classify/slots.ts'
import type { Urgency } from '../domain/taxonomy.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { answer } from './intake.ts'
import { isOnlyBegun } from './intake-words.ts'
import { askAboutNotice, isQuestion, noticeHeard, passOn } from './notice-heard.ts'
import { personSaid, personTapped, personWish } from './person-talk.ts'
import { heldBack, stillBlocked } from './quiet-talk.ts'
import { consentTapped } from './referral-talk.ts'
import { afterClosing, askToWithdraw, statusOf, withdrawing } from './resident-after.ts'
import { consenting } from './resident-consent.ts'
import { crisisHeard, crisisIn, inCrisis } from './resident-crisis.ts'
import { add, callHuman } from './resident-human.ts'
import { beginIntake, confirming, goOnTelling, tapped } from './resident-intake.ts'
import { heardWrongly, sent, transcribed, withoutIdentity } from './resident-media.ts'
import { greet, showed } from './resident-other.ts'
import { follow, isForeign, prefer, preferencesSaid } from './resident-prefer.ts'
import { relay, relayTo } from './resident-relay.ts'
import { shortWish } from './resident-wishes.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import { answerBy, type ResidentView } from './view.ts'

/** The resident's part of the conversation. A crisis comes before everything, a person is one word away everywhere. */
export function residentTurn(state: ConversationState, event: Event, view: ResidentView): Turned {
  if (event.kind === 'crisis') return crisisHeard(state, event, view)
  if (event.kind === 'said' && view.invite) return join(state, view.invite)
  if (event.kind === 'said' && looksLikeInvitation.test(event.text)) {
    return { state, effects: [{ do: 'say', text: say('staff.inviteBad') }] }
  }
  if (heldBack(event, view) && !(event.kind === 'said' && event.suggestion.crisis) && !crisisIn(state, view)) {
    return stillBlocked(state, view)
  }
  switch (event.kind) {
    case 'started':
      return greet(state, view)
    case 'chose':
      return chose(state, event.token, view)
    case 'sent':
      return sent(state, event, view)
    case 'transcribed':
      return transcribed(state, event.text, view)
    case 'showed':
      return showed(state, event, view)
    case 'said':
      return withoutIdentity(event, (heard) => said(state, heard, view))
  }
}

function said(state: ConversationState, event: Event & { kind: 'said' }, view: ResidentView): Turned {
  const { text, suggestion } = event
  const crisis = crisisIn(state, view)
  const wished = preferencesSaid(text)
  const preferred = wished && prefer(state, wished, view)
  if (crisis) {
    // Heard there too, and the words still go on to the people.
    const going = inCrisis(state, crisis, event, view)
    const effects = preferred?.effects.filter((effect) => effect.do === 'prefer') ?? []
    return { state: going.state, effects: [...effects, ...going.effects] }
  }
  if (wished && preferred && !suggestion.crisis) {
    if (wished.rest === '') return preferred
    const rest = said(state, { ...event, text: wished.rest }, view)
    return { state: rest.state, effects: [...preferred.effects, ...rest.effects] }
  }
  if (suggestion.crisis) {
    const asked = isAboutOthers(text) ? 'done' : 'safe'
    const held = state.at.step === 'consent' || state.at.step === 'unsure' ? state.at.held : []
    return {
      state: { ...state, greeted: true, at: { step: 'crisis', requestId: 0, asked } },
      effects: [{ do: 'crisis', crisis: suggestion.crisis, text: [...held, text].join('；') }],
    }
  }
  const followed = follow(text, view)
  const turned = understood(state, event, view)
  return followed.length === 0 ? turned : { ...turned, effects: [...followed, ...turned.effects] }
}

/** What is said outside a crisis, once it is known in which words to answer. */
function understood(state: ConversationState, event: Event & { kind: 'said' }, view: ResidentView): Turned {
  const { text, suggestion } = event
  const speaking = personWish(text)
  if (speaking) return personSaid(state, speaking, view)
  if (view.lookup) return lookedUp(state, view.lookup, view)
  const toNotice = noticeHeard(state, event, view)
  if (toNotice) return toNotice
  const asked = shortWish(text, suggestion, state)
  if (asked === 'human') return callHuman(state, text, view)
  if (asked === 'delete') return callHuman(state, text, view, say('delete.asked', who(view)))
  if (asked === 'machine') return { state, effects: [{ do: 'say', text: say('resident.iAmMachine') }] }
  if (asked === 'status') return statusOf(state, view)
  if (asked === 'cancel') return askToWithdraw(state, view)
  if (isForeign(text) && ['idle', 'unsure', 'consent'].includes(state.at.step) && view.requests.every(isNotYetTold)) {
    return callHuman(state, text, view, say('language', { by: answerBy(view, 'urgent') }))
  }

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
    case 'tasking':
    case 'idle':
      return fromIdle(state, event, view)
  }
}

/** Nothing is being asked: the words go to the worker who is on it, into the queue with the request, or open a new one. */
function fromIdle(state: ConversationState, event: Event & { kind: 'said' }, view: ResidentView): Turned {
  const { text, suggestion } = event
  const target = relayTo(view, event.about)
  const under = view.requests.filter((r) => ['triage', 'queued', 'offered', 'active'].includes(r.status))
  const other = state.at.step === 'which' || soundsNew.test(text)
  if (event.about === undefined && under.length > 0 && other) return which(state, text, under)
  if (target.kind === 'one') return relay(state, target.request, text, view)
  if (target.kind === 'several') return which(state, text, target.requests)
  const finished = view.requests.find((r) => r.status === 'resolved')
  const word = finished && wordOnClosing(text)
  if (finished && word) return afterClosing(state, 'solved', word, finished.id, view)
  const [waiting] = under
  if (waiting && suggestion.intent.label !== 'chat' && suggestion.intent.label !== 'thanks') {
    return add(state, waiting, text)
  }
  if (view.requests.some((r) => r.status === 'intake')) return beginIntake(state, text, suggestion, view)
  if (view.notice && isQuestion(text)) return unsure(state, text, view)
  if (!waiting && isOnlyBegun(text)) return beginIntake(state, text, suggestion, view)
  switch (suggestion.intent.label) {
    case 'thanks':
      return { state, effects: [{ do: 'say', text: say('chat.thanks') }] }
    case 'chat':
      if (waiting) return { state, effects: [{ do: 'say', text: say('chat.stillHere', waiting) }] }
      return state.greeted ? { state, effects: [{ do: 'say', text: say('chat.here') }] } : greet(state, view)
    case 'complaint':
      return callHuman(state, text, view, say('complaint.heard', who(view, 'urgent')))
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
    case 'link':
    case 'share':
      return personTapped(state, name, value, Number(id), view) ?? stale
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
    case 'heard':
      return heardBack(state, value, view) ?? stale
    case 'which': {
      if (state.at.step !== 'which') return stale
      const idle: ConversationState = { ...state, at: { step: 'idle' } }
      if (value === 'new') return beginIntake(idle, state.at.text, view.heldSuggestion, view)
      const request = view.requests.find((r) => r.id === Number(value))
      return request ? relay(idle, request, state.at.text, view) : stale
    }
    default:
      return tapped(state, name, value, view) ?? stale
  }
}

/** The answer to what a machine wrote down of a recording: with a yes it counts as said. */
function heardBack(state: ConversationState, value: string, view: ResidentView): Turned | undefined {
  const { spoken: text, ...rest } = state
  const suggestion = view.spokenSuggestion
  if (text === undefined || suggestion === undefined) return undefined
  if (value === 'no') return heardWrongly(rest, view)
  return said(rest, { kind: 'said', text, suggestion }, view)
}

function choseUnsure(state: ConversationState, value: string, view: ResidentView): Turned {
  const held = state.at.step === 'unsure' ? state.at.held : []
  const idle: ConversationState = { ...state, at: { step: 'idle' } }
  if (value === 'status') return statusOf(idle, view)
  if (value === 'human') return callHuman(idle, held.join('；'), view)
  if (value === 'notice') return passOn(idle, held.join('；'), view, view.notice?.text ?? '')
  return beginIntake(idle, held.join('；'), undefined, view)
}

/** Never a guess. What is said while the question stands belongs to the same answer. */
function which(state: ConversationState, text: string, requests: readonly RequestRow[]): Turned {
  const words = state.at.step === 'which' ? `${state.at.text}\n${text}` : text
  return {
    state: { ...state, at: { step: 'which', text: words } },
    effects: [
      {
        do: 'say',
        text: say('relay.which'),
        choices: [
          ...requests
            .slice(-3)
            .map((r) => answer('which', String(r.id), `求助${r.number} ${r.assignee?.name ?? ''}`.trim())),
          answer('which', 'new', say('relay.new')),
        ],
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

const who = (view: ResidentView, urgency: Urgency = 'normal') => ({
  owner: view.coordinator.name,
  by: answerBy(view, urgency),
})

const looksLikeInvitation = /^\s*加入[\s:：]*[A-Za-z0-9]{6,16}\s*$/u

/** Another matter than the one under way: asked, not guessed. */
const soundsNew =
  /^(?:对了|那个)?[,，\s]*(?:我)?(?:还有|另外|另)(?:还)?(?:有)?[一1两2]?(?:件|个)?(?:别的|其他|新的|的)?(?:事|问题|困难)|^(?:我)?(?:要|想)?(?:再|重新|新)(?:求助|登记|报一个|报一件)/u

const isNotYetTold = (request: RequestRow): boolean => request.status === 'intake' || request.status === 'resolved'

/** 回访 answered in the resident's own words instead of by a button. */
function wordOnClosing(text: string): 'yes' | 'no' | undefined {
  if (/没(有)?.{0,3}(解决|办好|弄好|好|用|人来)|还是(不行|没|老样子)|不满意|没变化/u.test(text)) return 'no'
  return text.length <= 12 && /解决了|办好了|弄好了|好了|可以了/u.test(text) ? 'yes' : undefined
}
