import { DateTime } from 'luxon'
import { type Calendar, isWorkingDay } from './calendar.ts'
import type { Programme } from './taxonomy.ts'
import { zoneNamed } from './zone.ts'

export const shiftDays = ['working_days', 'rest_days', 'every_day'] as const

/**
 * 班次: a weekly rule; a single shift is one that is valid on one day. `toMinute <= fromMinute` crosses midnight; 0 → 0 is
 * the whole day.
 */
export interface ShiftRule {
  readonly staffId: number
  readonly tier: 'primary' | 'backup'
  /** ISO weekdays on which the shift begins, Monday = 1. */
  readonly weekdays: readonly number[]
  readonly fromMinute: number
  readonly toMinute: number
  /**
   * `working_days` follows the calendar instead of the weekday: off on holidays, on at make-up workdays 调休. `rest_days`: of the
   * named weekdays those that are not worked. `every_day`: the named weekdays, whatever the calendar says.
   */
  readonly days: (typeof shiftDays)[number]
  /** ISO dates, both included. */
  readonly validFrom: string
  readonly validTo: string | null
  /** Only for this programme; null: whatever the agency is contracted for. */
  readonly programme: Programme | null
  /** Only in these communities; empty: everywhere. */
  readonly communityIds: readonly number[]
}

/** 上线/下线/请假: an exception to the rota, for a while. The latest one that holds decides. */
export interface DutyException {
  readonly staffId: number
  readonly onDuty: boolean
  readonly why: 'said' | 'leave'
  readonly from: Date
  readonly until: Date
}

/** 换班 that both sides have agreed to: from here to there the second stands in for the first. */
export interface AcceptedSwap {
  readonly fromStaffId: number
  readonly toStaffId: number
  readonly from: Date
  readonly until: Date
}

/** 排班表: the weekly rules, what changes them for a while, in the order in which it was agreed. */
export interface Rota {
  readonly shifts: readonly ShiftRule[]
  readonly exceptions: readonly DutyException[]
  readonly swaps: readonly AcceptedSwap[]
}

export interface OnDuty {
  readonly staffId: number
  readonly tier: 'primary' | 'backup'
  /** In words, for the person who asks why. */
  readonly because: string
  /** Where it reaches: one entry a shift that holds now; empty: everywhere the agency is contracted for. */
  readonly scopes: readonly DutyScope[]
}

export interface DutyScope {
  readonly programme: Programme | null
  readonly communityIds: readonly number[]
}

/**
 * 值班: who is on duty at one moment, and why. A rule over the rota, never a green dot. First the shifts, then the swaps in
 * the order they were accepted (a swap on a swap hands on what the first one gave), then what people said of themselves.
 */
export function onDuty(rota: Rota, calendar: Calendar, at: Date): readonly OnDuty[] {
  const here = localMoment(calendar, at)
  const found = new Map<number, OnDuty>()
  for (const shift of rota.shifts) {
    if (covers(shift, here)) add(found, fromShift(shift))
  }
  for (const swap of rota.swaps) {
    if (!(swap.from <= at && at < swap.until)) continue
    const given = found.get(swap.fromStaffId)
    if (!given) continue
    found.delete(swap.fromStaffId)
    add(found, { ...given, staffId: swap.toStaffId, because: `替班 ${given.because.replace(/^替班 /u, '')}` })
  }
  for (const exception of inForce(rota.exceptions, at)) {
    if (!exception.onDuty) found.delete(exception.staffId)
    else if (!found.has(exception.staffId)) {
      found.set(exception.staffId, {
        staffId: exception.staffId,
        tier: 'primary',
        because: '本人临时上线',
        scopes: [],
      })
    }
  }
  return [...found.values()].sort((a, b) => a.staffId - b.staffId)
}

/** Whether a duty reaches this programme and community; an unknown community is everywhere. */
export function reaches(
  duty: Pick<OnDuty, 'scopes'>,
  programme: Programme | undefined,
  communityId: number | null,
): boolean {
  return (
    duty.scopes.length === 0 ||
    duty.scopes.some(
      (scope) =>
        (scope.programme === null || scope.programme === programme) &&
        (scope.communityIds.length === 0 || communityId === null || scope.communityIds.includes(communityId)),
    )
  )
}

// --- internal

/** Two shifts of one person at once: first duty counts before backup, and both reach where they reach. */
function add(found: Map<number, OnDuty>, duty: OnDuty): void {
  const known = found.get(duty.staffId)
  if (!known) {
    found.set(duty.staffId, duty)
    return
  }
  const [first, other] = known.tier === 'primary' || duty.tier === 'backup' ? [known, duty] : [duty, known]
  const everywhere = first.scopes.length === 0 || other.scopes.length === 0
  found.set(duty.staffId, { ...first, scopes: everywhere ? [] : [...first.scopes, ...other.scopes] })
}

function fromShift(shift: ShiftRule): OnDuty {
  const everywhere = shift.programme === null && shift.communityIds.length === 0
  return {
    staffId: shift.staffId,
    tier: shift.tier,
    because: inWords(shift),
    scopes: everywhere ? [] : [{ programme: shift.programme, communityIds: shift.communityIds }],
  }
}

function inForce(exceptions: readonly DutyException[], at: Date): readonly DutyException[] {
  return exceptions.filter((e) => e.from <= at && at < e.until).sort((a, b) => a.from.getTime() - b.from.getTime())
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
  const local = DateTime.fromJSDate(at, { zone: zoneNamed(calendar.zone) })
  const yesterday = local.startOf('day').minus({ days: 1 })
  return {
    minute: local.hour * 60 + local.minute,
    today: localDay(calendar, local),
    yesterday: localDay(calendar, yesterday),
  }
}

export function localDay(calendar: Calendar, moment: DateTime): LocalDay {
  return {
    date: moment.toISODate() ?? '',
    weekday: moment.weekday,
    working: isWorkingDay(calendar, moment.toJSDate()),
  }
}

/** A shift that crosses midnight is looked up on the day it began. */
function covers(shift: ShiftRule, { minute, today, yesterday }: LocalMoment): boolean {
  const { fromMinute, toMinute } = shift
  const within = toMinute > fromMinute
  if (begins(shift, today) && minute >= fromMinute && (within ? minute < toMinute : true)) return true
  return !within && minute < toMinute && begins(shift, yesterday)
}

/** Whether the shift begins on this local day. */
export function begins(shift: ShiftRule, day: LocalDay): boolean {
  if (day.date < shift.validFrom || (shift.validTo !== null && day.date > shift.validTo)) return false
  if (shift.days === 'rest_days' && day.working) return false
  return shift.days === 'working_days' ? day.working : shift.weekdays.includes(day.weekday)
}

const clock = (minute: number) => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, '0')}`

function inWords(shift: ShiftRule): string {
  const hours =
    shift.fromMinute === 0 && shift.toMinute % 1440 === 0
      ? '全天'
      : `${clock(shift.fromMinute)}–${clock(shift.toMinute)}`
  return `${shift.tier === 'primary' ? '值班' : '备班'} ${hours}`
}
