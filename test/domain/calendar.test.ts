import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import {
  addWorkingMinutes,
  agencyCalendar,
  type Calendar,
  calendarOf,
  isWorkingDay,
  missingYears,
  officeSpans,
} from '../../src/domain/calendar.ts'
import { deadlineKinds } from '../../src/domain/deadline.ts'
import { dueFrom } from '../../src/domain/ladder.ts'
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

describe('working hours of any shape', () => {
  const zones = ['Asia/Shanghai', 'UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu'] as const
  /** Quarter hours. In the hour that a zone repeats in autumn or skips in spring no span begins or ends: nobody can say which. */
  const minute = fc
    .integer({ min: 0, max: 95 })
    .map((quarter) => quarter * 15)
    .filter((m) => m < 60 || m >= 180)
  const span = fc.tuple(minute, minute).filter(([from, to]) => from !== to)
  const dates = fc
    .integer({ min: 0, max: 400 })
    .map((n) => DateTime.utc(2026, 1, 1).plus({ days: n }).toISODate() ?? '')
  const shape = fc.record({
    zone: fc.constantFrom(...zones),
    days: fc.array(fc.tuple(dates, fc.constantFrom('holiday', 'workday')), { maxLength: 60 }).map((d) => new Map(d)),
    spans: fc.array(span, { minLength: 1, maxLength: 3 }).map((s) => [...s].sort((a, b) => a[0] - b[0])),
    seasons: fc.array(fc.record({ from: dates, until: fc.oneof(dates, fc.constant(null)), span }), { maxLength: 2 }),
    own: fc.array(
      fc.record(
        {
          from: dates,
          until: fc.oneof(dates, fc.constant(null)),
          span,
          weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        },
        { requiredKeys: ['from', 'until', 'span'] },
      ),
      { maxLength: 3 },
    ),
  })

  /** Is it worked at this moment? Slow and obvious: a span of this day, or one of yesterday that crosses midnight. */
  function worked(calendar: Calendar, at: DateTime): boolean {
    const now = at.hour * 60 + at.minute
    const today = spansOf(calendar, at)
    const yesterday = spansOf(calendar, at.startOf('day').minus({ days: 1 }))
    return (
      today.some(([a, b]) => (a < b ? now >= a && now < b : now >= a)) || yesterday.some(([a, b]) => b <= a && now < b)
    )
  }
  function spansOf(calendar: Calendar, day: DateTime) {
    const iso = day.toISODate() ?? ''
    const kind = calendar.days.get(iso) ?? (day.weekday < 6 ? 'workday' : 'weekend')
    for (const hours of [calendar.own, calendar.seasons]) {
      const dated = (hours ?? []).filter((s) => s.from <= iso && (s.until === null || iso <= s.until))
      if (dated.length === 0) continue
      const holds = (weekdays: readonly number[] | undefined) =>
        weekdays === undefined ? kind === 'workday' : kind !== 'holiday' && weekdays.includes(day.weekday)
      return dated.filter((s) => holds(s.weekdays)).map((s) => s.span)
    }
    return kind === 'workday' ? calendar.spans : []
  }

  it('across midnight, several a day, by season, over holidays and clock changes: counted as a clock on the wall would', () => {
    const start = fc.integer({ min: Date.UTC(2026, 1, 20), max: Date.UTC(2026, 11, 1) })
    fc.assert(
      fc.property(shape, start, fc.integer({ min: 1, max: 1500 }), (calendar, ms, minutes) => {
        const from = new Date(Math.floor(ms / 900_000) * 900_000)
        let left = minutes
        let slow = DateTime.fromJSDate(from, { zone: calendar.zone })
        // Every span here is of whole quarter hours: one is worked from its first minute to its last, or not at all.
        for (let quarter = 0; left > 0 && quarter < 4000; quarter++) {
          const working = worked(calendar, slow)
          const passed = working ? Math.min(left, 15) : 15
          if (working) left -= passed
          slow = slow.plus({ minutes: passed })
        }
        fc.pre(left === 0)
        expect(addWorkingMinutes(calendar, from, minutes)).toEqual(slow.toJSDate())
      }),
      { numRuns: 100 },
    )
  })

  it('round the clock has no hole at 23:59, and a night span counts the night once', () => {
    const night: Calendar = { zone: 'Asia/Shanghai', days: new Map(), spans: [[0, 1440]] }
    expect(addWorkingMinutes(night, at('2026-11-23T23:59:00'), 2)).toEqual(at('2026-11-24T00:01:00'))
    const both: Calendar = {
      ...night,
      spans: [
        [8 * 60, 12 * 60],
        [20 * 60, 9 * 60],
      ],
    }
    // Monday 20:00 to Tuesday 9:00 overlaps Tuesday's 8:00: thirteen hours, then three more until noon.
    expect(addWorkingMinutes(both, at('2026-11-23T20:00:00'), 16 * 60)).toEqual(at('2026-11-24T12:00:00'))
  })

  it('nobody is reminded at midnight or on a holiday of what can wait, and of a danger at any hour', () => {
    const moment = fc.integer({ min: 0, max: 40 * 24 * 60 }).map((m) => new Date(Date.UTC(2026, 8, 20) + m * 60_000))
    // The pause of a resident in the middle of telling is the one thing counted by the plain clock.
    const kind = fc.constantFrom(...deadlineKinds.filter((k) => k !== 'nudge' && k !== 'crisis_answer'))
    const inOffice = (due: Date) => {
      const local = DateTime.fromJSDate(due, { zone: 'Asia/Shanghai' })
      const minute = local.hour * 60 + local.minute
      return isWorkingDay(xiamen, due) && officeSpans.some(([from, to]) => from <= minute && minute <= to)
    }
    fc.assert(
      fc.property(moment, kind, fc.constantFrom('soon' as const, 'normal' as const), (now, what, urgency) => {
        const due = dueFrom(now, xiamen)(what, urgency)
        expect(due >= now).toBe(true)
        expect(inOffice(due) ? 'in office hours' : due.toISOString()).toBe('in office hours')
      }),
    )
    const midnight = at('2026-10-01T00:10:00')
    expect(dueFrom(midnight, xiamen)('answer', 'crisis')).toEqual(at('2026-10-01T00:15:00'))
    expect(dueFrom(midnight, xiamen)('answer', 'urgent')).toEqual(at('2026-10-01T00:20:00'))
  })

  it('where the clock skips an hour a span that would begin in it begins after it', () => {
    const london: Calendar = { zone: 'Europe/London', days: new Map([['2026-03-29', 'workday']]), spans: [[90, 180]] }
    // 29 March 2026, 1:00 becomes 2:00: the span from 1:30 begins at 2:00 summer time and lasts an hour.
    const from = new Date('2026-03-29T00:00:00Z')
    expect(addWorkingMinutes(london, from, 60)).toEqual(new Date('2026-03-29T02:00:00Z'))
    expect(addWorkingMinutes(london, from, 1)).toEqual(new Date('2026-03-29T01:01:00Z'))
  })
})

