import type { DeadlineKind } from './deadline.ts'
import { mergeable } from './merge.ts'
import { ownerAfter } from './owner-after.ts'
import type {
  Actor,
  Deadline,
  Description,
  Due,
  Refusal,
  RequestState,
  RequestStep,
  Status,
  StepName,
} from './request-step.ts'
import { type CrisisKind, higherUrgency } from './taxonomy.ts'
import { whileMerged } from './while-merged.ts'

/** 求助单 life cycle: which step may follow which, who owns the request after it, and what must happen by when. */

const from: Record<StepName, readonly Status[]> = {
  described: ['intake', 'triage', 'queued', 'offered', 'active'],
  nudged: ['intake'],
  submitted: ['intake'],
  given_up_telling: ['intake'],
  crisis_heard: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved', 'merged'],
  triaged: ['triage', 'intake', 'queued', 'offered'],
  relabelled: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  offered: ['queued', 'offered'],
  declined: ['offered'],
  unanswered: ['offered'],
  climbed: ['queued', 'offered', 'triage'],
  accepted: ['intake', 'triage', 'queued', 'offered', 'active'],
  acknowledged: ['active'],
  contacted: ['active', 'queued', 'offered', 'merged'],
  not_reached: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved', 'merged'],
  checked_in: ['active'],
  reminded: ['active', 'resolved', 'triage'],
  added: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved', 'merged'],
  human_called: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved', 'merged'],
  noted: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  shared: ['queued', 'offered', 'active', 'resolved'],
  handed_on: ['active'],
  referred: ['active'],
  returned: ['queued', 'offered'],
  unplaced: ['queued'],
  owner_left: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  recontracted: ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'],
  resolved: ['active'],
  asked_solved: ['resolved'],
  confirmed_solved: ['resolved', 'merged'],
  reopened: ['resolved', 'merged'],
  withdrawn: ['intake', 'triage', 'queued', 'offered', 'active', 'merged'],
  merged: mergeable,
  took_in: mergeable,
  revived: ['merged'],
  parted: mergeable,
  closed: ['resolved', 'triage', 'active'],
}
/** Every step there is. */
export const stepNames = Object.keys(from) as readonly StepName[]

/**
 * The request after one step, or why the step is refused. Pure: the same state, step and clock give the same answer.
 * Whatever the step, an open result has an owner and a deadline, and a machine never lowers the urgency.
 */
export function advance(state: RequestState, step: RequestStep, actor: Actor, due: Due): RequestState | Refusal {
  if (!from[step.step].includes(state.status)) return { refused: 'wrong_status', status: state.status }
  if (personOnly.includes(step.step) && actor.kind === 'system') {
    return { refused: 'machine_may_not', status: state.status }
  }
  const ownerId = ownerAfter(state, step)
  return { ...state, ...changed(state, step, actor, due), ownerId, version: state.version + 1 }
}

/** Steps that only a person may take (the machine suggests, a person decides). */
const personOnly: readonly StepName[] = [
  'triaged',
  'relabelled',
  'accepted',
  'acknowledged',
  'contacted',
  'checked_in',
  'resolved',
  'confirmed_solved',
  'reopened',
  'withdrawn',
  'merged',
  'took_in',
  'revived',
  'parted',
  'closed',
]

// --- what each step changes

type Change = Partial<RequestState>

