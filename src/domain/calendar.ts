import { DateTime } from 'luxon'
import type { Ladder } from './ladder-terms.ts'
import { zoneNamed } from './zone.ts'

/** From minute to minute of the local day; `to <= from` crosses midnight. */
export type WorkingSpan = readonly [from: number, to: number]

/** ISO date → holiday or make-up workday 调休. */
export type DatedDays = ReadonlyMap<string, 'holiday' | 'workday'>

/** 工作日历: which days are worked, and when. Dated rows override the weekday (调休: a Saturday may be worked). */
export interface Calendar {
  /** IANA zone, for example Asia/Shanghai. */
  readonly zone: string
  readonly days: DatedDays
  /** Working spans of a working day, ascending by their beginning. */
  readonly spans: readonly WorkingSpan[]
  /** Spans that hold between two days instead of `spans`: summer hours, for one. ISO dates, both included. */
  readonly seasons?: readonly Season[]
  /** Of an agency's calendar: what it keeps itself. On days that none of it is dated for, `seasons` hold. */
  readonly own?: readonly Season[]
  /** Of the district's calendar: those of the agencies that keep hours or days of their own, by the agency's id. */
  readonly agencies?: ReadonlyMap<number, Calendar>
  /** 时限 as the district has set them; absent: the starting values. */
  readonly ladder?: Ladder
}

export interface Season {
  readonly from: string
  readonly until: string | null
  readonly span: WorkingSpan
  /** ISO weekdays (1 is Monday) on which it holds unless the day is a holiday; absent: on every working day. */
  readonly weekdays?: readonly number[]
}

/** The calendar an agency works by: the district's, but for the days and hours it keeps itself. */
export function agencyCalendar(district: Calendar, own: { days: DatedDays; hours: readonly Season[] }): Calendar {
  const { agencies: _, ...shared } = district
  return { ...shared, days: new Map([...district.days, ...own.days]), own: own.hours }
}

/** By whose hours a promise counts: those of the agency that answers for it; of nobody's agency, the district's. */
export const calendarOf = (district: Calendar, agencyId: number | null): Calendar =>
  (agencyId === null ? undefined : district.agencies?.get(agencyId)) ?? district

/** Office hours with the midday gap that public offices here keep; used where the district has set none. */
export const officeSpans = [
  [8 * 60 + 30, 12 * 60],
  [14 * 60 + 30, 17 * 60 + 30],
] as const

/** The ISO date that people at the place write at this moment. */
export function localDate(at: Date, zone: string): string {
  return DateTime.fromJSDate(at, { zone: zoneNamed(zone) }).toISODate() ?? ''
}

export function isWorkingDay(calendar: Calendar, at: Date): boolean {
  return isWorkingDate(calendar, DateTime.fromJSDate(at, { zone: zoneNamed(calendar.zone) }))
}

/** The moment at which `minutes` of working time have passed since `at`. Looks at most two years ahead. */
export function addWorkingMinutes(calendar: Calendar, at: Date, minutes: number): Date {
  let left = minutes * 60_000
  // Counted up to here: spans that overlap, as a night span and the next morning's may, count once.
  let reached = at.getTime()
  // A span that began the day before may still run.
  let day = DateTime.fromJSDate(at, { zone: zoneNamed(calendar.zone) })
    .startOf('day')
    .minus({ days: 1 })
  for (let i = 0; i < 732; i++, day = day.plus({ days: 1 })) {
    for (const [from, to] of spansWorked(calendar, day)) {
      const start = Math.max(atMinute(day, from), reached)
      const end = atMinute(to <= from ? day.plus({ days: 1 }) : day, to)
      if (start >= end) continue
      if (left <= end - start) return new Date(start + left)
      left -= end - start
      reached = end
    }
  }
  throw new RangeError('the calendar has no working time in the next two years')
}

/** The spans worked on one day, ascending by their beginning. */
function spansWorked(calendar: Calendar, day: DateTime): readonly WorkingSpan[] {
  const working = isWorkingDate(calendar, day)
  const isoDate = day.toISODate() ?? ''
  const inForce = ({ from, until }: Season) => from <= isoDate && (until === null || isoDate <= until)
  const own = (calendar.own ?? []).filter(inForce)
  const dated = own.length > 0 ? own : (calendar.seasons ?? []).filter(inForce)
  if (dated.length === 0) return working ? calendar.spans : []
  const open = calendar.days.get(isoDate) !== 'holiday'
  return dated
    .filter(({ weekdays }) => (weekdays ? open && weekdays.includes(day.weekday) : working))
    .map(({ span }) => span)
    .sort((a, b) => a[0] - b[0])
}

/**
 * Years whose holidays and make-up workdays are missing: this one at any time, the next from October on (the State
 * Council publishes the list in the first days of November). Until they are imported the weekday decides.
 */
export function missingYears(calendar: Calendar, now: Date): number[] {
  const local = DateTime.fromJSDate(now, { zone: zoneNamed(calendar.zone) })
  const known = new Set([...calendar.days.keys()].map((date) => Number(date.slice(0, 4))))
  return [local.year, ...(local.month >= 10 ? [local.year + 1] : [])].filter((year) => !known.has(year))
}

function isWorkingDate(calendar: Calendar, local: DateTime): boolean {
  const kind = calendar.days.get(local.toISODate() ?? '')
  return kind === undefined ? local.weekday <= 5 : kind === 'workday'
}

/** Wall-clock minute of that day; where a zone skips the hour, the first moment after the gap. */
export function atMinute(day: DateTime, minute: number): number {
  if (minute === 24 * 60) return day.plus({ days: 1 }).startOf('day').toMillis()
  const at = day.set({ hour: Math.floor(minute / 60), minute: minute % 60 })
  const pushed = at.hour * 60 + at.minute - minute
  if (pushed <= 0) return at.toMillis()
  let before = at.minus({ minutes: pushed })
  while (before.plus({ minutes: 1 }).offset === before.offset) before = before.plus({ minutes: 1 })
  return before.plus({ minutes: 1 }).toMillis()
}
