import fc from 'fast-check'
import { DateTime } from 'luxon'
import { describe, expect, it } from 'vitest'
import { type Calendar, isWorkingDay, officeSpans } from '../../src/domain/calendar.ts'
import { coverageHoles, dutySegments, spansOf } from '../../src/domain/coverage.ts'
import { type AcceptedSwap, type DutyException, onDuty, type Rota, type ShiftRule } from '../../src/domain/duty.ts'

const xiamen: Calendar = {
  zone: 'Asia/Shanghai',
  days: new Map([
    ['2026-10-01', 'holiday'],
    ['2026-10-10', 'workday'],
  ]),
  spans: officeSpans,
}
const at = (iso: string) => new Date(`${iso}+08:00`)
const rule = (
  fromMinute: number,
  toMinute: number,
  days: ShiftRule['days'] = 'every_day',
  more: Partial<ShiftRule> = {},
): ShiftRule => ({
  staffId: 1,
  tier: 'primary',
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  fromMinute,
  toMinute,
  days,
  validFrom: '2026-01-01',
  validTo: null,
  programme: null,
  communityIds: [],
  ...more,
})
const rota = (shifts: ShiftRule[], exceptions: DutyException[] = [], swaps: AcceptedSwap[] = []): Rota => ({
  shifts,
  exceptions,
  swaps,
})
const ids = (r: Rota, iso: string) => onDuty(r, xiamen, at(iso)).map((d) => d.staffId)

describe('duty', () => {
  const on = (shift: ShiftRule, iso: string) => ids(rota([shift]), iso).length === 1

  it('has no hole at midnight', () => {
    for (const time of ['23:59:30', '00:00:00', '12:00:00']) expect(on(rule(0, 0), `2026-11-23T${time}`)).toBe(true)
  })

  it('crosses midnight with a shift that does', () => {
    const night = rule(18 * 60, 8 * 60)
    expect(on(night, '2026-11-23T23:59:59')).toBe(true)
    expect(on(night, '2026-11-24T07:59:00')).toBe(true)
    expect(on(night, '2026-11-24T08:00:00')).toBe(false)
  })

  it('is there on a make-up Saturday, when a rota by weekday says closed', () => {
    const office = rule(8 * 60 + 30, 12 * 60, 'working_days')
    expect(on(office, '2026-10-10T09:05:00')).toBe(true)
    expect(on(office, '2026-10-01T09:05:00')).toBe(false)
  })

  it('the daily rota is right when the server is in another zone, over the hours where the dates differ', () => {
    const early = rule(0, 8 * 60, 'every_day', { validFrom: '2026-11-24', validTo: '2026-11-24' })
    expect(on(early, '2026-11-23T23:59:00')).toBe(false)
    expect(on(early, '2026-11-24T00:00:00')).toBe(true)
    expect(on(early, '2026-11-24T07:59:00')).toBe(true)
    expect(on(early, '2026-11-25T00:30:00')).toBe(false)
  })

  it('does not give Friday’s person Monday as well: only the days it names count', () => {
    const friday = rule(8 * 60 + 30, 17 * 60 + 30, 'every_day', { weekdays: [5] })
    expect(on(friday, '2026-11-27T10:00:00')).toBe(true)
    expect(on(friday, '2026-11-30T10:00:00')).toBe(false)
  })

  it('an exception decides while it holds, the latest first', () => {
    const from = at('2026-11-23T09:00:00')
    const until = at('2026-11-23T12:00:00')
    const off: DutyException = { staffId: 1, onDuty: false, why: 'said', from, until }
    const back: DutyException = { staffId: 1, onDuty: true, why: 'said', from: at('2026-11-23T10:00:00'), until }
    expect(onDuty(rota([rule(0, 0)], [off]), xiamen, at('2026-11-23T09:30:00'))).toEqual([])
    expect(onDuty(rota([rule(0, 0)], [back, off]), xiamen, at('2026-11-23T10:30:00')).length).toBe(1)
    expect(onDuty(rota([rule(0, 0)], [off]), xiamen, until).length).toBe(1)
  })

  describe('after a swap', () => {
    const shifts = [rule(0, 0), rule(8 * 60, 12 * 60, 'every_day', { staffId: 2, tier: 'backup' })]
    const span = { from: at('2026-11-28T00:00:00'), until: at('2026-11-29T00:00:00') }
    const swap: AcceptedSwap = { fromStaffId: 1, toStaffId: 3, ...span }

    it('the other one is on duty every minute of it, and not a minute more', () => {
      const swapped = rota(shifts, [], [swap])
      expect(ids(swapped, '2026-11-27T23:59:00')).toEqual([1])
      expect(ids(swapped, '2026-11-28T00:00:00')).toEqual([3])
      expect(ids(swapped, '2026-11-28T23:59:59')).toEqual([3])
      expect(ids(swapped, '2026-11-29T00:00:00')).toEqual([1])
      expect(onDuty(swapped, xiamen, span.from)[0]?.because).toBe('替班 值班 全天')
    })
    it('a swap on a swap hands on what the first one gave', () => {
      const onward: AcceptedSwap = { fromStaffId: 3, toStaffId: 4, from: at('2026-11-28T12:00:00'), until: span.until }
      const swapped = rota(shifts, [], [swap, onward])
      expect(ids(swapped, '2026-11-28T11:00:00')).toEqual([2, 3])
      expect(ids(swapped, '2026-11-28T12:00:00')).toEqual([4])
    })
    it('a swap of somebody who is not on duty gives nobody a shift', () => {
      expect(ids(rota([], [], [swap]), '2026-11-28T10:00:00')).toEqual([])
    })
    it('whoever stands in and already has duty of their own keeps the higher of the two', () => {
      const toBackup: AcceptedSwap = { fromStaffId: 1, toStaffId: 2, ...span }
      expect(onDuty(rota(shifts, [], [toBackup]), xiamen, at('2026-11-28T09:00:00'))).toMatchObject([
        { staffId: 2, tier: 'primary' },
      ])
    })
  })
})

