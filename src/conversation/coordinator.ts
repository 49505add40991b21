import { may } from '../domain/authorise.ts'
import { programmes } from '../domain/taxonomy.ts'
import type { RequestRow } from '../store/requests.ts'
import { sayClock } from '../texts/clock.ts'
import { historyInWords, notesInWords } from '../texts/history.ts'
import { say } from '../texts/say.ts'
import { deskOrdered } from './desk-talk.ts'
import { noticeOrdered, noticeSaid, noticeSent, noticeTapped } from './notice-talk.ts'
import { resultsOrdered } from './results.ts'
import { reviewOrdered, tappedReview } from './review.ts'
import { accept } from './staff-acts.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import type { NamedRequest, StaffView } from './view.ts'
import { passMedia, staffChose, staffSaid } from './worker.ts'

/** The coordinator's (and, within the agency, the lead's) chat: triage, assign, watch, invite; and all a worker can do. */
export function coordinatorTurn(state: ConversationState, event: Event, view: StaffView): Turned {
  if (event.kind === 'said') {
    return (
      deskOrdered(state, event.text, view) ??
      reviewOrdered(state, event, view) ??
      resultsOrdered(state, event, view) ??
      noticeOrdered(state, event, view) ??
      ordered(state, event.text, view) ??
      noticeSaid(state, event, view) ??
      staffSaid(state, event, view) ??
      reply(state, say('staff.unknown'))
    )
  }
  if (event.kind === 'chose') {
    return (
      tappedTriage(state, event.token, view) ??
      tappedReview(state, event.token, view) ??
      noticeTapped(state, event.token, view) ??
      staffChose(state, event.token, view) ??
      reply(state, say('staff.changed'))
    )
  }
  if (event.kind === 'sent') return noticeSent(state, event, view) ?? passMedia(state, event, view)
  return reply(state, event.kind === 'started' ? helpFor(view) : say('staff.unknown'))
}

const helpFor = (view: StaffView): string =>
  view.staff.role === 'coordinator'
    ? `${say('staff.helpCoordinator')}\n${say('bc.commands')}\n${say('desk.commands')}`
    : say('staff.helpCoordinator')

