import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import { answerBy, type ResidentView } from './view.ts'

/** 人工: a named person, at any point. Whatever was told so far goes with it. */
export function callHuman(state: ConversationState, text: string, view: ResidentView, words?: string): Turned {
  const open = view.requests.find((r) => r.status !== 'resolved') ?? view.requests.at(-1)
  const by = answerBy(view, open?.urgency === 'crisis' ? 'crisis' : 'urgent')
  const idle: ConversationState = { ...state, greeted: true, at: { step: 'idle' } }
  const greeting: Effect[] = state.greeted ? [] : [{ do: 'say', text: say('resident.greeting') }]
  if (open) {
    const effects: Effect[] = [
      { do: 'details', request: open, details: { ...open.details, words: [...open.details.words, text] } },
      { do: 'step', request: open, step: { step: 'human_called' } },
      {
        do: 'say',
        requestId: open.id,
        text:
          words ?? say(open.status === 'intake' ? 'human.called' : 'human.calledAgain', { owner: open.owner.name, by }),
      },
    ]
    if (open.owner.personId !== null) {
      effects.push({
        do: 'say',
        to: open.owner.personId,
        requestId: open.id,
        text: say('staff.humanCalled', { number: open.number, text: text.slice(0, 200) }),
      })
    }
    return { state: idle, effects: [...greeting, ...effects] }
  }
  const opening = {
    description: { urgency: 'urgent' as const },
    details: { words: text === '' ? [] : [text] },
    textOnly: view.textOnly,
    classifiedBy: 'resident',
    confidence: null,
    reasons: ['居民要找真人'],
  }
  return {
    state: idle,
    effects: [
      ...greeting,
      { do: 'open', opening, steps: [{ step: 'human_called' }] },
      { do: 'say', text: words ?? say('human.called', { owner: view.coordinator.name, by }) },
    ],
  }
}

/** Words for a request that nobody has accepted yet: kept with it, and shown to whoever accepts. */
export function add(state: ConversationState, request: RequestRow, text: string): Turned {
  const effects: Effect[] = [
    { do: 'details', request, details: { ...request.details, words: [...request.details.words, text] } },
    { do: 'step', request, step: { step: 'added' } },
    { do: 'say', requestId: request.id, text: say('added', request) },
  ]
  return { state: { ...state, at: { step: 'idle' } }, effects }
}
