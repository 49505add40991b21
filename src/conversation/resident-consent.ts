import type { Suggestion } from '../classify/classifier.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { answer, descriptionOf, emptyDraft, fill } from './intake.ts'
import { callHuman } from './resident-human.ts'
import type { ConversationState, Step } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import { answerBy, type ResidentView } from './view.ts'

/** 告知同意: the notice, the answer to it, and what happens without one. Nothing told is kept before a yes. */

type Consent = Extract<Step, { step: 'consent' }>

/** So often the notice is put before a person is asked to come instead: nobody is kept at the door by a form. */
const noticesBeforePerson = 3

const choices = [
  answer('consent', 'yes', say('resident.notice.yes')),
  answer('consent', 'no', say('resident.notice.no')),
  answer('consent', 'more', say('resident.notice.more')),
] as const

export function askConsent(
  state: ConversationState,
  text: string,
  heard: Suggestion | undefined,
  open: RequestRow | undefined,
): Turned {
  const greeting = state.greeted ? '' : `${say('resident.greeting')}\n\n`
  // The plea has an owner and a deadline from its first word on; its words wait for the yes.
  const opened: Effect[] = open
    ? []
    : [
        {
          do: 'open',
          opening: {
            description: heard ? { urgency: descriptionOf(fill(emptyDraft, '', heard)).urgency ?? 'normal' } : {},
            details: { words: [] },
            textOnly: false,
            classifiedBy: heard?.by ?? 'resident',
            reasons: [],
            confidence: null,
          },
          steps: [],
        },
      ]
  return {
    state: { ...state, greeted: true, at: { step: 'consent', held: holding(state, text) } },
    effects: [...opened, { do: 'say', text: `${greeting}${say('resident.notice')}`, choices }],
  }
}

/** Words instead of an answer to the notice: they are held; asked once more; then a person comes and the notice may wait. */
export function consenting(state: ConversationState, at: Consent, text: string, view: ResidentView): Turned {
  const held = holding(state, text)
  const waiting: ConversationState = { ...state, at: { ...at, held } }
  if (view.consented === false) return afterRefusal(waiting, '')
  if (held.length <= noticesBeforePerson) {
    return { state: waiting, effects: [{ do: 'say', text: say('resident.noticeAgain'), choices }] }
  }
  const words = say('resident.noticePerson', { owner: view.coordinator.name, by: answerBy(view, 'urgent') })
  const alreadyCalled = view.requests.some((r) => r.status !== 'intake' && r.status !== 'resolved')
  const effects: readonly Effect[] = alreadyCalled
    ? [{ do: 'say', text: words }]
    : callHuman({ ...state, at: { step: 'idle' } }, '', view, words).effects
  return {
    state: waiting,
    effects: effects.map((e) => (e.do === 'say' && e.text === words ? { ...e, choices: choices.slice(0, 2) } : e)),
  }
}

export const explainNotice = (state: ConversationState, held: readonly string[]): Turned => ({
  state: { ...state, at: { step: 'consent', held: [...held] } },
  effects: [{ do: 'say', text: say('resident.noticeDetail'), choices: choices.slice(0, 2) }],
})

export function refusedNotice(idle: ConversationState, open: RequestRow | undefined, view: ResidentView): Turned {
  const called = view.requests.find((r) => r.status !== 'intake' && r.status !== 'resolved')
  return {
    state: idle,
    effects: [
      { do: 'consent', purpose: 'request', given: false },
      ...(open ? [{ do: 'step', request: open, step: { step: 'withdrawn' } } as const] : []),
      {
        do: 'say',
        text: called
          ? say('resident.noticeRefusedPerson', { owner: called.owner.name })
          : say('resident.noticeRefused'),
      },
    ],
  }
}

/** Who has said no is not asked again: it is said how to change one's mind, and that a person can be had without it. */
export function afterRefusal(state: ConversationState, text: string): Turned {
  return {
    state: { ...state, greeted: true, at: { step: 'consent', held: holding(state, text) } },
    effects: [
      {
        do: 'say',
        text: say('resident.refusedBefore'),
        choices: [
          answer('unsure', 'human', say('chat.unsure.human')),
          answer('consent', 'yes', say('resident.refusedBefore.yes')),
        ],
      },
    ],
  }
}

// --- internal

function holding(state: ConversationState, text: string): string[] {
  const held = state.at.step === 'consent' || state.at.step === 'unsure' ? state.at.held.filter((h) => h !== text) : []
  return text === '' ? held : [...held, text]
}
