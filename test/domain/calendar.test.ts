import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import { addWorkingMinutes, type Calendar, isWorkingDay, missingYears, officeSpans } from '../../src/domain/calendar.ts'
import { sayClock } from '../../src/texts/clock.ts'

const xiamen: Calendar = {
  zone: 'Asia/Shanghai',
  days: new Map([
    ['2026-10-01', 'holiday'],
    ['2026-10-10', 'workday'],
  ]),
  spans: officeSpans,
}
const at = (iso: string) => new Date(`${iso}+08:00`)

describe('the working calendar', () => {
  it('knows holidays and make-up workdays', () => {
    expect(isWorkingDay(xiamen, at('2026-10-01T10:00:00'))).toBe(false)
    expect(isWorkingDay(xiamen, at('2026-10-10T10:00:00'))).toBe(true)
    expect(isWorkingDay(xiamen, at('2026-11-22T10:00:00'))).toBe(false)
  })

  it('counts working minutes over the midday gap, the night and the weekend', () => {
    expect(addWorkingMinutes(xiamen, at('2026-11-23T11:50:00'), 20)).toEqual(at('2026-11-23T14:40:00'))
    expect(addWorkingMinutes(xiamen, at('2026-11-20T17:20:00'), 30)).toEqual(at('2026-11-23T08:50:00'))
    expect(addWorkingMinutes(xiamen, at('2026-11-21T03:00:00'), 0)).toEqual(at('2026-11-23T08:30:00'))
  })

  it('says loudly which year is missing: this one always, the next from October on', () => {
    expect(missingYears(xiamen, at('2026-09-30T12:00:00'))).toEqual([])
    expect(missingYears(xiamen, at('2026-10-01T00:00:00'))).toEqual([2027])
    expect(missingYears(xiamen, at('2027-01-01T00:00:00'))).toEqual([2027])
    expect(missingYears({ ...xiamen, days: new Map([['2027-01-01', 'holiday']]) }, at('2027-11-01T00:00:00'))).toEqual([
      2028,
    ])
  })

  it('agrees with counting minute by minute, in any zone', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'UTC', 'Europe/London')
    const start = fc.integer({ min: Date.UTC(2026, 2, 27), max: Date.UTC(2026, 10, 1) })
    fc.assert(
      fc.property(zones, start, fc.integer({ min: 1, max: 900 }), (zone, ms, minutes) => {
        const calendar = { ...xiamen, zone }
        const from = new Date(Math.floor(ms / 60_000) * 60_000)
        let left = minutes
        let slow = DateTime.fromJSDate(from, { zone })
        while (left > 0) {
          const minute = slow.hour * 60 + slow.minute
          const open = calendar.spans.some(([a, b]) => minute >= a && minute < b)
          if (open && isWorkingDay(calendar, slow.toJSDate())) left--
          slow = slow.plus({ minutes: 1 })
        }
        expect(addWorkingMinutes(calendar, from, minutes)).toEqual(slow.toJSDate())
      }),
      { numRuns: 40 },
    )
  })
})

describe('a clock time', () => {
  it('is said as people say it, in the zone of the district', () => {
    const now = at('2026-11-23T09:30:00')
    expect(sayClock(at('2026-11-23T17:05:00'), now, 'Asia/Shanghai')).toBe('今天下午5点5分')
    expect(sayClock(at('2026-11-24T00:10:00'), now, 'Asia/Shanghai')).toBe('明天凌晨0点10分')
    expect(sayClock(at('2026-11-26T12:00:00'), now, 'Asia/Shanghai')).toBe('11月26日周四中午12点')
  })
})
