import { reopensTo } from '../domain/reopens-to.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { answer } from './intake.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import { answerBy, type ResidentView, sayAt } from './view.ts'

/** 进度、撤回、回访: what a resident does about a request that is already on its way. */

export function statusOf(state: ConversationState, view: ResidentView): Turned {
  const lines = view.requests.map((r) => say('status.line', { number: r.number, state: stateInWords(r, view) }))
  return {
    state,
    effects: [{ do: 'say', text: lines.length === 0 ? say('status.none') : lines.join('\n') }],
  }
}

function stateInWords(request: RequestRow, view: ResidentView): string {
  const owner = request.owner.name
  const by = request.deadline ? sayAt(view, request.deadline.at) : answerBy(view, request.urgency)
  switch (request.status) {
    case 'intake':
      return say('status.intake')
    case 'triage':
      return say('status.triage', { owner, by })
    case 'queued':
    case 'offered':
      return request.assignee
        ? say('handedOn', { worker: request.assignee.name })
        : say('status.searching', { owner, by: answerBy(view, request.urgency) })
    case 'active':
      return request.assignee
        ? say('status.active', { worker: request.assignee.name })
        : say('status.reopened', { owner, by })
    default:
      return say('status.resolved', { worker: request.assignee?.name ?? owner })
  }
}

export function askToWithdraw(state: ConversationState, view: ResidentView): Turned {
  const open = view.requests.filter((r) => r.status !== 'resolved')
  const request = open.at(-1)
  if (!request)
    return { state: { ...state, at: { step: 'idle' } }, effects: [{ do: 'say', text: say('withdraw.none') }] }
  // A crisis is not called off by a word: a person must have spoken with them first.
  if (request.urgency === 'crisis') return { state, effects: [{ do: 'say', text: say('withdraw.crisis') }] }
  if (open.length > 1) return askWhichToWithdraw(state, request, open)
  return {
    state: { ...state, at: { step: 'withdraw', requestId: request.id } },
    effects: [
      {
        do: 'say',
        requestId: request.id,
        text: say('withdraw.ask', request),
        choices: [
          answer('withdraw', `yes:${request.id}`, say('withdraw.yes')),
          answer('withdraw', `no:${request.id}`, say('withdraw.no')),
        ],
      },
    ],
  }
}

function askWhichToWithdraw(state: ConversationState, last: RequestRow, open: readonly RequestRow[]): Turned {
  const some = open.filter((r) => r.urgency !== 'crisis').slice(-3)
  return {
    state: { ...state, at: { step: 'withdraw', requestId: last.id } },
    effects: [
      {
        do: 'say',
        text: say('withdraw.which'),
        choices: [
          ...some.map((r) => answer('withdraw', `yes:${r.id}`, say('withdraw.one', r))),
          answer('withdraw', `no:${last.id}`, say('withdraw.no')),
        ],
      },
    ],
  }
}

export function withdrawing(state: ConversationState, value: string, requestId: number, view: ResidentView): Turned {
  const request = view.requests.find((r) => r.id === requestId && r.status !== 'resolved')
  const idle: ConversationState = { ...state, at: { step: 'idle' } }
  if (!request) return { state: idle, effects: [{ do: 'say', text: say('stale') }] }
  if (request.urgency === 'crisis') return { state: idle, effects: [{ do: 'say', text: say('withdraw.crisis') }] }
  if (value !== 'yes') return { state: idle, effects: [{ do: 'say', text: say('withdraw.kept', request) }] }
  const effects: Effect[] = [
    { do: 'step', request, step: { step: 'withdrawn' } },
    { do: 'say', text: say('withdraw.done', request) },
  ]
  if (request.assignee?.personId != null) {
    effects.push({ do: 'say', to: request.assignee.personId, text: say('staff.withdrawn', request) })
  }
  return { state: idle, effects }
}

/** 回访: the resident's own word. "No" goes to a coordinator, never silently back to the same worker. */
export function afterClosing(
  state: ConversationState,
  question: 'solved' | 'satisfied',
  value: string,
  requestId: number,
  view: ResidentView,
): Turned {
  const idle: ConversationState = { ...state, at: { step: 'idle' } }
  if (question === 'satisfied') {
    const satisfied = value === 'yes' || value === 'partly' ? value : 'no'
    return {
      state: idle,
      effects: [
        { do: 'feedback', requestId, satisfied },
        { do: 'say', text: say('feedback.thanks') },
      ],
    }
  }
  const request = view.requests.find((r) => r.id === requestId && (r.status === 'resolved' || overForOther(r)))
  if (!request) return { state: idle, effects: [{ do: 'say', text: say('stale') }] }
  if (value === 'yes') {
    return {
      state: { ...state, at: { step: 'feedback', requestId, asking: 'satisfied' } },
      effects: [
        { do: 'step', request, step: { step: 'confirmed_solved' } },
        { do: 'feedback', requestId, solved: true },
        {
          do: 'say',
          text: say('feedback.satisfied'),
          choices: (['yes', 'partly', 'no'] as const).map((v) =>
            answer('satisfied', `${v}:${requestId}`, say(`feedback.satisfied.${v}`)),
          ),
        },
      ],
    }
  }
  const by = answerBy(view, 'urgent')
  const to = reopensTo(request, view.leads, view.coordinator)
  return {
    state: idle,
    effects: [
      { do: 'feedback', requestId, solved: false },
      {
        do: 'step',
        request,
        step: overForOther(request)
          ? { step: 'revived', ownerId: to.id, staffId: null, because: 'not_solved' }
          : { step: 'reopened', ownerId: to.id },
      },
      { do: 'say', requestId, text: say('feedback.reopened', { owner: to.name, by }) },
      ...(request.assignee?.personId == null
        ? []
        : [
            {
              do: 'say',
              to: request.assignee.personId,
              text: say('staff.reopened', { number: request.number, owner: to.name }),
            } as const,
          ]),
    ],
  }
}

/** 合并: the resident of the request that carries it has said that it is solved; this one was asked as well, and says so or not. */
const overForOther = (request: RequestRow): boolean => request.mergedIntoId !== null && request.status === 'closed'
