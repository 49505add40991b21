import { type DeclineReason, declineReasons, outcomes } from '../domain/request-step.ts'
import type { RequestRow } from '../store/requests.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import { askHeard, heard } from './call-back.ts'
import { deskOrdered } from './desk-talk.ts'
import { ledgerSaid, ledgerTapped } from './ledger-talk.ts'
import { mergeSaid, mergeTapped } from './merge-talk.ts'
import { needSaid, needTapped } from './need-talk.ts'
import { quietOrdered } from './quiet-talk.ts'
import { referralSaid } from './referral-talk.ts'
import { labelMenu, tappedLabel } from './relabel.ts'
import { rotaSaid, rotaTapped } from './rota-talk.ts'
import { accept, acknowledge, decline, handOn, note, resolve, reveal, toResident } from './staff-acts.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import { type Command, command } from './staff-commands.ts'
import { dutyInWords, mineInWords } from './staff-lists.ts'
import type { ConversationState } from './state.ts'
import type { Event, Turned } from './turned.ts'
import type { NamedRequest, StaffView } from './view.ts'

/** The worker's whole day in chat: accept, decline, talk, note, hand on, close, on and off duty. */
export function workerTurn(state: ConversationState, event: Event, view: StaffView): Turned {
  switch (event.kind) {
    case 'started':
      return reply(state, say('staff.help'))
    case 'chose':
      return staffChose(state, event.token, view) ?? reply(state, say('staff.changed'))
    case 'sent':
      return passMedia(state, event, view)
    case 'said':
      return staffSaid(state, event, view) ?? reply(state, say('staff.unknown'))
    case 'transcribed':
    case 'showed':
    case 'crisis':
      return reply(state, say('staff.unknown'))
  }
}

/** What any staff member may say; `undefined` when it is none of these. */
export function staffSaid(
  state: ConversationState,
  event: Event & { kind: 'said' },
  view: StaffView,
): Turned | undefined {
  const text = event.text.trim()
  if (state.at.step === 'noting') {
    const { requestId } = state.at
    const request = view.mine.find((r) => r.id === requestId)
    return request ? note({ ...state, at: { step: 'idle' } }, request, text) : reply(idle(state), say('staff.changed'))
  }
  const other =
    deskOrdered(state, text, view) ??
    quietOrdered(state, text, view) ??
    needSaid(state, text, view) ??
    mergeSaid(state, text, view) ??
    rotaSaid(state, text, view) ??
    ledgerSaid(state, text, view) ??
    referralSaid(state, text, view)
  if (other) return other
  const spoken = command(text)
  if (spoken) return obey(state, spoken, view)
  // A bare figure under several offers could mean any of them, and is never meant for a resident.
  if (view.offers.length > 1 && /^[\d一二两三]{1,2}$/u.test(text.normalize('NFKC')))
    return reply(state, say('offer.which'))
  return speak(state, text, event.about, view)
}

/** A tap on one of our buttons; `undefined` when what it was for has passed. */
export function staffChose(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [kind = '', act = '', idText = '', value = ''] = token.split(':')
  const id = Number(idText)
  if (kind === 'o') {
    const held = view.offers.find(({ offer }) => offer.id === id)
    if (!held) {
      const named = view.named[0]
      return named ? reply(state, goneInWords(named.request, view)) : undefined
    }
    if (act === 'acc') return accept(idle(state), held.request, view)
    if (act === 'dec') return askWhy(state, held.offer.id)
    const reason = declineReasons.find((r) => r === value)
    return act === 'why' && reason ? decline(idle(state), held.request, reason, view) : undefined
  }
  if (kind === 's') return rotaTapped(state, token, view)
  if (kind === 'nl') return needTapped(state, token, view)
  if (kind === 'l') return ledgerTapped(state, token, view)
  if (kind === 'mg') return mergeTapped(state, token, view)
  if (kind === 'c') return tappedLabel(state, token, view)
  const named = view.named.find(({ request }) => request.id === id)
  if (kind !== 'r' || !named) return undefined
  if (named.request.mergedIntoId !== null && act !== 'say') return reply(state, say('merge.isMerged', named.request))
  switch (act) {
    case 'note':
      return allowed('note', named, view)
        ? {
            state: { ...state, at: { step: 'noting', requestId: id } },
            effects: [{ do: 'say', text: say('note.ask') }],
          }
        : refuse(state)
    case 'done':
      return allowed('resolve', named, view) ? askOutcome(state, named.request) : refuse(state)
    case 'heard':
      return allowed('resolve', named, view) ? heard(state, named.request, value, view) : refuse(state)
    case 'out': {
      const outcome = outcomes.find((o) => o === value)
      if (!outcome) return undefined
      return allowed('resolve', named, view) ? resolve(idle(state), named.request, outcome, view) : refuse(state)
    }
    case 'ack':
      return allowed('accept', named, view) ? acknowledge(state, named.request) : refuse(state)
    case 'say':
      return state.at.step === 'which' && allowed('relay', named, view)
        ? toResident(idle(state), named.request, state.at.text, view)
        : undefined
    default:
      return undefined
  }
}

