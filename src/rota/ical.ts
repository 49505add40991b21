import ical from 'ical-generator'
import type { Calendar } from '../domain/calendar.ts'
import { dutySegments, spansOf } from '../domain/coverage.ts'
import type { Rota } from '../domain/duty.ts'
import { say } from '../texts/say.ts'

/**
 * 日历: duty as a calendar program shows it, with swaps, leave and holidays already in it. The same span has the same id in
 * every export, so that importing again changes and does not double. Moments are in UTC, right in any zone.
 */
export function dutyCalendar(
  people: readonly { readonly id: number; readonly code: string; readonly name: string }[],
  rota: Rota,
  calendar: Calendar,
  span: { readonly from: Date; readonly until: Date },
): string {
  const feed = ical({ name: say('rota.feed'), prodId: { company: 'linbang', product: 'rota', language: 'ZH' } })
  const segments = dutySegments(rota, calendar, span.from, span.until)
  for (const person of people) {
    for (const { from, until, duty } of spansOf(person.id, segments)) {
      feed.createEvent({
        id: `${person.code}-${from.toISOString()}@linbang`,
        stamp: from,
        start: from,
        end: until,
        summary: `${person.name} ${duty.because.split(' ')[0] ?? ''}`,
        description: duty.because,
      })
    }
  }
  return feed.toString()
}