function ordered(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  const plain = text.normalize('NFKC').trim().replace(/^\//u, '')
  if (/^(帮助|用法|help)$/iu.test(plain)) return reply(state, helpFor(view))
  if (/^(清单|全部|列表)$/u.test(plain)) return reply(state, listInWords(view))
  const invited = /^邀请\s*(\S+)$/u.exec(plain)
  if (invited) return invite(state, invited[1] ?? '', view)
  const looked = /^(?:查看|经过)\s*(\d{4,6})$/u.exec(plain)
  if (looked) return withNamed(state, Number(looked[1]), view, (named) => look(state, named, view))
  const assigned = /^(?:指派|派给)\s*(\d{4,6})\s*(\S*)$/u.exec(plain)
  if (assigned)
    return withNamed(state, Number(assigned[1]), view, (named) => assign(state, named, assigned[2] ?? '', view))
  return undefined
}

function tappedTriage(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [kind, act, idText, value] = token.split(':')
  const named = view.named.find(({ request }) => request.id === Number(idText))
  if (kind !== 't' || !named) return undefined
  const { request } = named
  switch (act) {
    case 'prog': {
      const programme = programmes.find((p) => p === value)
      if (!programme || !['triage', 'intake', 'queued', 'offered'].includes(request.status)) return undefined
      if (!allowed('triage', named, view)) return refuse(state)
      const after = [programme, ...request.programmes.filter((p) => p !== programme)]
      return {
        state: idle(state),
        effects: [
          { do: 'correct', request, head: 'programme', before: request.programmes, after, why: 'work' },
          { do: 'step', request, step: { step: 'triaged', programmes: after } },
          { do: 'say', text: say('triage.done', { number: request.number, programme: say(`programme.${programme}`) }) },
        ],
      }
    }
    case 'take':
      return allowed('accept', named, view) || allowed('assign', named, view)
        ? accept(idle(state), request, view)
        : refuse(state)
    case 'who':
      return allowed('assign', named, view) ? askWhom(state, request, view) : refuse(state)
    default:
      return undefined
  }
}

function invite(state: ConversationState, code: string, view: StaffView): Turned {
  if (!may(view.staff.role, 'invite', { own: false, sameAgency: false })) return refuse(state)
  const person = view.directory.find((s) => s.code === code.toLowerCase() || s.name === code)
  if (!person) return reply(state, say('invite.noSuch', { code }))
  if (person.personId !== null) return reply(state, say('invite.joined', person))
  const until = new Date(view.now.getTime() + 48 * 3_600_000)
  return {
    state: idle(state),
    effects: [
      { do: 'invite', staffId: person.id, code: view.freshCode },
      {
        do: 'say',
        text: say('invite.made', {
          name: person.name,
          code: view.freshCode,
          until: sayClock(until, view.now, view.calendar.zone),
        }),
      },
    ],
  }
}

function look(state: ConversationState, named: NamedRequest, view: StaffView): Turned {
  if (!allowed('see_history', named, view)) return refuse(state)
  const { request } = named
  const text = [say('history.head', request), ...historyLines(named, view)]
  return {
    state,
    effects: [
      { do: 'looked', requestId: request.id, what: 'history' },
      { do: 'say', requestId: request.id, text: text.join('\n') },
    ],
  }
}

function historyLines({ history, notes }: NamedRequest, view: StaffView): string[] {
  const clock = (at: Date) => sayClock(at, view.now, view.calendar.zone)
  const name = (id: number | null) => view.directory.find((s) => s.id === id)?.name ?? ''
  return [
    ...historyInWords(history, clock, name),
    ...(notes.length > 0 ? [say('history.notes'), ...notesInWords(notes, clock)] : []),
  ]
}

function assign(state: ConversationState, named: NamedRequest, code: string, view: StaffView): Turned {
  if (!allowed('assign', named, view)) return refuse(state)
  const { request } = named
  if (code === '') return askWhom(state, request, view)
  const person = view.directory.find((s) => s.code === code.toLowerCase() || s.name === code)
  if (!person) return reply(state, say('assign.noSuch', { code }))
  if (view.staff.role === 'lead' && person.agencyId !== view.staff.agencyId) return refuse(state)
  if (person.role === 'volunteer') return reply(state, say('assign.volunteer', { who: person.name }))
  if (person.personId === null) return reply(state, say('assign.notJoined', { who: person.name, code: person.code }))
  if (person.id === view.staff.id) return accept(idle(state), request, view)
  return {
    state: idle(state),
    effects: [
      ...assignSteps(request, person.id, view.staff.name),
      { do: 'say', text: say('assign.done', { number: request.number, who: person.name, owner: request.owner.name }) },
    ],
  }
}

/** Queue it (a person says it may leave triage), then offer it to the one who was named. */
function assignSteps(request: RequestRow, staffId: number, by: string): Effect[] {
  const queue: Effect[] =
    request.status === 'triage' || request.status === 'intake'
      ? [{ do: 'step', request, step: { step: 'triaged' } }]
      : request.status === 'active'
        ? [{ do: 'step', request, step: { step: 'handed_on', reason: 'assigned by a coordinator' } }]
        : []
  return [...queue, { do: 'offer', request, staffId, because: `${by}指派` }]
}

function askWhom(state: ConversationState, request: RequestRow, view: StaffView): Turned {
  const lines = view.onDutyNow
    .flatMap(({ staffId, because }) => {
      const person = view.directory.find((s) => s.id === staffId)
      return person && person.personId !== null ? [`${person.code} ${person.name} ${because}`] : []
    })
    .slice(0, 12)
  return reply(state, say('assign.ask', { number: request.number, lines: lines.join('\n') }))
}

function listInWords(view: StaffView): string {
  if (view.open.length === 0) return say('list.none')
  const shown = view.open.slice(0, 20).map((r) =>
    say('list.line', {
      number: r.number,
      urgency: say(`urgency.${r.urgency}`),
      programme: r.programmes[0] ? say(`programme.${r.programmes[0]}`) : say('programme.unknown'),
      state: say(`state.${r.status}`),
      owner: r.owner.name,
      by: r.deadline ? sayClock(r.deadline.at, view.now, view.calendar.zone) : '',
    }),
  )
  return [say('list.head', { count: view.open.length }), ...shown].join('\n')
}

function withNamed(
  state: ConversationState,
  number: number,
  view: StaffView,
  act: (named: NamedRequest) => Turned,
): Turned {
  const named = view.named.find(({ request }) => request.number === number)
  return named ? act(named) : reply(state, say('staff.noSuchRequest', { number }))
}
