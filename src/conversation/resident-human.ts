import { mask } from '../domain/mask.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import { answerBy, type ResidentView } from './view.ts'

/** Words that go onto the plea as they were said. */
export const keepWords = (request: RequestRow, ...words: readonly string[]): Effect => ({
  do: 'details',
  request,
  details: { ...request.details, words: [...request.details.words, ...words] },
})

/**
 * 人工: a named person, at any point. Whatever was told so far goes with it, also what was held until an answer to the
 * notice: who asks for a person wants that person to know. Not after a no.
 */
export function callHuman(state: ConversationState, text: string, view: ResidentView, words?: string): Turned {
  const open = view.requests.find((r) => r.status !== 'resolved') ?? view.requests.at(-1)
  const by = answerBy(view, open?.urgency === 'crisis' ? 'crisis' : 'urgent')
  const idle: ConversationState = { ...state, greeted: true, at: { step: 'idle' } }
  const greeting: Effect[] = state.greeted ? [] : [{ do: 'say', text: say('resident.greeting') }]
  const told = [...heldWords(state, view), ...(text.length > longestWish ? [text] : [])]
  if (open) {
    const effects: Effect[] = [
      keepWords(open, ...told),
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
        text: say('staff.humanCalled', { number: open.number, text: shortly(told, text) }),
      })
    }
    return { state: idle, effects: [...greeting, ...effects] }
  }
  const opening = {
    description: { urgency: 'urgent' as const },
    details: { words: told },
    textOnly: view.preferences.textOnly,
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
    keepWords(request, text),
    { do: 'step', request, step: { step: 'added' } },
    { do: 'say', requestId: request.id, text: say('added', request) },
  ]
  return { state: { ...state, at: { step: 'idle' } }, effects }
}

// --- internal

const shortly = (told: readonly string[], text: string): string =>
  mask(told.join('；') || text || say('staff.noWords')).slice(0, 200)

/** 人工, 找真人说话: the wish itself is no part of the story. */
const longestWish = 6

/** What waits for an answer to the notice, unless the answer was no. */
const heldWords = (state: ConversationState, view: ResidentView): readonly string[] =>
  view.consented !== false && (state.at.step === 'consent' || state.at.step === 'unsure') ? state.at.held : []
