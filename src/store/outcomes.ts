import type { Calendar } from '../domain/calendar.ts'
import { acknowledgedBy } from '../domain/ladder.ts'
import { Urgency } from '../domain/taxonomy.ts'
import type { Db, Tx } from './db.ts'

/** 响应率、解决率、满意率: what came of the requests an agency has closed. */

export interface Share {
  readonly good: number
  readonly of: number
}

export interface AgencyRates {
  readonly agencyId: number
  readonly agency: string
  readonly closed: number
  /** Accepted by a named person by the time that was promised. */
  readonly respondedInTime: Share
  /** Of those who answered: solved by the resident's own word. */
  readonly solved: Share
  /** Of those who answered: 满意; 一般 is not counted as good. */
  readonly satisfied: Share
}

interface Found {
  agencyId: number
  agency: string
  urgency: string
  submittedAt: Date
  acceptedAt: Date | null
  solved: boolean | null
  satisfied: string | null
}

/** Requests resolved since then, by the agency of who said they were done — also when the resident said they were not. */
export async function agencyRates(db: Tx | Db, since: Date, calendar: Calendar): Promise<AgencyRates[]> {
  const rows = await db.$queryRaw<Found[]>`
    SELECT s."agencyId", a.name AS agency, r.urgency, coalesce(r."submittedAt", r."openedAt") AS "submittedAt",
      first.at AS "acceptedAt", f.solved, g.satisfied
    FROM "HelpRequest" r
      JOIN LATERAL (SELECT e."actorId" FROM "RequestEvent" e WHERE e."requestId" = r.id AND e.step = 'resolved'
        ORDER BY e.version DESC LIMIT 1) done ON true
      JOIN "Staff" s ON s.id = done."actorId" JOIN "Agency" a ON a.id = s."agencyId"
      LEFT JOIN LATERAL (SELECT e.at FROM "RequestEvent" e WHERE e."requestId" = r.id AND e.step = 'accepted'
        ORDER BY e.version LIMIT 1) first ON true
      LEFT JOIN LATERAL (SELECT solved FROM "Feedback" WHERE "requestId" = r.id AND solved IS NOT NULL
        ORDER BY id DESC LIMIT 1) f ON true
      LEFT JOIN LATERAL (SELECT satisfied FROM "Feedback" WHERE "requestId" = r.id AND satisfied IS NOT NULL
        ORDER BY id DESC LIMIT 1) g ON true
    WHERE r."resolvedAt" >= ${since}`
  const agencies = new Map<number, Found[]>()
  for (const row of rows) agencies.set(row.agencyId, [...(agencies.get(row.agencyId) ?? []), row])
  return [...agencies.values()].flatMap((theirs) => {
    const [one] = theirs
    if (!one) return []
    const inTime = (row: Found) =>
      row.acceptedAt !== null && row.acceptedAt <= acknowledgedBy(Urgency.parse(row.urgency), row.submittedAt, calendar)
    return [
      {
        agencyId: one.agencyId,
        agency: one.agency,
        closed: theirs.length,
        respondedInTime: share(theirs, () => true, inTime),
        solved: share(
          theirs,
          (row) => row.solved !== null,
          (row) => row.solved === true,
        ),
        satisfied: share(
          theirs,
          (row) => row.satisfied !== null,
          (row) => row.satisfied === 'yes',
        ),
      },
    ]
  })
}

const share = (rows: readonly Found[], asked: (row: Found) => boolean, good: (row: Found) => boolean): Share => {
  const answered = rows.filter(asked)
  return { good: answered.filter(good).length, of: answered.length }
}