// --- commands

function obey(state: ConversationState, spoken: Command, view: StaffView): Turned {
  switch (spoken.name) {
    case 'help':
      return reply(state, say('staff.help'))
    case 'mine':
      return reply(state, mineInWords(view))
    case 'duty':
      return reply(state, dutyInWords(view))
    case 'on':
    case 'off': {
      const onDuty = spoken.name === 'on'
      const until = new Date(view.now.getTime() + 12 * 3_600_000)
      const said = { until: sayClock(until, view.now, view.calendar.zone) }
      return {
        state,
        effects: [
          { do: 'duty', onDuty, why: 'said', from: view.now, until },
          { do: 'say', text: onDuty ? say('duty.on', said) : say('duty.off', said) },
        ],
      }
    }
    default:
      return onRequest(state, spoken, view)
  }
}

function onRequest(state: ConversationState, spoken: Extract<Command, { rest: string }>, view: StaffView): Turned {
  const named = pick(spoken, view)
  if (named === 'missing') return reply(state, say('staff.noSuchRequest', { number: spoken.number ?? '' }))
  if (named === 'which') return reply(state, say('staff.whichNumber', { example: example[spoken.name] }))
  const { request } = named
  const calm = idle(state)
  if (request.mergedIntoId !== null && spoken.name !== 'to' && spoken.name !== 'phone') {
    return reply(state, say('merge.isMerged', request))
  }
  switch (spoken.name) {
    case 'accept':
      return allowed('accept', named, view) ? accept(calm, request, view) : reply(state, goneInWords(request, view))
    case 'decline': {
      const held = view.offers.find((o) => o.request.id === request.id)
      return held ? askWhy(state, held.offer.id) : reply(state, say('offer.gone', request))
    }
    case 'note':
      if (!allowed('note', named, view)) return refuse(state)
      return spoken.rest === ''
        ? {
            state: { ...state, at: { step: 'noting', requestId: request.id } },
            effects: [{ do: 'say', text: say('note.ask') }],
          }
        : note(calm, request, spoken.rest)
    case 'hand_on':
      if (!allowed('hand_on', named, view)) return refuse(state)
      return spoken.rest === ''
        ? reply(state, say('hand.needReason', request))
        : handOn(calm, request, spoken.rest, view)
    case 'resolve':
      return allowed('resolve', named, view) ? askOutcome(state, request) : refuse(state)
    case 'phone':
      return allowed('reveal_contact', named, view) ? reveal(calm, request) : refuse(state)
    case 'relabel':
      return allowed('relabel', named, view) ? labelMenu(state, request) : refuse(state)
    case 'to':
      return allowed('relay', named, view) ? toResident(calm, request, spoken.rest, view) : refuse(state)
  }
}

const example = {
  accept: '接',
  decline: '不接',
  note: '备注',
  hand_on: '转交',
  resolve: '办结',
  phone: '电话',
  relabel: '更正',
  to: '',
} as const

