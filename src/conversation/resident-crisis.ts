import { isAboutOthers } from '../classify/slots.ts'
import { mask } from '../domain/mask.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { inChinese } from '../texts/voice.ts'
import { keepWords } from './resident-human.ts'
import { relay } from './resident-relay.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/**
 * 危机: the numbers and the safety question were sent at the door. Here the bot stays, asks one thing at a time (safe?
 * where? alone?) and passes every word on; once a named person has taken over it is silent.
 */
export function crisisHeard(state: ConversationState, event: Event & { kind: 'crisis' }, view: ResidentView): Turned {
  const request = view.requests.find((r) => r.id === event.requestId)
  if (!request) return { state, effects: [] }
  const known = state.at.step === 'crisis' && state.at.requestId === request.id
  // What waited for a yes to the notice waits no longer: a life comes before consent.
  const held = state.at.step === 'consent' || state.at.step === 'unsure' ? state.at.held : []
  const asked = isAboutOthers(event.text) ? 'done' : 'safe'
  return {
    state: {
      ...state,
      greeted: true,
      at: known ? state.at : { step: 'crisis', requestId: request.id, asked },
    },
    effects: [keepWords(request, ...held, event.text), ...tellPeople(request, [...held, event.text].join('；'))],
  }
}

/** The crisis this person is in, as the bot knows it. */
export function crisisIn(state: ConversationState, view: ResidentView): RequestRow | undefined {
  if (state.at.step !== 'crisis') return undefined
  return view.requests.find((r) => r.urgency === 'crisis' && r.status !== 'resolved')
}

/** A place, a sticker or a hello in a crisis: no greeting and no receipt. People are told; the bot stays, or is silent. */
export function crisisShowed(state: ConversationState, request: RequestRow, shown: string): Turned {
  const told: Effect[] = shown === '' ? [] : [keepWords(request, shown), ...tellPeople(request, shown)]
  if (request.assignee) return { state, effects: told }
  return { state, effects: [...told, { do: 'say', requestId: request.id, text: say('crisis.stay') }] }
}

/** What is said or tapped while the crisis is open. */
export function inCrisis(state: ConversationState, request: RequestRow, event: Answer, view: ResidentView): Turned {
  const text =
    event.kind === 'said' ? event.text : inChinese(say(event.label === 'no' ? 'crisis.safe.no' : 'crisis.safe.yes'))
  if (request.assignee) {
    // A person has taken over: the bot keeps silent and only carries words.
    const relayed = relay(state, request, text, view)
    return { state: relayed.state, effects: [keepWords(request, text), ...relayed.effects] }
  }
  if (state.at.step !== 'crisis') return { state, effects: [] }
  const { next, words } = nextQuestion(state.at.asked, event)
  return {
    state: { ...state, at: { ...state.at, asked: next } },
    effects: [
      keepWords(request, text),
      ...tellPeople(request, text),
      {
        do: 'say',
        requestId: request.id,
        text: view.preferences.textOnly ? `${words}\n${say('crisis.textOnly')}` : words,
      },
    ],
  }
}

// --- internal

/** Words or a tap; what the words mean is of no matter here. */
type Answer = { readonly kind: 'said'; readonly text: string } | (Event & { kind: 'chose' })

type Asked = 'safe' | 'where' | 'alone' | 'done'

function nextQuestion(asked: Asked, event: Answer): { next: Asked; words: string } {
  const unsafe = event.kind === 'chose' && event.token.startsWith('q:safe:no')
  switch (asked) {
    case 'safe':
      return { next: 'where', words: say(unsafe ? 'crisis.unsafe' : 'crisis.where') }
    case 'where':
      return { next: 'alone', words: say('crisis.alone') }
    case 'alone':
      return { next: 'done', words: `${say('crisis.heard')}\n${say('crisis.confidence')}` }
    case 'done':
      return { next: 'done', words: say('crisis.stay') }
  }
}

/** The owner and whoever took it hear every word at once; those it is offered to see it on the card. */
function tellPeople(request: RequestRow, text: string): Effect[] {
  const people = new Set([request.assignee?.personId, request.owner.personId].filter((id) => typeof id === 'number'))
  return [...people].map((to) => ({
    do: 'say',
    to,
    requestId: request.id,
    relayFrom: 'resident',
    text: say('staff.crisisWords', { number: request.number, text: mask(text) }),
  }))
}
