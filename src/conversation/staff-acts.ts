import { addWorkingMinutes, calendarOf } from '../domain/calendar.ts'
import { dueFrom } from '../domain/ladder.ts'
import { mask } from '../domain/mask.ts'
import type { DeclineReason, Outcome } from '../domain/request-step.ts'
import type { OutboundMedia } from '../domain/words.ts'
import type { RequestRow } from '../store/requests.ts'
import { relabelChoice, solvedQuestion } from '../texts/card.ts'
import { say } from '../texts/say.ts'
import { contactInWords } from './intake.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import { type StaffView, sayAt } from './view.ts'

/** What a staff member's act on one request does: the step, and the words each side reads. Rights are checked before. */

export function accept(state: ConversationState, request: RequestRow, view: StaffView): Turned {
  const hours = calendarOf(view.calendar, view.staff.agencyId)
  const by = sayAt(view, dueFrom(view.now, hours)('first_contact', request.urgency))
  const worker = view.staff.name
  const effects: Effect[] = [
    { do: 'step', request, step: { step: 'accepted', staffId: view.staff.id } },
    {
      do: 'say',
      requestId: request.id,
      text:
        say('accepted.worker', { number: request.number, by }) +
        (request.textOnly ? `\n${say('relay.textOnlyReminder', request)}` : ''),
      choices: [
        { token: `r:note:${request.id}`, label: '备注' },
        { token: `l:kind:${request.id}`, label: say('service.button') },
        { token: `r:done:${request.id}`, label: '办结' },
        relabelChoice(request.id),
      ],
    },
    {
      do: 'say',
      to: request.requesterId,
      requestId: request.id,
      text:
        request.urgency === 'crisis'
          ? say('crisis.accepted', { worker })
          : say('accepted', { worker, number: request.number, by }),
    },
  ]
  // Who answered for it until now may let go: they are told by name who has it.
  const told = new Set([request.owner.personId, request.assignee?.personId])
  for (const to of told) {
    if (typeof to === 'number' && to !== view.personId) {
      effects.push({ do: 'say', to, text: say('accepted.told', { who: worker, number: request.number }) })
    }
  }
  return { state, effects }
}

export function decline(state: ConversationState, request: RequestRow, reason: DeclineReason, view: StaffView): Turned {
  return {
    state,
    effects: [
      { do: 'step', request, step: { step: 'declined', staffId: view.staff.id, reason, othersOpen: 0 } },
      { do: 'say', text: say('offer.declined', request) },
    ],
  }
}

/** The worker's words to the resident, under the worker's name and without a number to reach them. */
export function toResident(
  state: ConversationState,
  request: RequestRow,
  text: string,
  view: StaffView,
  media?: OutboundMedia,
): Turned {
  if (['closed', 'withdrawn', 'merged'].includes(request.status)) {
    return { state, effects: [{ do: 'say', text: say('relay.closedStaff', request) }] }
  }
  const worker = view.staff.name
  const words = media && text === '' ? say('relay.fromWorkerMedia', { worker, what: say(`media.${media.kind}`) }) : ''
  const contact: Effect[] =
    request.assigneeId === view.staff.id && ['active', 'queued', 'offered'].includes(request.status)
      ? [{ do: 'step', request, step: { step: 'contacted' } }]
      : []
  return {
    state,
    effects: [
      ...contact,
      {
        do: 'say',
        to: request.requesterId,
        requestId: request.id,
        relayFrom: 'worker',
        text: words || say('relay.fromWorker', { worker, text: mask(text) }),
        ...(media ? { media } : {}),
      },
      { do: 'say', requestId: request.id, text: say('relay.sent', request) },
    ],
  }
}

export function note(state: ConversationState, request: RequestRow, text: string): Turned {
  const step = request.status === 'active' ? ({ step: 'checked_in' } as const) : ({ step: 'noted' } as const)
  return {
    state,
    effects: [
      { do: 'note', request, text },
      { do: 'step', request, step },
      { do: 'say', text: say('note.done', request) },
    ],
  }
}

export function handOn(state: ConversationState, request: RequestRow, reason: string, view: StaffView): Turned {
  if (request.status !== 'active') return { state, effects: [{ do: 'say', text: say('staff.changed') }] }
  return {
    state,
    effects: [
      { do: 'note', request, text: reason },
      { do: 'step', request, step: { step: 'handed_on', reason: 'said in a note' } },
      { do: 'say', text: say('hand.done', request) },
      {
        do: 'say',
        to: request.requesterId,
        requestId: request.id,
        text: say('handedOn', { worker: view.staff.name }),
      },
    ],
  }
}

export function resolve(state: ConversationState, request: RequestRow, outcome: Outcome, view: StaffView): Turned {
  if (request.status !== 'active') return { state, effects: [{ do: 'say', text: say('staff.changed') }] }
  // After a crisis no form asks, nor at a house where somebody has died: a person calls when the deadline comes.
  const byPerson = request.urgency === 'crisis' || outcome === 'died'
  const hours = calendarOf(view.calendar, request.owner.agencyId)
  const by = sayAt(view, dueFrom(view.now, hours)('feedback', request.urgency))
  const later = !byPerson && view.followUpMinutes > 0
  const askAt = later ? addWorkingMinutes(hours, view.now, view.followUpMinutes) : null
  const asked: Effect = {
    do: 'say',
    to: request.requesterId,
    requestId: request.id,
    ...solvedQuestion(request.id, request.number, view.staff.name),
  }
  return {
    state,
    effects: [
      { do: 'step', request, step: { step: 'resolved', outcome, askAt } },
      {
        do: 'say',
        text: byPerson ? say('resolve.doneNoForm', { number: request.number, by }) : say('resolve.done', request),
      },
      ...(byPerson || later ? [] : [asked]),
    ],
  }
}

/** 看电话: the one way to a resident's number, and it leaves a row. */
export function reveal(state: ConversationState, request: RequestRow): Turned {
  return {
    state,
    effects: [
      { do: 'looked', requestId: request.id, what: 'contact' },
      { do: 'say', text: say('contact.shown', { number: request.number, contact: contactInWords(request) }) },
    ],
  }
}

export function acknowledge(state: ConversationState, request: RequestRow): Turned {
  return {
    state,
    effects: [
      { do: 'step', request, step: { step: 'acknowledged' } },
      { do: 'say', text: say('crisis.acked', request) },
    ],
  }
}
