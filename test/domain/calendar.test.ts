import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import { addWorkingMinutes, type Calendar, isWorkingDay, officeSpans } from '../../src/domain/calendar.ts'
import { onDuty, type ShiftRule } from '../../src/domain/duty.ts'
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

describe('duty', () => {
  const rule = (fromMinute: number, toMinute: number, days: ShiftRule['days'] = 'every_day'): ShiftRule => ({
    staffId: 1,
    tier: 'primary',
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    fromMinute,
    toMinute,
    days,
    validFrom: '2026-01-01',
    validTo: null,
  })
  const on = (shift: ShiftRule, iso: string) => onDuty([shift], [], xiamen, at(iso)).length === 1

  it('has no hole at midnight', () => {
    for (const time of ['23:59:30', '00:00:00', '12:00:00']) expect(on(rule(0, 0), `2026-11-23T${time}`)).toBe(true)
  })

  it('crosses midnight with a shift that does', () => {
    const night = rule(18 * 60, 8 * 60)
    expect(on(night, '2026-11-23T23:59:59')).toBe(true)
    expect(on(night, '2026-11-24T07:59:00')).toBe(true)
    expect(on(night, '2026-11-24T08:00:00')).toBe(false)
  })

  it('follows make-up days where the shift is an office one', () => {
    const office = rule(8 * 60 + 30, 12 * 60, 'working_days')
    expect(on(office, '2026-10-10T09:05:00')).toBe(true)
    expect(on(office, '2026-10-01T09:05:00')).toBe(false)
  })

  it('an exception decides while it holds, the latest first', () => {
    const from = at('2026-11-23T09:00:00')
    const until = at('2026-11-23T12:00:00')
    const off = { staffId: 1, onDuty: false, from, until }
    const back = { staffId: 1, onDuty: true, from: at('2026-11-23T10:00:00'), until }
    expect(onDuty([rule(0, 0)], [off], xiamen, at('2026-11-23T09:30:00'))).toEqual([])
    expect(onDuty([rule(0, 0)], [back, off], xiamen, at('2026-11-23T10:30:00')).length).toBe(1)
    expect(onDuty([rule(0, 0)], [off], xiamen, until).length).toBe(1)
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
