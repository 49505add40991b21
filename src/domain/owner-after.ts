import type { RequestState, RequestStep } from './request-step.ts'

/** 责任人: who answers for it once the step is taken; what must happen then counts by the hours they work. */
export function ownerAfter(state: Pick<RequestState, 'ownerId' | 'status'>, step: RequestStep): number {
  // While merged another request carries it: what its reporter says changes no hands.
  if (state.status === 'merged' && step.step !== 'revived') return state.ownerId
  switch (step.step) {
    case 'accepted':
      return step.staffId
    case 'reopened':
      // 重办: to a lead or a coordinator, never silently back to the worker who said it was done.
      return step.ownerId
    case 'revived':
      return step.ownerId
    case 'owner_left':
      return step.coordinatorId
    default:
      return state.ownerId
  }
}
