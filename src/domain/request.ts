import type { Candidate } from './policy.ts'
import { type CrisisKind, higherUrgency, type Need, type Programme, type Subject, type Urgency } from './taxonomy.ts'

/** 求助单 life cycle: which step may follow which, who owns the request after it, and what must happen by when. */

export const statuses = [
  'intake',
  'triage',
  'queued',
  'offered',
  'active',
  'resolved',
  'closed',
  'withdrawn',
  'merged',
] as const
export type Status = (typeof statuses)[number]

/** What must have happened by the deadline of an open request. */
export const deadlineKinds = [
  /** The resident has not finished telling: remind, then hand what is known to a coordinator. */
  'nudge',
  /** A coordinator must say which programme it is. */
  'triage',
  /** It waits in the queue and must be offered. */
  'offer',
  /** Somebody it was offered to must answer. */
  'answer',
  /** Who accepted must speak to the resident. */
  'first_contact',
  /** Who accepted must show that it moves on. */
  'check_in',
  /** Who owns it must acknowledge a crisis signal. */
  'crisis_answer',
  /** The resident is asked whether it is solved; without an answer a person phones. */
  'feedback',
] as const
export type DeadlineKind = (typeof deadlineKinds)[number]

export interface Deadline {
  readonly kind: DeadlineKind
  readonly at: Date
}

export interface RequestState {
  readonly status: Status
  readonly version: number
  readonly ownerId: number
  readonly assigneeId: number | null
  readonly deadline: Deadline | null
  readonly rung: number
  readonly urgency: Urgency
  readonly crisisKind: CrisisKind | null
  readonly programmes: readonly Programme[]
  readonly needs: readonly Need[]
  readonly subject: Subject | null
  readonly communityId: number | null
  readonly contractId: number | null
}

/** Who takes a step. The machine (`system`) suggests; only a person lowers an urgency or ends a request. */
export type Actor =
  | { readonly kind: 'resident'; readonly personId: number }
  | { readonly kind: 'staff'; readonly staffId: number }
  | { readonly kind: 'system' }

/** 办结原因 */
export const outcomes = ['solved', 'referred', 'unreachable', 'not_needed', 'other'] as const
export type Outcome = (typeof outcomes)[number]

/** 不接的原因 */
export const declineReasons = ['busy', 'wrong_programme', 'too_far', 'off_duty', 'conflict', 'other'] as const
export type DeclineReason = (typeof declineReasons)[number]

export interface Description {
  readonly programmes?: readonly Programme[]
  readonly needs?: readonly Need[]
  readonly subject?: Subject
  readonly communityId?: number
  readonly urgency?: Urgency
}

export type RequestStep =
  | ({ readonly step: 'described' } & Description)
  | { readonly step: 'nudged' }
  | { readonly step: 'submitted' }
  | { readonly step: 'given_up_telling' }
  | { readonly step: 'crisis_heard'; readonly crisisKind: CrisisKind }
  | ({ readonly step: 'triaged' } & Description)
  | { readonly step: 'offered'; readonly to: readonly Candidate[]; readonly expiresAt: Date; readonly rung: number }
  /** `othersOpen`: how many other people still hold an open offer; counted under the lock by who applies the step. */
  | { readonly step: 'declined'; readonly staffId: number; readonly reason: DeclineReason; readonly othersOpen: number }
  | { readonly step: 'unanswered' }
  | { readonly step: 'climbed'; readonly rung: number; readonly again: Date }
  | { readonly step: 'accepted'; readonly staffId: number }
  | { readonly step: 'acknowledged' }
  | { readonly step: 'contacted' }
  | { readonly step: 'checked_in' }
  | { readonly step: 'reminded'; readonly again: Date }
  | { readonly step: 'added' }
  | { readonly step: 'human_called' }
  | { readonly step: 'noted' }
  | { readonly step: 'handed_on'; readonly reason: string }
  | { readonly step: 'resolved'; readonly outcome: Outcome }
  | { readonly step: 'confirmed_solved' }
  | { readonly step: 'reopened'; readonly coordinatorId: number }
  | { readonly step: 'withdrawn' }
  | { readonly step: 'closed'; readonly outcome: Outcome }

export type StepName = RequestStep['step']

/** When a deadline of this kind falls, by the ladder and the working clock; see `ladder.ts`. */
export type Due = (kind: DeadlineKind, urgency: Urgency) => Date

/** Why a step cannot be taken now; the words for the person are chosen by the room that asked. */
export interface Refusal {
  readonly refused: 'wrong_status' | 'machine_may_not'
  readonly status: Status
}

const from: Record<StepName, readonly Status[]> = {
  described: ['intake', 'triage', 'queued', 'offered', 'active'],
  nudged: ['intake'],
  submitted: ['intake'],
  given_up_telling: ['intake'],
  crisis_heard: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  triaged: ['triage', 'intake', 'queued', 'offered'],
  offered: ['queued', 'offered'],
  declined: ['offered'],
  unanswered: ['offered'],
  climbed: ['queued', 'offered', 'triage'],
  accepted: ['intake', 'triage', 'queued', 'offered', 'active'],
  acknowledged: ['active'],
  contacted: ['active', 'queued', 'offered'],
  checked_in: ['active'],
  reminded: ['active', 'resolved', 'triage'],
  added: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  human_called: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  noted: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  handed_on: ['active'],
  resolved: ['active'],
  confirmed_solved: ['resolved'],
  reopened: ['resolved'],
  withdrawn: ['intake', 'triage', 'queued', 'offered', 'active'],
  closed: ['resolved', 'triage', 'active'],
}