function changed(state: RequestState, step: RequestStep, actor: Actor, due: Due): Change {
  const at = (kind: DeadlineKind, urgency = state.urgency): { deadline: Deadline } => ({
    deadline: { kind, at: due(kind, urgency) },
  })
  if (state.status === 'merged') return whileMerged(state, step, due)
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
    case 'relabelled':
      return relabelled(state, step, actor, due)
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
      return {
        status: 'active',
        assigneeId: step.staffId,
        referredToId: null,
        rung: 0,
        ...at('first_contact'),
      }
    case 'acknowledged':
    case 'checked_in':
      return { rung: 0, ...at('check_in') }
    case 'contacted':
      // A request that is being handed on keeps the deadline of the hand-over: speaking does not stop the search.
      return state.status === 'active' ? { rung: 0, ...at('check_in') } : {}
    case 'not_reached':
      return notReached(state, due)
    case 'reminded':
      return state.deadline ? { rung: state.rung + 1, deadline: { kind: state.deadline.kind, at: step.again } } : {}
    case 'human_called':
      return humanCalled(state, due)
    case 'added':
    case 'noted':
    case 'shared':
    case 'parted':
    case 'revived':
      return {}
    case 'handed_on':
      // 首接负责: the giver stays owner and assignee until another named person accepts.
      return { status: 'queued', rung: 0, referredToId: null, ...at('offer') }
    case 'referred':
      return { status: 'queued', rung: 0, referredToId: step.agencyId, ...at('offer') }
    case 'returned':
      return { status: 'active', rung: 0, referredToId: null, ...at('check_in') }
    case 'unplaced':
      return { status: 'triage', rung: 0, ...at('triage') }
    case 'owner_left':
      return ownerLeft(state, due)
    case 'recontracted':
      return { contractId: step.contractId }
    case 'resolved':
      return {
        status: 'resolved',
        rung: 0,
        ...(step.askAt ? { deadline: { kind: 'ask', at: step.askAt } } : at('feedback')),
      }
    case 'asked_solved':
      return { rung: 0, ...at('feedback') }
    case 'confirmed_solved':
    case 'closed':
      return { status: 'closed', deadline: null }
    case 'reopened':
      return { status: 'active', assigneeId: null, rung: 0, ...at('triage') }
    case 'withdrawn':
      return { status: 'withdrawn', deadline: null }
    case 'merged':
      return { status: 'merged', mergedIntoId: step.intoId, deadline: null, referredToId: null, rung: 0 }
    case 'took_in':
      return tookIn(state, step, due)
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

/** Another programme is another agency's: the request goes to the queue at once. A crisis is everybody's and stays. */
function relabelled(
  state: RequestState,
  step: Extract<RequestStep, { step: 'relabelled' }>,
  actor: Actor,
  due: Due,
): Change {
  const description = described(state, step, actor, due)
  const urgency = description.urgency ?? state.urgency
  const lowered = state.urgency === 'crisis' && urgency !== 'crisis' ? { crisisKind: null } : {}
  const [first] = step.programmes ?? []
  const moves =
    first !== undefined &&
    !state.programmes.includes(first) &&
    urgency !== 'crisis' &&
    (['triage', 'queued', 'offered'].includes(state.status) || (state.status === 'active' && !step.stays))
  return {
    ...description,
    ...lowered,
    ...(moves ? { status: 'queued', rung: 0, deadline: { kind: 'offer', at: due('offer', urgency) } } : {}),
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

/**
 * Whoever works on it has to speak to the resident, as after accepting: what they wrote was not heard. Where nobody works
 * on it, or the resident is about to be asked whether it is solved, the deadline there is stands.
 */
function notReached(state: RequestState, due: Due): Change {
  const { deadline } = state
  if (state.status !== 'active' || state.assigneeId === null || !deadline) return {}
  if (deadline.kind === 'crisis_answer' || deadline.kind === 'first_contact') return {}
  return { rung: 0, deadline: sooner({ kind: 'first_contact', at: due('first_contact', state.urgency) }, deadline.at) }
}

/** 兜底: the coordinator owns it at once. What somebody was working on is offered anew; what waits goes on waiting. */
function ownerLeft(state: RequestState, due: Due): Change {
  const hands = { assigneeId: null, contractId: null, referredToId: null }
  const worked = state.status === 'active' || (state.assigneeId !== null && state.status !== 'resolved')
  return worked
    ? { ...hands, status: 'queued', rung: 0, deadline: { kind: 'offer', at: due('offer', state.urgency) } }
    : hands
}

/** What the other one brings: its urgency, its needs, a resident more to speak to. Nothing here comes later than before. */
function tookIn(state: RequestState, step: Extract<RequestStep, { step: 'took_in' }>, due: Due): Change {
  const urgency = higherUrgency(state.urgency, step.urgency)
  const needs = [...new Set([...state.needs, ...step.needs])]
  const answered = state.urgency === 'crisis' && (state.status !== 'active' || !step.unanswered)
  if (step.urgency === 'crisis' && !answered && state.deadline?.kind !== 'crisis_answer') {
    return { needs, ...crisisHeard(state, step.crisisKind ?? 'unclear', due) }
  }
  const { deadline } = state
  const raised = urgency !== state.urgency && deadline ? sooner(deadline, due(deadline.kind, urgency)) : deadline
  return { urgency, needs, deadline: raised, ...notReached({ ...state, urgency, deadline: raised }, due) }
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
