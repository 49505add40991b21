import type { Db, Tx } from './db.ts'

/** An open request whose promise is broken: nobody who can act owns it, or its deadline came and was not handled. */
export interface Orphan {
  readonly id: number
  readonly number: number
  readonly version: number
  readonly broken: 'no_deadline' | 'owner_gone' | 'deadline_unhandled'
}

/**
 * Every branch walks a partial index over open requests only: closed ones, however many, cost nothing
 * (`bench/auditor.ts` has the figures at a million).
 * @param unhandledSince a deadline before this moment should have been handled.
 */
export async function orphans(db: Tx | Db, unhandledSince: Date, take: number): Promise<Orphan[]> {
  return db.sql<Orphan>`
    (SELECT id, number, version, 'no_deadline' AS broken FROM "HelpRequest"
      WHERE "nextDeadline" IS NULL AND status NOT IN ('closed', 'withdrawn', 'merged') LIMIT ${take})
    UNION ALL
    (SELECT r.id, r.number, r.version, 'owner_gone' FROM "Staff" s JOIN "HelpRequest" r ON r."ownerId" = s.id
      WHERE NOT s.active AND r."nextDeadline" IS NOT NULL LIMIT ${take})
    UNION ALL
    (SELECT id, number, version, 'deadline_unhandled' FROM "HelpRequest"
      WHERE "nextDeadline" < ${unhandledSince} ORDER BY "nextDeadline" LIMIT ${take})`
}