describe('the hours of one agency', () => {
  const everyDay = { from: '2026-01-01', until: null }
  const fivePm = { ...everyDay, span: [9 * 60, 17 * 60] } as const
  const saturday = { ...everyDay, span: [9 * 60, 12 * 60], weekdays: [6] } as const
  const named = agencyCalendar(xiamen, { days: new Map(), hours: [fivePm, saturday] })
  const district: Calendar = { ...xiamen, agencies: new Map([[3, named]]) }

  it('count for what that agency answers for, and for nothing else', () => {
    const friday = at('2026-11-20T16:50:00')
    const dueBy = (agencyId: number | null) => addWorkingMinutes(calendarOf(district, agencyId), friday, 20)
    // Closed at five, open on Saturday; everybody else is open until half past five.
    expect(dueBy(3)).toEqual(at('2026-11-21T09:10:00'))
    for (const other of [null, 4]) expect(dueBy(other)).toEqual(at('2026-11-20T17:10:00'))
  })

  it('a named weekday is not worked on a holiday; on a make-up workday both hold, each minute once', () => {
    const theirs = calendarOf(district, 3)
    const closed = { ...xiamen, days: new Map([['2026-11-21', 'holiday']] as const) }
    const holiday = agencyCalendar(closed, { days: new Map(), hours: [fivePm, saturday] })
    expect(addWorkingMinutes(holiday, at('2026-11-20T17:00:00'), 60)).toEqual(at('2026-11-23T10:00:00'))
    // 10 October 2026 is a Saturday that is worked: nine to five, not nine to twelve and then nine to five.
    expect(addWorkingMinutes(theirs, at('2026-10-10T08:00:00'), 8 * 60)).toEqual(at('2026-10-10T17:00:00'))
  })

  it('a day of its own stands over the district’s, both ways, and nobody else’s clock moves', () => {
    const days = new Map([
      ['2026-11-23', 'holiday'],
      ['2026-10-01', 'workday'],
    ] as const)
    const own = agencyCalendar(xiamen, { days, hours: [] })
    expect(addWorkingMinutes(own, at('2026-11-22T10:00:00'), 30)).toEqual(at('2026-11-24T09:00:00'))
    expect(addWorkingMinutes(own, at('2026-10-01T08:00:00'), 30)).toEqual(at('2026-10-01T09:00:00'))
    expect(addWorkingMinutes(xiamen, at('2026-11-22T10:00:00'), 30)).toEqual(at('2026-11-23T09:00:00'))
  })

  it('hours it keeps for a part of the year leave the rest to the district', () => {
    const summer = { from: '2026-06-01', until: '2026-08-31', span: [7 * 60, 11 * 60] } as const
    const own = agencyCalendar(xiamen, { days: new Map(), hours: [summer] })
    expect(addWorkingMinutes(own, at('2026-08-31T06:00:00'), 30)).toEqual(at('2026-08-31T07:30:00'))
    expect(addWorkingMinutes(own, at('2026-09-01T06:00:00'), 30)).toEqual(at('2026-09-01T09:00:00'))
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
