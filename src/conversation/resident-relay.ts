import { mask } from '../domain/mask.ts'
import type { OutboundMedia } from '../domain/words.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/** 转话: a resident's words to the worker who has taken the request, under an alias and without a number to reach them. */

export type Target =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly request: RequestRow }
  | { readonly kind: 'several'; readonly requests: readonly RequestRow[] }

/** Whom the words are for: the request they reply to, the only one that a worker has taken, or a question. Never a guess. */
export function relayTo(view: ResidentView, about: number | undefined): Target {
  const taken = view.requests.filter((r) => r.assignee !== null && r.status !== 'resolved')
  const replied = taken.find((r) => r.id === about)
  if (replied) return { kind: 'one', request: replied }
  const [only, ...others] = taken
  if (!only) return { kind: 'none' }
  return others.length === 0 ? { kind: 'one', request: only } : { kind: 'several', requests: taken }
}

/** To the worker who has the request, and to the colleague with a need of it whom the resident answers. */
export function relay(state: ConversationState, request: RequestRow, text: string, view: ResidentView): Turned {
  const personId = request.assignee?.personId
  if (personId === null || personId === undefined) {
    return {
      state,
      effects: [
        { do: 'details', request, details: { ...request.details, words: [...request.details.words, text] } },
        { do: 'step', request, step: { step: 'added' } },
        { do: 'say', requestId: request.id, text: say('added', request) },
      ],
    }
  }
  // No answer from the bot: the worker is the one who speaks now.
  return { state, effects: told(request, personId, mask(text), view) }
}

/** The colleague reads it as said to them, the lead worker with whom it is said to. */
export function told(
  request: RequestRow,
  leadPersonId: number,
  text: string,
  view: ResidentView,
  media?: OutboundMedia,
): Effect[] {
  const { number } = request
  const colleague = view.spoke.find((spoke) => spoke.requestId === request.id && spoke.personId !== leadPersonId)
  const passed = (to: number, words: string): Effect => ({
    do: 'say',
    to,
    requestId: request.id,
    relayFrom: 'resident',
    text: words,
    ...(media ? { media } : {}),
  })
  if (!colleague) return [passed(leadPersonId, say('staff.fromResident', { number, text }))]
  return [
    passed(colleague.personId, say('staff.fromResident', { number, text })),
    passed(leadPersonId, say('staff.fromResidentTo', { number, text, who: colleague.name })),
  ]
}

/** A recording or picture, passed on as it came to whoever answers for the request now. */
export function relayMedia(
  request: RequestRow,
  media: OutboundMedia,
  caption: string | undefined,
  view: ResidentView,
): Effect[] {
  const to = request.assignee?.personId ?? request.owner.personId
  const kept: Effect[] = [{ do: 'step', request, step: { step: 'added' } }]
  if (to === null) return kept
  const what = say(`media.${media.kind}`)
  const text = caption === undefined ? what : `${what} ${mask(caption)}`
  return [...kept, ...told(request, to, text, view, media)]
}
