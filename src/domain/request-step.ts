import type { DeadlineKind } from './deadline.ts'
import type { Candidate, Unplaced } from './policy.ts'
import type { CrisisKind, Need, Programme, Subject, Urgency } from './taxonomy.ts'

/** 求助单: its states and the steps that lead from one to another. What a step changes: `request.ts`. */

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
  /** 转介中: the agency that was asked to take it over. */
  readonly referredToId: number | null
  /** 合并: the request that this one is followed up with; set exactly while the status is `merged`. */
  readonly mergedIntoId: number | null
}

/** Who takes a step. The machine (`system`) suggests; only a person lowers an urgency or ends a request. */
export type Actor =
  | { readonly kind: 'resident'; readonly personId: number }
  | { readonly kind: 'staff'; readonly staffId: number }
  | { readonly kind: 'system' }

/** 办结原因 */
export const outcomes = ['solved', 'referred', 'unreachable', 'not_needed', 'moved', 'died', 'other'] as const
export type Outcome = (typeof outcomes)[number]

/** 不接的原因 */
export const declineReasons = ['busy', 'wrong_programme', 'too_far', 'off_duty', 'conflict', 'other'] as const
export type DeclineReason = (typeof declineReasons)[number]

/** 分工: what has become of a need that a colleague was asked to see to. */
export const lineStatuses = ['asked', 'taken', 'declined', 'expired', 'done', 'released'] as const
export type LineStatus = (typeof lineStatuses)[number]

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
  /**
   * 更正: a person said what the labels should be. `stays`: whoever works on it serves the new programme too; found under
   * the lock by who applies the step.
   */
  | ({ readonly step: 'relabelled'; readonly stays: boolean } & Pick<Description, 'programmes' | 'needs' | 'urgency'>)
  | { readonly step: 'offered'; readonly to: readonly Candidate[]; readonly expiresAt: Date; readonly rung: number }
  /** `othersOpen`: how many other people still hold an open offer; counted under the lock by who applies the step. */
  | { readonly step: 'declined'; readonly staffId: number; readonly reason: DeclineReason; readonly othersOpen: number }
  | { readonly step: 'unanswered' }
  | { readonly step: 'climbed'; readonly rung: number; readonly again: Date }
  | { readonly step: 'accepted'; readonly staffId: number }
  | { readonly step: 'acknowledged' }
  | { readonly step: 'contacted' }
  /** 未送达: a message to the resident did not arrive; whoever works on it speaks to them another way. */
  | { readonly step: 'not_reached'; readonly instead: 'phone' | 'visit' }
  | { readonly step: 'checked_in' }
  | { readonly step: 'reminded'; readonly again: Date }
  | { readonly step: 'added' }
  | { readonly step: 'human_called' }
  | { readonly step: 'noted' }
  /** 分工: one need goes to a colleague, or comes back; the request itself stays where it is. */
  | { readonly step: 'shared'; readonly need: Need; readonly staffId: number; readonly line: LineStatus }
  | { readonly step: 'handed_on'; readonly reason: string }
  /** 转介: with the resident's yes another agency is asked; until a person there accepts, nothing changes hands. */
  | { readonly step: 'referred'; readonly agencyId: number }
  /** The other agency did not take it: it is where it was. */
  | { readonly step: 'returned'; readonly because: 'declined' | 'unanswered' }
  /** Nothing that was bought covers it, or all of it is used: a coordinator decides. Never for P0 and P1. */
  | { readonly step: 'unplaced'; readonly because: Unplaced }
  /** Who owned it or worked on it cannot any more: their agency's contract has ended, or they have left. */
  | { readonly step: 'owner_left'; readonly coordinatorId: number; readonly because: 'contract_ended' | 'left' }
  /** The same people go on under another contract. */
  | { readonly step: 'recontracted'; readonly contractId: number | null }
  /** `askAt`: when the resident is asked whether it is solved; null: a person calls instead of a form. */
  | { readonly step: 'resolved'; readonly outcome: Outcome; readonly askAt: Date | null }
  | { readonly step: 'asked_solved' }
  | { readonly step: 'confirmed_solved' }
  /** To the lead of that agency, or a coordinator: never silently back to who said it was done. */
  | { readonly step: 'reopened'; readonly ownerId: number }
  | { readonly step: 'withdrawn' }
  /** 合并: a person said it is the same matter as another; that one carries owner and deadline for both from now on. */
  | { readonly step: 'merged'; readonly intoId: number }
  /** The other side of it. `unanswered`: nobody had yet said that they saw the crisis in the other. */
  | ({ readonly step: 'took_in'; readonly fromId: number; readonly unanswered: boolean } & Pick<
      RequestState,
      'urgency' | 'crisisKind' | 'needs'
    >)
  /** 拆开, or the one that carried both was called off: it lives again, with this worker or in the queue. */
  | {
      readonly step: 'revived'
      readonly ownerId: number
      readonly staffId: number | null
      readonly because: 'taken_apart' | 'other_withdrawn' | 'not_solved'
    }
  | { readonly step: 'parted'; readonly fromId: number }
  | { readonly step: 'closed'; readonly outcome: Outcome }

export type StepName = RequestStep['step']

/** When a deadline of this kind falls, by the ladder and the working clock; see `ladder.ts`. */
export type Due = (kind: DeadlineKind, urgency: Urgency) => Date

/** Why a step cannot be taken now; the words for the person are chosen by the room that asked. */
export interface Refusal {
  readonly refused: 'wrong_status' | 'machine_may_not'
  readonly status: Status
}
