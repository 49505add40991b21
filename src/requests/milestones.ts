import type { RequestStep } from '../domain/request-step.ts'
import type { Milestones, RequestRow } from '../store/requests.ts'

/** The moments that a step leaves on the row; what was merged has none of its own until it lives again. */
export function milestones(before: RequestRow, step: RequestStep, now: Date): Milestones {
  if (before.status === 'merged' && step.step !== 'withdrawn' && step.step !== 'revived') return {}
  switch (step.step) {
    case 'submitted':
    case 'given_up_telling':
      return { submittedAt: now }
    case 'accepted':
      return { acceptedAt: now }
    case 'revived':
      return step.staffId === null ? {} : { acceptedAt: now }
    case 'contacted':
      return before.firstContactAt ? {} : { firstContactAt: now }
    case 'resolved':
      return { resolvedAt: now, outcome: step.outcome }
    case 'closed':
      return { closedAt: now, outcome: step.outcome }
    case 'confirmed_solved':
    case 'withdrawn':
      return { closedAt: now }
    default:
      return {}
  }
}
