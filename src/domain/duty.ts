import { DateTime } from 'luxon'
import { type Calendar, isWorkingDay } from './calendar.ts'

/** 班次: a weekly rule. `toMinute <= fromMinute` crosses midnight; 0 → 0 is the whole day. */
export interface ShiftRule {
  readonly staffId: number
  readonly tier: 'primary' | 'backup'
  /** ISO weekdays on which the shift begins, Monday = 1. */
  readonly weekdays: readonly number[]
  readonly fromMinute: number
  readonly toMinute: number
  /** `working_days` follows the calendar instead of the weekday: off on holidays, on at make-up workdays 调休. */
  readonly days: 'working_days' | 'every_day'
  /** ISO dates, both included. */
  readonly validFrom: string
  readonly validTo: string | null
}

/** 上线/下线: an exception to the rota, for a while. The latest one that holds decides. */
export interface DutyException {
  readonly staffId: number
  readonly onDuty: boolean
  readonly from: Date
  readonly until: Date
}

export interface OnDuty {
  readonly staffId: number
  readonly tier: 'primary' | 'backup'
  /** In words, for the person who asks why. */
  readonly because: string
}

/** 值班: who is on duty at one moment, and why. A rule over the rota, never a green dot. */
export function onDuty(
  shifts: readonly ShiftRule[],
  exceptions: readonly DutyException[],
  calendar: Calendar,
  at: Date,
): readonly OnDuty[] {
  const here = localMoment(calendar, at)
  const found = new Map<number, OnDuty>()
  for (const shift of shifts) {
    if (!covers(shift, here)) continue
    if (found.get(shift.staffId)?.tier === 'primary') continue
    found.set(shift.staffId, { staffId: shift.staffId, tier: shift.tier, because: inWords(shift) })
  }
  const inForce = exceptions
    .filter((e) => e.from <= at && at < e.until)
    .sort((a, b) => a.from.getTime() - b.from.getTime())
  for (const exception of inForce) {
    if (exception.onDuty) {
      const usual = found.get(exception.staffId)
      found.set(exception.staffId, usual ?? { staffId: exception.staffId, tier: 'primary', because: '本人临时上线' })
    } else found.delete(exception.staffId)
  }
  return [...found.values()].sort((a, b) => a.staffId - b.staffId)
}

/** The moment in local terms, worked out once for a whole rota. */
interface LocalMoment {
  readonly minute: number
  readonly today: LocalDay
  readonly yesterday: LocalDay
}
interface LocalDay {
  readonly date: string
  readonly weekday: number
  readonly working: boolean
}

function localMoment(calendar: Calendar, at: Date): LocalMoment {
  const local = DateTime.fromJSDate(at, { zone: calendar.zone })
  const day = (moment: DateTime): LocalDay => ({
    date: moment.toISODate() ?? '',
    weekday: moment.weekday,
    working: isWorkingDay(calendar, moment.toJSDate()),
  })
  const yesterday = local.startOf('day').minus({ days: 1 })
  return { minute: local.hour * 60 + local.minute, today: day(local), yesterday: day(yesterday) }
}

/** A shift that crosses midnight is looked up on the day it began. */
function covers(shift: ShiftRule, { minute, today, yesterday }: LocalMoment): boolean {
  const { fromMinute, toMinute } = shift
  const within = toMinute > fromMinute
  if (begins(shift, today) && minute >= fromMinute && (within ? minute < toMinute : true)) return true
  return !within && minute < toMinute && begins(shift, yesterday)
}

function begins(shift: ShiftRule, day: LocalDay): boolean {
  if (day.date < shift.validFrom || (shift.validTo !== null && day.date > shift.validTo)) return false
  return shift.days === 'working_days' ? day.working : shift.weekdays.includes(day.weekday)
}

function inWords(shift: ShiftRule): string {
  const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`
  const hours =
    shift.fromMinute === 0 && shift.toMinute % 1440 === 0
      ? '全天'
      : `${clock(shift.fromMinute)}–${clock(shift.toMinute)}`
  return `${shift.tier === 'primary' ? '值班' : '备班'} ${hours}`
}
