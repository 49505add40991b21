import { say } from '../texts/say.ts'
import { crisisIn, crisisShowed } from './resident-crisis.ts'
import { callHuman, keepWords } from './resident-human.ts'
import { relay, relayTo } from './resident-relay.ts'
import type { ConversationState } from './state.ts'
import type { Event, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/** What is neither words nor media: a first hello, a place, stickers, and kinds nobody has thought of. */

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
    const told = requests.flatMap((request) => relay(state, request, place, view).effects)
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
