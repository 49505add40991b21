import { forecast, type ServiceKind, serviceKinds, usualMinutes } from '../domain/ledger.ts'
import { needs } from '../domain/taxonomy.ts'
import type { ContractRow } from '../store/contracts.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import type { NamedRequest, StaffView } from './view.ts'

/** 服务记录和台账: a contact in two taps, and what the contracts add up to. Only what a worker confirms counts. */

const ofLedger = /^(?:台账|指标)$/u

export const asksForLedger = (event: Event | undefined): boolean =>
  event?.kind === 'said' && ofLedger.test(event.text.normalize('NFKC').trim())

/** `undefined`: the text is about something else. */
export function ledgerSaid(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  const plain = text.normalize('NFKC').trim().replace(/^\//u, '')
  if (ofLedger.test(plain)) return reply(state, ledgerInWords(view))
  const joined = /^同户\s*(\d{4,6})?[\s,,和]*(\d{4,6})?$/u.exec(plain)
  if (joined) return oneHousehold(state, joined[1], joined[2], view)
  const recorded = /^记(?:录|服务)\s*(\d{4,6})?\s*(探访|电访|面谈|小组)?\s*(\d{1,5})?(?:分钟?)?$/u.exec(plain)
  if (!recorded) return undefined
  const named = pick(recorded[1], view)
  if (named === undefined) {
    return recorded[1]
      ? reply(state, say('staff.noSuchRequest', { number: recorded[1] }))
      : reply(state, say('staff.whichNumber', { example: '记录' }))
  }
  if (!allowed('record_service', named, view)) return refuse(state)
  const kind = serviceKinds.find((k) => say(`service.kind.${k}`) === recorded[2])
  if (!kind) return askKind(state, named.request)
  if (recorded[3] === undefined) return askMinutes(state, named.request, kind)
  return withMinutes(idle(state), named.request, kind, Number(recorded[3]), undefined, view)
}

/** `l:kind:<request>`, `l:min:<request>:<kind>`, `l:rec:<request>:<kind>:<minutes>[:<need>]`, `l:undo:<service>`. */
export function ledgerTapped(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [kind, act, idText, kindText, minutes, needText] = token.split(':')
  if (kind !== 'l') return undefined
  if (act === 'undo') return { state, effects: [{ do: 'undo_service', serviceId: Number(idText) }] }
  const named = view.named.find(({ request }) => request.id === Number(idText))
  if (!named) return reply(state, say('staff.changed'))
  if (!allowed('record_service', named, view)) return refuse(state)
  if (act === 'kind') return askKind(state, named.request)
  const service = serviceKinds.find((k) => k === kindText)
  if (!service) return undefined
  if (act === 'min') return askMinutes(state, named.request, service)
  return act === 'rec' ? withMinutes(idle(state), named.request, service, Number(minutes), needText, view) : undefined
}

function askKind(state: ConversationState, request: RequestRow): Turned {
  const choices = serviceKinds.map((k) => ({ token: `l:min:${request.id}:${k}`, label: say(`service.kind.${k}`) }))
  return asked(state, request, say('service.kind', request), choices)
}

function askMinutes(state: ConversationState, request: RequestRow, service: ServiceKind): Turned {
  const kind = say(`service.kind.${service}`)
  const choices = usualMinutes.map((minutes) => ({
    token: `l:rec:${request.id}:${service}:${minutes}`,
    label: say('service.minutes.choice', { minutes }),
  }))
  return asked(state, request, say('service.minutes', { number: request.number, kind }), choices)
}

function withMinutes(
  state: ConversationState,
  request: RequestRow,
  service: ServiceKind,
  minutes: number,
  needText: string | undefined,
  view: StaffView,
): Turned {
  if (!(minutes >= 1 && minutes <= 1440)) return reply(state, say('service.badMinutes', request))
  const named = needs.find((n) => n === needText)
  if (request.needs.length > 1 && !named) {
    const kind = say(`service.kind.${service}`)
    const choices = request.needs.map((n) => ({
      token: `l:rec:${request.id}:${service}:${minutes}:${n}`,
      label: say(`need.${n}`),
    }))
    return asked(state, request, say('service.need', { number: request.number, kind, minutes }), choices)
  }
  const need = named ?? request.needs[0] ?? null
  const spoke: Effect[] =
    request.assigneeId === view.staff.id && ['active', 'queued', 'offered'].includes(request.status)
      ? [{ do: 'step', request, step: { step: 'contacted' } }]
      : []
  return { state, effects: [...spoke, { do: 'service', request, kind: service, minutes, need }] }
}

function oneHousehold(
  state: ConversationState,
  first: string | undefined,
  second: string | undefined,
  view: StaffView,
): Turned {
  if (!first || !second || first === second) return reply(state, say('household.usage'))
  const one = pick(first, view)
  const other = pick(second, view)
  if (!one || !other) return reply(state, say('staff.noSuchRequest', { number: one ? second : first }))
  if (!allowed('record_service', one, view) || !allowed('record_service', other, view)) return refuse(state)
  return {
    state: idle(state),
    effects: [
      { do: 'household', one: one.request.requesterId, other: other.request.requesterId },
      { do: 'say', text: say('household.done', { one: one.request.number, other: other.request.number }) },
    ],
  }
}

// --- the ledger in words

export function contractInWords(contract: ContractRow, isoToday: string): string[] {
  const { reference, agency, programmeName: programme } = contract
  const percent = (share: number) => Math.round(share * 100)
  const elapsed = percent(forecast({ used: 0, target: 1 }, contract, isoToday).elapsed)
  const head = say('ledger.contract', { agency, programme, reference, endsOn: contract.lastDay, elapsed })
  const lines = contract.quotas.map((quota) => {
    const seen = forecast(quota, contract, isoToday)
    const words =
      quota.used >= quota.target
        ? say('ledger.full')
        : seen.reachedOn
          ? say('ledger.reached', { date: seen.reachedOn })
          : say('ledger.atEnd', { atEnd: seen.atEnd })
    return say('ledger.line', { ...quota, done: percent(seen.done), forecast: words })
  })
  return [head, ...lines]
}

function ledgerInWords(view: StaffView): string {
  const seen = (view.ledger?.contracts ?? []).filter(
    (c) => view.staff.role === 'coordinator' || c.agencyId === view.staff.agencyId,
  )
  if (seen.length === 0) return say('ledger.none')
  return [say('ledger.head'), ...seen.flatMap((c) => contractInWords(c, view.ledger?.today ?? ''))].join('\n')
}

// --- internal

function pick(number: string | undefined, view: StaffView): NamedRequest | undefined {
  if (number !== undefined) return view.named.find(({ request }) => request.number === Number(number))
  const worked = view.mine.filter((r) => r.assigneeId === view.staff.id && r.status !== 'resolved')
  const [only, ...others] = worked
  return only && others.length === 0
    ? { request: only, own: true, sameAgency: true, helps: false, history: [], notes: [] }
    : undefined
}

function asked(
  state: ConversationState,
  request: RequestRow,
  text: string,
  choices: readonly { token: string; label: string }[],
): Turned {
  return { state, effects: [{ do: 'say', requestId: request.id, text, choices }] }
}
