import { DateTime } from 'luxon'
import { zoneNamed } from './zone.ts'

/** 工作日历: which days are worked, and when. Dated rows override the weekday (调休: a Saturday may be worked). */
export interface Calendar {
  /** IANA zone, for example Asia/Shanghai. */
  readonly zone: string
  /** ISO date → holiday or make-up workday 调休. */
  readonly days: ReadonlyMap<string, 'holiday' | 'workday'>
  /** Working spans of a working day in minutes of the local day, ascending, each [from, to). */
  readonly spans: readonly (readonly [from: number, to: number])[]
}

/** Office hours with the midday gap that public offices here keep. */
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
  let day = DateTime.fromJSDate(at, { zone: zoneNamed(calendar.zone) }).startOf('day')
  for (let i = 0; i < 731; i++, day = day.plus({ days: 1 })) {
    if (!isWorkingDate(calendar, day)) continue
    for (const [from, to] of calendar.spans) {
      const start = Math.max(atMinute(day, from), at.getTime())
      const end = atMinute(day, to)
      if (start >= end) continue
      if (left <= end - start) return new Date(start + left)
      left -= end - start
    }
  }
  throw new RangeError('the calendar has no working time in the next two years')
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
  return minute === 24 * 60
    ? day.plus({ days: 1 }).startOf('day').toMillis()
    : day.set({ hour: Math.floor(minute / 60), minute: minute % 60 }).toMillis()
}