/** The request a command is about: the number it names, or the only one it can be. */
function pick(spoken: Extract<Command, { rest: string }>, view: StaffView): NamedRequest | 'missing' | 'which' {
  if (spoken.number !== undefined) {
    return view.named.find(({ request }) => request.number === spoken.number) ?? 'missing'
  }
  const own = (request: RequestRow): NamedRequest => {
    const helps = view.helping.some((r) => r.id === request.id)
    return { request, own: !helps, sameAgency: true, helps, history: [], notes: [] }
  }
  const among =
    spoken.name === 'accept' || spoken.name === 'decline' ? view.offers.map((o) => o.request) : workedOn(view)
  const [only, ...others] = among
  return only && others.length === 0 ? own(only) : 'which'
}

// --- talking to residents

const workedOn = (view: StaffView) => [...view.mine.filter(isWorkedOnBy(view)), ...view.helping]

/** With 合并 one request may have several residents: each is somebody to speak to. */
const spokenWith = (view: StaffView) => [...workedOn(view), ...view.carried.filter(isWorkedOnBy(view))]

const isWorkedOnBy = (view: StaffView) => (r: RequestRow) =>
  r.assigneeId === view.staff.id && ['active', 'queued', 'offered'].includes(r.status)

/** Words without a command: to the resident they reply to, to the only one there is, or a question. Never a guess. */
function speak(state: ConversationState, text: string, about: number | undefined, view: StaffView): Turned | undefined {
  if (about !== undefined) {
    const named = view.named.find(({ request }) => request.id === about)
    if (!named) return undefined
    if (!allowed('relay', named, view)) return refuse(state)
    return toResident(state, named.request, text, view)
  }
  const [only, ...others] = spokenWith(view)
  if (!only) return undefined
  if (others.length === 0) return toResident(state, only, text, view)
  const words = state.at.step === 'which' ? `${state.at.text}\n${text}` : text
  return {
    state: { ...state, at: { step: 'which', text: words } },
    effects: [
      {
        do: 'say',
        text: say('relay.whichStaff'),
        choices: spokenWith(view)
          .slice(0, 8)
          .map((r) => ({ token: `r:say:${r.id}`, label: `${r.number} ${r.community ?? ''}` })),
      },
    ],
  }
}

export function passMedia(state: ConversationState, event: Event & { kind: 'sent' }, view: StaffView): Turned {
  const replied = view.named.find(({ request }) => request.id === event.about)
  if (replied && !allowed('relay', replied, view)) return refuse(state)
  const [only, ...others] = spokenWith(view)
  const request = replied?.request ?? (others.length === 0 ? only : undefined)
  if (!request) return reply(state, only ? say('relay.whichMedia') : say('relay.noneStaff'))
  return toResident(state, request, event.caption ?? '', view, event.media)
}

// --- words

function askWhy(state: ConversationState, offerId: number): Turned {
  const offered: readonly DeclineReason[] = ['busy', 'wrong_programme', 'off_duty', 'other']
  return {
    state,
    effects: [
      {
        do: 'say',
        text: say('offer.why'),
        choices: offered.map((r) => ({ token: `o:why:${offerId}:${r}`, label: say(`decline.${r}`) })),
      },
    ],
  }
}

function askOutcome(state: ConversationState, request: RequestRow): Turned {
  if (request.status === 'resolved') return askHeard(state, request)
  return {
    state,
    effects: [
      {
        do: 'say',
        requestId: request.id,
        text: say('resolve.ask', request),
        choices: outcomes
          .filter((o) => o !== 'not_needed')
          .map((o) => ({ token: `r:out:${request.id}:${o}`, label: say(`outcome.${o}`) })),
      },
    ],
  }
}

/** Kind and true: who has it now, or that nobody needs to take it any more. */
function goneInWords(request: RequestRow, view: StaffView): string {
  return request.assignee && request.assignee.id !== view.staff.id
    ? say('offer.taken', { number: request.number, who: request.assignee.name })
    : say('offer.gone', request)
}
