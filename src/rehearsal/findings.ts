import type { Calendar } from '../domain/calendar.ts'
import { acknowledgedBy } from '../domain/ladder.ts'
import { type Urgency, urgencies } from '../domain/taxonomy.ts'
import type { Db } from '../store/db.ts'

/** What a rehearsal found: every broken promise is one line with its reason, every number comes from the rows. */

export interface Findings {
  readonly requests: number
  readonly byUrgency: readonly UrgencyFindings[]
  /** Requests acknowledged later than promised although somebody could have been asked, or not at all. */
  readonly late: readonly LateRequest[]
  /** An invariant of the house that did not hold; there must be none. */
  readonly broken: readonly string[]
  /** Requests nobody could be offered under a contract. */
  readonly unplaced: number
  readonly climbedToCoordinator: number
  readonly closed: number
}

export interface UrgencyFindings {
  readonly urgency: Urgency
  readonly requests: number
  readonly inTime: number
  /** Minutes from the plea to a named person, of those who were acknowledged. */
  readonly medianMinutes: number
  readonly p95Minutes: number
}

export interface LateRequest {
  readonly number: number
  readonly urgency: Urgency
  readonly at: Date
  readonly minutesLate: number
  /** How many people were asked before, and whether the ladder was climbed meanwhile. */
  readonly asked: number
  readonly climbed: boolean
}

interface Row {
  number: number
  urgency: Urgency
  /** From when the promise counts: a danger heard while nobody had it yet begins a promise of its own. */
  submittedAt: Date
  acknowledgedAt: Date | null
  withdrawnAt: Date | null
  asked: number
  climbed: boolean
}

/** @param until the end of the rehearsed time: a promise that falls later is not judged. */
export async function findingsOf(
  db: Db,
  calendar: Calendar,
  until: Date,
  broken: readonly string[],
): Promise<Findings> {
  const rows = await db.$queryRaw<Row[]>`
    SELECT r.number, r.urgency, coalesce(c.at, r."submittedAt", r."openedAt") AS "submittedAt", a.at AS "acknowledgedAt",
      w.at AS "withdrawnAt",
      (SELECT count(*)::int FROM "Offer" o WHERE o."requestId" = r.id AND (a.at IS NULL OR o."offeredAt" <= a.at)) AS asked,
      EXISTS (SELECT 1 FROM "RequestEvent" e WHERE e."requestId" = r.id AND (a.at IS NULL OR e.at <= a.at)
        AND (e.step IN ('climbed', 'unplaced') OR (e.step = 'offered' AND (e.detail->>'rung')::int > 0))) AS climbed
    FROM "HelpRequest" r LEFT JOIN LATERAL (
      SELECT min(e.at) AS at FROM "RequestEvent" e WHERE e."requestId" = r.id AND e.step = 'accepted') a ON true
      LEFT JOIN "RequestEvent" c ON c."requestId" = r.id AND c.step = 'crisis_heard'
      LEFT JOIN "RequestEvent" w ON w."requestId" = r.id AND w.step = 'withdrawn' AND a.at IS NULL
    WHERE c.at IS NULL OR a.at IS NULL OR c.at <= a.at
    ORDER BY r.id`
  const promised = (row: Row) => acknowledgedBy(row.urgency, row.submittedAt, calendar)
  // Who took it back before the promised time was promised nothing any more.
  const judged = rows.filter((row) => promised(row) <= until && !(row.withdrawnAt && row.withdrawnAt <= promised(row)))
  const inTime = (row: Row) => row.acknowledgedAt !== null && row.acknowledgedAt <= promised(row)
  const late = judged
    .filter((row) => !inTime(row))
    .map((row) => ({
      number: row.number,
      urgency: row.urgency,
      at: row.submittedAt,
      minutesLate: minutes(promised(row), row.acknowledgedAt ?? until),
      asked: row.asked,
      climbed: row.climbed,
    }))
  // A promise may be missed; that it is missed and nobody higher up was told may not.
  const silent = late.filter((l) => !l.climbed).map((l) => `求助${l.number}：没有按时有人接，也没有升级`)
  const [counts] = await db.$queryRaw<{ requests: number; unplaced: number; coordinator: number; closed: number }[]>`
    SELECT (SELECT count(*)::int FROM "HelpRequest") AS requests,
      (SELECT count(DISTINCT "requestId")::int FROM "RequestEvent" WHERE step = 'unplaced') AS unplaced,
      (SELECT count(DISTINCT "requestId")::int FROM "RequestEvent" WHERE step = 'climbed') AS coordinator,
      (SELECT count(*)::int FROM "HelpRequest" WHERE status = 'closed') AS closed`
  return {
    requests: counts?.requests ?? 0,
    byUrgency: urgencies.map((urgency) => summed(urgency, judged, inTime)),
    late,
    broken: [...broken, ...silent],
    unplaced: counts?.unplaced ?? 0,
    climbedToCoordinator: counts?.coordinator ?? 0,
    closed: counts?.closed ?? 0,
  }
}

function summed(urgency: Urgency, judged: readonly Row[], inTime: (row: Row) => boolean): UrgencyFindings {
  const theirs = judged.filter((row) => row.urgency === urgency)
  const waits = theirs
    .flatMap((row) => (row.acknowledgedAt ? [minutes(row.submittedAt, row.acknowledgedAt)] : []))
    .sort((a, b) => a - b)
  const at = (share: number) => Math.round(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? 0)
  return {
    urgency,
    requests: theirs.length,
    inTime: theirs.filter(inTime).length,
    medianMinutes: at(0.5),
    p95Minutes: at(0.95),
  }
}

const minutes = (from: Date, to: Date): number => Math.round((to.getTime() - from.getTime()) / 60_000)