/**
 * The request after one step, or why the step is refused. Pure: the same state, step and clock give the same answer.
 * Whatever the step, an open result has an owner and a deadline, and a machine never lowers the urgency.
 */
export function advance(state: RequestState, step: RequestStep, actor: Actor, due: Due): RequestState | Refusal {
  if (!from[step.step].includes(state.status)) return { refused: 'wrong_status', status: state.status }
  if (personOnly.includes(step.step) && actor.kind === 'system') {
    return { refused: 'machine_may_not', status: state.status }
  }
  return { ...state, ...changed(state, step, actor, due), version: state.version + 1 }
}

/** Steps that only a person may take (the machine suggests, a person decides). */
const personOnly: readonly StepName[] = [
  'triaged',
  'accepted',
  'acknowledged',
  'contacted',
  'checked_in',
  'resolved',
  'confirmed_solved',
  'reopened',
  'withdrawn',
  'closed',
]

// --- what each step changes

type Change = Partial<RequestState>

function changed(state: RequestState, step: RequestStep, actor: Actor, due: Due): Change {
  const at = (kind: DeadlineKind, urgency = state.urgency): { deadline: Deadline } => ({
    deadline: { kind, at: due(kind, urgency) },
  })
  switch (step.step) {
    case 'described':
      return described(state, step, actor, due)
    case 'nudged':
      return { rung: state.rung + 1, ...at('nudge') }
    case 'submitted':
      return state.programmes.length > 0 || state.urgency === 'crisis'
        ? { status: 'queued', rung: 0, ...at('offer') }
        : { status: 'triage', rung: 0, ...at('triage') }
    case 'given_up_telling':
      return { status: 'triage', rung: 0, ...at('triage') }
    case 'crisis_heard':
      return crisisHeard(state, step.crisisKind, due)
    case 'triaged': {
      const description = described(state, step, actor, due)
      const urgency = description.urgency ?? state.urgency
      return { ...description, status: 'queued', rung: 0, ...at('offer', urgency) }
    }
    case 'offered':
      return {
        status: 'offered',
        contractId: step.to[0]?.contractId ?? state.contractId,
        rung: step.rung,
        deadline: { kind: 'answer', at: step.expiresAt },
      }
    case 'declined':
      return step.othersOpen > 0 ? {} : { status: 'queued', ...at('offer') }
    case 'unanswered':
      return { status: 'queued', ...at('offer') }
    case 'climbed':
      return {
        rung: step.rung,
        deadline: { kind: state.status === 'triage' ? 'triage' : 'answer', at: step.again },
      }
    case 'accepted':
      return { status: 'active', ownerId: step.staffId, assigneeId: step.staffId, rung: 0, ...at('first_contact') }
    case 'acknowledged':
    case 'checked_in':
      return at('check_in')
    case 'contacted':
      // A request that is being handed on keeps the deadline of the hand-over: speaking does not stop the search.
      return state.status === 'active' ? at('check_in') : {}
    case 'reminded':
      return state.deadline ? { rung: state.rung + 1, deadline: { kind: state.deadline.kind, at: step.again } } : {}
    case 'human_called':
      return humanCalled(state, due)
    case 'added':
    case 'noted':
      return {}
    case 'handed_on':
      // 首接负责: the giver stays owner and assignee until another named person accepts.
      return { status: 'queued', rung: 0, ...at('offer') }
    case 'resolved':
      return { status: 'resolved', ...at('feedback') }
    case 'confirmed_solved':
    case 'closed':
      return { status: 'closed', deadline: null }
    case 'reopened':
      // 重办: to a coordinator, never silently back to the worker who said it was done.
      return { status: 'active', ownerId: step.coordinatorId, assigneeId: null, rung: 0, ...at('triage') }
    case 'withdrawn':
      return { status: 'withdrawn', deadline: null }
  }
}

function described(state: RequestState, said: Description, actor: Actor, due: Due): Change {
  const urgency =
    said.urgency === undefined
      ? state.urgency
      : actor.kind === 'staff'
        ? said.urgency
        : higherUrgency(state.urgency, said.urgency)
  const raised = urgency !== state.urgency && higherUrgency(urgency, state.urgency) === urgency
  return {
    programmes: said.programmes ?? state.programmes,
    needs: said.needs ?? state.needs,
    subject: said.subject ?? state.subject,
    communityId: said.communityId ?? state.communityId,
    urgency,
    // A higher urgency makes the present deadline come sooner, never later.
    ...(raised && state.deadline ? { deadline: sooner(state.deadline, due(state.deadline.kind, urgency)) } : {}),
  }
}

function crisisHeard(state: RequestState, kind: CrisisKind, due: Due): Change {
  const crisis = { urgency: 'crisis', crisisKind: state.crisisKind ?? kind } as const
  switch (state.status) {
    case 'active':
      return { ...crisis, deadline: { kind: 'crisis_answer', at: due('crisis_answer', 'crisis') } }
    case 'offered':
      return {
        ...crisis,
        deadline: sooner(state.deadline ?? { kind: 'answer', at: due('answer', 'crisis') }, due('answer', 'crisis')),
      }
    default:
      return { ...crisis, status: 'queued', rung: 0, deadline: { kind: 'offer', at: due('offer', 'crisis') } }
  }
}

function humanCalled(state: RequestState, due: Due): Change {
  if (state.status === 'intake')
    return { status: 'triage', deadline: { kind: 'triage', at: due('triage', state.urgency) } }
  return state.deadline && state.status !== 'resolved'
    ? { deadline: sooner(state.deadline, due('triage', state.urgency)) }
    : {}
}

function sooner(deadline: Deadline, other: Date): Deadline {
  return other < deadline.at ? { kind: deadline.kind, at: other } : deadline
}
