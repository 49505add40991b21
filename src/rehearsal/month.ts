import { DateTime } from 'luxon'
import type { Logger } from 'pino'
import { makeInTurn } from '../dispatch/in-turn.ts'
import { localDate } from '../domain/calendar.ts'
import { dutySegments } from '../domain/coverage.ts'
import { workingCalendar } from '../store/calendar.ts'
import type { Db } from '../store/db.ts'
import { dueRequests } from '../store/requests.ts'
import type { Seal } from '../store/secrets.ts'
import { type Act, makeActors } from './actors.ts'
import { arrivals, diceFrom } from './cast.ts'
import { type Findings, findingsOf } from './findings.ts'
import { brokenInvariants, missedInSilence } from './invariants.ts'
import { factsOf, makeRooms, type Rooms } from './rooms.ts'
import { Timeline } from './timeline.ts'

export interface Rehearsal {
  readonly db: Db
  readonly seal: Seal
  readonly zone: string
  readonly from: Date
  readonly days: number
  /** Pleas a day on average. */
  readonly perDay: number
  readonly seed: number
  readonly log: Logger
  readonly onDay?: (day: string, requests: number) => void
  /** What does the dispatching, when not this process: one that is killed in the middle of its work (`mortal-rooms.ts`). */
  readonly rooms?: (factsVersion: () => number) => Rooms
}

/** A request that comes due this often at one moment is stuck, and says so instead of going round for ever. */
const mostAtOnce = 40

/**
 * 演练: a stretch of time played through the real dispatch rooms on a copy of the district, with people who answer, decline,
 * sleep, swap, fall ill and lose their phones. The clock jumps from one event to the next. No bell ever rings: whatever
 * is due is found by its deadline alone, as after losing the whole queue. After every event the invariants are asked.
 */
export async function rehearse(rehearsal: Rehearsal): Promise<Findings> {
  const { db, seal, zone, from, days, log } = rehearsal
  const dice = diceFrom(rehearsal.seed)
  const until = DateTime.fromJSDate(from, { zone }).plus({ days }).toJSDate()
  const clock = { now: from }
  const now = () => clock.now
  const calendar = await workingCalendar(db, zone)
  const facts = factsOf(db, zone, now)
  const inTurn = makeInTurn({
    db,
    seal,
    ring: async () => undefined,
    calendar: async () => calendar,
    facts: facts.read,
    now,
    log,
  })
  const rooms = rehearsal.rooms?.(() => facts.version) ?? makeRooms(inTurn, log)
  const timeline = new Timeline<Act>()
  const actors = await makeActors({ db, inTurn, calendar, dice, now, put: (at, act) => timeline.put(at, act), facts })

  const broken = new Set<string>()
  let day = DateTime.fromJSDate(from, { zone }).startOf('day')
  for (; day.toJSDate() < until; day = day.plus({ days: 1 })) {
    timeline.put(later(day.plus({ hours: 1 }).toJSDate(), from), { do: 'morning' })
    for (const at of arrivals(dice, day.toJSDate(), rehearsal.perDay)) {
      if (at >= from && at < until) timeline.put(at, { do: 'plea' })
    }
  }
  for (const { until: change } of dutySegments(await facts.read(), calendar, from, until)) {
    timeline.put(change, { do: 'duty_changes' })
  }
  const stuck = new Map<string, number>()
  for (;;) {
    const due = (await dueRequests(db, until, 1))[0]
    const dueAt = due ? new Date(until.getTime() - due.late) : undefined
    const next = timeline.next
    const first = dueAt && (!next || dueAt <= next) ? dueAt : next
    if (!first || first > until) break
    const before = clock.now
    clock.now = first > before ? first : before
    if (due && first === dueAt) {
      const key = `${due.id}@${clock.now.toISOString()}`
      stuck.set(key, (stuck.get(key) ?? 0) + 1)
      if ((stuck.get(key) ?? 0) > mostAtOnce) {
        broken.add(`求助（第${due.id}行）：时限到了，处理后仍没有往后`)
        break
      }
      await rooms.escalate(due.id, clock.now)
      await actors.notice(due.id)
    } else {
      const act = timeline.take()
      if (!act) break
      if (act.what.do === 'duty_changes') {
        await rooms.dutyChanged(clock.now)
        await actors.noticeAll()
      } else if (act.what.do === 'promise') {
        const silent = await missedInSilence(db, act.what.requestId)
        if (silent) broken.add(silent)
      } else await actors.perform(act.what)
      if (act.what.do === 'morning') rehearsal.onDay?.(localDate(clock.now, zone), actors.pleas())
    }
    for (const line of await brokenInvariants(db, clock.now)) broken.add(line)
  }
  clock.now = until
  return findingsOf(db, calendar, until, [...broken])
}

const later = (at: Date, from: Date): Date => (at > from ? at : from)
