import { DateTime } from 'luxon'
import { atMinute, type Calendar } from './calendar.ts'
import { begins, localDay, type OnDuty, onDuty, type Rota, reaches } from './duty.ts'
import { type ActiveContract, frontline, type StaffRole } from './policy.ts'
import { zoneNamed } from './zone.ts'

/** 排班检查: the rota looked at over a stretch of time — who is on when, and where nobody is. */

/** A stretch in which nothing about duty changes; [from, until). */
export interface DutySegment {
  readonly from: Date
  readonly until: Date
  readonly onDuty: readonly OnDuty[]
}

/** Who is on duty from one moment to another, cut wherever anything changes. Agrees with `onDuty` at every moment. */
export function dutySegments(rota: Rota, calendar: Calendar, from: Date, until: Date): DutySegment[] {
  const cuts = [...cutsOf(rota, calendar, from, until)].sort((a, b) => a - b)
  return cuts.slice(0, -1).map((cut, i) => ({
    from: new Date(cut),
    until: new Date(cuts[i + 1] ?? cut),
    onDuty: onDuty(rota, calendar, new Date(cut)),
  }))
}

/** 我的班: the spans in which one person is on duty, joined where one goes over into the next. */
export function spansOf(
  staffId: number,
  segments: readonly DutySegment[],
): { readonly from: Date; readonly until: Date; readonly duty: OnDuty }[] {
  const spans: { from: Date; until: Date; duty: OnDuty }[] = []
  for (const segment of segments) {
    const duty = segment.onDuty.find((d) => d.staffId === staffId)
    if (!duty) continue
    const last = spans.at(-1)
    if (last && last.until.getTime() === segment.from.getTime() && last.duty.because === duty.because)
      last.until = segment.until
    else spans.push({ from: segment.from, until: segment.until, duty })
  }
  return spans
}

/** 空班 (nobody who could be reached) or 单薄 (somebody, and nobody behind them). */
export interface CoverageHole {
  readonly kind: 'gap' | 'thin'
  readonly contract: ActiveContract
  readonly from: Date
  readonly until: Date
}

/** A colleague as coverage sees one: only who has joined a chat can be reached. */
export interface Reachable {
  readonly id: number
  readonly role: StaffRole
  readonly agencyId: number | null
  readonly personId: number | null
}

/**
 * Where the rota leaves a contract with nobody, or with one person and nobody behind them. Crises come at any hour, so
 * every hour is looked at; a hole is one stretch, however many segments it runs through.
 */
export function coverageHoles(
  contracts: readonly ActiveContract[],
  staff: readonly Reachable[],
  segments: readonly DutySegment[],
): CoverageHole[] {
  const people = new Map(staff.map((person) => [person.id, person]))
  return contracts.flatMap((contract) => {
    const holes: { kind: CoverageHole['kind']; contract: ActiveContract; from: Date; until: Date }[] = []
    for (const segment of segments) {
      const able = segment.onDuty.flatMap((duty) => {
        const person = people.get(duty.staffId)
        const theirs = person?.agencyId === contract.agencyId && frontline.includes(person.role)
        return theirs && reaches(duty, contract.programme, null) ? [person] : []
      })
      const reachable = able.some((person) => person.personId !== null)
      const kind = !reachable ? 'gap' : able.length === 1 ? 'thin' : undefined
      const last = holes.at(-1)
      if (kind === undefined) continue
      if (last?.kind === kind && last.until.getTime() === segment.from.getTime()) last.until = segment.until
      else holes.push({ kind, contract, from: segment.from, until: segment.until })
    }
    return holes
  })
}

// --- internal

function cutsOf(rota: Rota, calendar: Calendar, from: Date, until: Date): Set<number> {
  const cuts = new Set([from.getTime(), until.getTime()])
  const cut = (at: number) => {
    if (at > from.getTime() && at < until.getTime()) cuts.add(at)
  }
  // A shift that began the day before may end in the stretch.
  let day = DateTime.fromJSDate(from, { zone: zoneNamed(calendar.zone) })
    .startOf('day')
    .minus({ days: 1 })
  for (; day.toMillis() < until.getTime(); day = day.plus({ days: 1 })) {
    const local = localDay(calendar, day)
    // Shifts of a district share a handful of times: each is worked out once a day.
    const moments = new Map<string, number>()
    const moment = (on: DateTime, minute: number): number => {
      const key = `${on === day}${minute}`
      const known = moments.get(key) ?? atMinute(on, minute)
      moments.set(key, known)
      return known
    }
    const next = day.plus({ days: 1 })
    for (const shift of rota.shifts) {
      if (!begins(shift, local)) continue
      cut(moment(day, shift.fromMinute))
      const overnight = shift.toMinute <= shift.fromMinute
      cut(moment(overnight ? next : day, shift.toMinute))
    }
  }
  for (const { from: start, until: end } of [...rota.exceptions, ...rota.swaps]) {
    cut(start.getTime())
    cut(end.getTime())
  }
  return cuts
}
