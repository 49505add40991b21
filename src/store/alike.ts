import type { Tx } from './db.ts'
import { type RequestRow, requestsNamed } from './requests.ts'
import type { Seal } from './secrets.ts'

/** 同一件事: what is open around a request and old enough to have been told before it. */
export async function openAround(
  tx: Tx,
  seal: Seal,
  request: RequestRow,
  since: Date,
): Promise<{ readonly requests: readonly RequestRow[]; readonly households: ReadonlyMap<number, number> }> {
  const { id, requesterId, communityId } = request
  const near = await tx.sql<{ id: number }>`
    SELECT id FROM "HelpRequest"
    WHERE "communityId" = ${communityId} AND "submittedAt" >= ${since} AND "nextDeadline" IS NOT NULL AND id < ${id}
    ORDER BY "submittedAt" DESC LIMIT 50`
  const kin = await tx.sql<{ id: number }>`
    SELECT id FROM "HelpRequest"
    WHERE "requesterId" IN (
        SELECT ${requesterId}::int UNION SELECT p.id FROM "Person" me JOIN "Person" p ON p."householdId" = me."householdId"
        WHERE me.id = ${requesterId})
      AND "submittedAt" >= ${since} AND "nextDeadline" IS NOT NULL AND id < ${id} LIMIT 20`
  const requests = await requestsNamed(tx, seal, { ids: [...new Set([...near, ...kin].map((row) => row.id))] })
  const people = [...new Set([requesterId, ...requests.map((r) => r.requesterId)])]
  const homes = await tx.sql<{ id: number; householdId: number }>`
    SELECT id, "householdId" FROM "Person" WHERE id = ANY(${people}::int[]) AND "householdId" IS NOT NULL`
  return { requests, households: new Map(homes.map((row) => [row.id, row.householdId])) }
}