describe('the rota over a stretch of time', () => {
  const zone = fc.constantFrom('Asia/Shanghai', 'UTC', 'Europe/London')
  const day = Date.UTC(2026, 2, 27)
  const moment = fc.integer({ min: 0, max: 14 * 1440 }).map((minute) => new Date(day + minute * 60_000))
  const span = fc.tuple(moment, fc.integer({ min: 1, max: 2000 })).map(([from, minutes]) => ({
    from,
    until: new Date(from.getTime() + minutes * 60_000),
  }))
  const who = fc.integer({ min: 1, max: 4 })
  const shift = fc.record({
    staffId: who,
    tier: fc.constantFrom('primary' as const, 'backup' as const),
    weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
    fromMinute: fc.integer({ min: 0, max: 1439 }),
    toMinute: fc.integer({ min: 0, max: 1439 }),
    days: fc.constantFrom('working_days' as const, 'every_day' as const),
    validFrom: fc.constantFrom('2026-01-01', '2026-03-30'),
    validTo: fc.constantFrom(null, '2026-04-05'),
    programme: fc.constant(null),
    communityIds: fc.constant([]),
  })
  const exception = fc
    .tuple(who, fc.boolean(), span)
    .map(([staffId, onDuty, s]): DutyException => ({ staffId, onDuty, why: 'said', ...s }))
  const swap = fc.tuple(who, who, span).map(([fromStaffId, toStaffId, s]) => ({ fromStaffId, toStaffId, ...s }))
  const anyRota = fc.record({
    shifts: fc.array(shift, { maxLength: 6 }),
    exceptions: fc.array(exception, { maxLength: 3 }),
    swaps: fc.array(swap, { maxLength: 3 }),
  })

  it('says of every minute what a look at that minute says: no hole, no overlap, in any zone', () => {
    fc.assert(
      fc.property(anyRota, zone, span, fc.array(fc.double({ min: 0, max: 0.9999, noNaN: true })), (r, z, s, shares) => {
        const calendar = { ...xiamen, zone: z }
        const segments = dutySegments(r, calendar, s.from, s.until)
        expect(segments[0]?.from).toEqual(s.from)
        expect(segments.at(-1)?.until).toEqual(s.until)
        segments.forEach((segment, i) => {
          if (i > 0) expect(segment.from).toEqual(segments[i - 1]?.until)
        })
        for (const share of shares) {
          const minute = Math.floor(((s.until.getTime() - s.from.getTime()) * share) / 60_000)
          const when = new Date(s.from.getTime() + minute * 60_000)
          const segment = segments.find((x) => x.from <= when && when < x.until)
          expect(segment?.onDuty.map((d) => [d.staffId, d.tier])).toEqual(
            onDuty(r, calendar, when).map((d) => [d.staffId, d.tier]),
          )
        }
      }),
      { numRuns: 150 },
    )
  })

  it('agrees with a slow and obvious reading of one shift', () => {
    fc.assert(
      fc.property(shift, zone, moment, (s, z, when) => {
        const calendar = { ...xiamen, zone: z }
        const local = DateTime.fromJSDate(when, { zone: z })
        const began = [local, local.minus({ days: 1 })].some((d, daysAgo) => {
          const date = d.toISODate() ?? ''
          const valid = date >= s.validFrom && (s.validTo === null || date <= s.validTo)
          const worked = s.days === 'every_day' ? s.weekdays.includes(d.weekday) : isWorkingDay(calendar, d.toJSDate())
          const minute = local.hour * 60 + local.minute + daysAgo * 1440
          const end = s.toMinute <= s.fromMinute ? s.toMinute + 1440 : s.toMinute
          return valid && worked && minute >= s.fromMinute && minute < end
        })
        expect(onDuty(rota([s]), calendar, when).length === 1).toBe(began)
      }),
      { numRuns: 400 },
    )
  })

  it('joins a night shift into one span', () => {
    const night = rule(18 * 60, 8 * 60, 'every_day', { weekdays: [1] })
    const segments = dutySegments(rota([night]), xiamen, at('2026-11-23T00:00:00'), at('2026-11-30T00:00:00'))
    expect(spansOf(1, segments).map(({ from, until }) => [from, until])).toEqual([
      [at('2026-11-23T18:00:00'), at('2026-11-24T08:00:00')],
    ])
  })

  it('finds where nobody is, and where one is alone, contract by contract', () => {
    const contract = {
      contractId: 1,
      agencyId: 1,
      agency: '示例',
      programme: 'elder',
      programmeName: '居家养老',
      communityIds: [],
      usedUp: false,
    } as const
    const staff = [1, 2].map((id) => ({ id, role: 'social_worker' as const, agencyId: 1, personId: id }))
    const r = rota([rule(0, 12 * 60), rule(6 * 60, 18 * 60, 'every_day', { staffId: 2, tier: 'backup' })])
    const segments = dutySegments(r, xiamen, at('2026-11-23T00:00:00'), at('2026-11-24T00:00:00'))
    const holes = coverageHoles([contract], staff, segments)
    expect(holes.map((h) => [h.kind, h.from, h.until])).toEqual([
      ['thin', at('2026-11-23T00:00:00'), at('2026-11-23T06:00:00')],
      ['thin', at('2026-11-23T12:00:00'), at('2026-11-23T18:00:00')],
      ['gap', at('2026-11-23T18:00:00'), at('2026-11-24T00:00:00')],
    ])
    // Who has not joined a chat cannot be reached: on the rota, and yet nobody.
    const [first] = coverageHoles([contract], [{ id: 1, role: 'social_worker', agencyId: 1, personId: null }], segments)
    expect(first?.kind).toBe('gap')
    // A shift for another programme covers nothing here.
    const elsewhere = rota([rule(0, 0, 'every_day', { programme: 'migrant' })])
    const whole = dutySegments(elsewhere, xiamen, at('2026-11-23T00:00:00'), at('2026-11-24T00:00:00'))
    expect(coverageHoles([contract], staff, whole).map((h) => h.kind)).toEqual(['gap'])
  })
})
