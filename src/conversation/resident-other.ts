import { saySeconds } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import { crisisIn, crisisShowed } from './resident-crisis.ts'
import { callHuman, keepWords } from './resident-human.ts'
import { relay, relayMedia, relayTo } from './resident-relay.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/** What is not words: a first hello, recordings and pictures, a place, stickers, and kinds nobody has thought of. */

export function greet(state: ConversationState, view: ResidentView): Turned {
  const crisis = crisisIn(state, view)
  if (crisis) return crisisShowed(state, crisis, '')
  const open = view.requests.at(-1)
  return {
    state: { ...state, greeted: true },
    effects: [
      { do: 'say', text: say('resident.greeting') },
      ...(open && open.status !== 'intake' ? [{ do: 'say', text: say('chat.stillHere', open) } as const] : []),
    ],
  }
}

export function sent(state: ConversationState, event: Event & { kind: 'sent' }, view: ResidentView): Turned {
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
  const passed = relayMedia(request, media, event.caption)
  // In a crisis that a person has taken over the bot is silent.
  const quiet = crisisIn(state, view)?.assignee
  return { state, effects: quiet ? passed : [...passed, { do: 'say', requestId: request.id, text: noted }] }
}

export function showed(state: ConversationState, event: Event & { kind: 'showed' }, view: ResidentView): Turned {
  const place = event.what === 'location' ? event.text : undefined
  const crisis = crisisIn(state, view)
  if (crisis) return crisisShowed(state, crisis, place ?? say('media.other'))
  if (place !== undefined) return showedPlace(state, place, view)
  if (event.what === 'empty') return { state, effects: [{ do: 'say', text: say('empty') }] }
  if (!state.greeted) return greet(state, view)
  const open = view.requests.find((r) => r.status !== 'resolved' && r.status !== 'intake')
  return {
    state,
    effects: [{ do: 'say', text: open ? say('chat.stillHere', open) : say('unsupported') }],
  }
}

// --- internal

/** To the worker who has it, else onto the plea; with neither, a greeting: where somebody is says that they want something. */
function showedPlace(state: ConversationState, place: string, view: ResidentView): Turned {
  const target = relayTo(view, undefined)
  if (target.kind !== 'none') {
    const requests = target.kind === 'one' ? [target.request] : target.requests
    const told = requests.flatMap((request) => relay(state, request, place).effects)
    return { state, effects: [...told, { do: 'say', text: say('location.kept') }] }
  }
  const open = view.requests.find((r) => r.status !== 'resolved')
  if (!open) return callHuman(state, place, view)
  return {
    state,
    effects: [
      keepWords(open, place),
      { do: 'step', request: open, step: { step: 'added' } },
      { do: 'say', requestId: open.id, text: say('location.waiting') },
    ],
  }
}
