import type { Due, RequestState, RequestStep } from './request-step.ts'

/** What its own reporter says is written down here; where it leads is the other request's to say (`merge.ts`). */
export function whileMerged(state: RequestState, step: RequestStep, due: Due): Partial<RequestState> {
  switch (step.step) {
    case 'crisis_heard':
      return { urgency: 'crisis', crisisKind: state.crisisKind ?? step.crisisKind }
    case 'withdrawn':
      return { status: 'withdrawn', mergedIntoId: null }
    case 'revived': {
      const { staffId: assigneeId } = step
      const kind = assigneeId === null ? 'offer' : 'first_contact'
      return {
        status: assigneeId === null ? 'queued' : 'active',
        mergedIntoId: null,
        assigneeId,
        rung: 0,
        deadline: { kind, at: due(kind, state.urgency) },
      }
    }
    default:
      return {}
  }
}
