import type { AgencyRates, Share } from '../store/outcomes.ts'
import { say } from '../texts/say.ts'
import { allowed, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Event, Turned } from './turned.ts'
import type { StaffView } from './view.ts'

/** 成效: the three numbers an agency is judged by — answered in time, solved, satisfied. */

/** Days looked back over. */
export const ratesDays = 90

const ofRates = /^(?:成效|三率)$/u

export const asksForRates = (event: Event | undefined): boolean =>
  event?.kind === 'said' && ofRates.test(event.text.normalize('NFKC').trim())

export function resultsOrdered(state: ConversationState, event: Event, view: StaffView): Turned | undefined {
  if (!asksForRates(event)) return undefined
  if (!allowed('see_results', { own: false, sameAgency: true }, view)) return refuse(state)
  const seen = (view.rates ?? []).filter((r) => view.staff.role === 'coordinator' || r.agencyId === view.staff.agencyId)
  return reply(state, ratesInWords(seen, ratesDays))
}

export function ratesInWords(rates: readonly AgencyRates[], days: number): string {
  if (rates.length === 0) return say('rates.none', { days })
  const lines = rates.map((r) =>
    say('rates.line', {
      agency: r.agency,
      closed: r.closed,
      responded: share(r.respondedInTime),
      solved: share(r.solved),
      satisfied: share(r.satisfied),
    }),
  )
  return [say('rates.head', { days }), ...lines].join('\n')
}

function share({ good, of }: Share): string {
  return of === 0 ? say('rates.noAnswer') : say('rates.share', { percent: Math.round((100 * good) / of), good, of })
}
