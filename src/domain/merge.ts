import type { RequestState, Status, StepName } from './request-step.ts'

/** 合并: two requests for the same need of the same person, followed up as one. Only a person says that they are. */

/** Both must be on their way: what is still being told, or is said to be done, is another talk. */
export const mergeable: readonly Status[] = ['triage', 'queued', 'offered', 'active']

/** Where a step of the one that was merged leads: its reporter is heard on the request that carries it. */
export const carriedOn: readonly StepName[] = [
  'added',
  'human_called',
  'crisis_heard',
  'contacted',
  'not_reached',
  'reopened',
]

export interface Mergeable extends Pick<RequestState, 'status' | 'mergedIntoId'> {
  readonly id: number
  /** How many others are followed up with it. */
  readonly carries: number
}

/** Why `from` cannot be merged into `into`, or nothing. Flat on purpose: what is merged carries nothing itself, so no circle can be. */
export function mergeRefusal(
  from: Mergeable,
  into: Mergeable,
): 'same' | 'already' | 'carries' | 'from_over' | 'into_over' | undefined {
  if (from.mergedIntoId !== null) return from.mergedIntoId === into.id ? 'same' : 'already'
  if (from.id === into.id || into.mergedIntoId === from.id) return 'same'
  if (!mergeable.includes(from.status)) return 'from_over'
  if (!mergeable.includes(into.status)) return 'into_over'
  return from.carries > 0 ? 'carries' : undefined
}
