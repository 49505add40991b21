import type { Db, Tx } from './db.ts'
import { type RequestRow, requestsNamed, requestsOfResident } from './requests.ts'
import type { Seal } from './secrets.ts'

/** 合并: requests that are followed up with another one, seen as far as that one has come. */

/** What this resident has under way, oldest first; what was merged is as far as what carries it. */
export async function openRequestsOf(tx: Tx | Db, seal: Seal, personId: number): Promise<RequestRow[]> {
  const found = await asCarried(tx, seal, await requestsOfResident(tx, seal, personId))
  return found.filter((request) => request.deadline !== null)
}

/** What is followed up with any of these, oldest first. */
export async function carriedBy(tx: Tx | Db, seal: Seal, carriers: readonly number[]): Promise<RequestRow[]> {
  if (carriers.length === 0) return []
  const rows = await tx.sql<{ id: number }>`
    SELECT id FROM "HelpRequest" WHERE "mergedIntoId" = ANY(${carriers}::int[]) ORDER BY id LIMIT 100`
  return asCarried(tx, seal, await requestsNamed(tx, seal, { ids: rows.map((row) => row.id) }))
}

/**
 * What was merged keeps its number, words and reporter, and has status, owner, worker and deadline of the request that
 * carries it. Not the row as it is stored: a step on it must read that one anew.
 */
export async function asCarried(tx: Tx | Db, seal: Seal, rows: readonly RequestRow[]): Promise<RequestRow[]> {
  const ids = rows.flatMap((row) => row.mergedIntoId ?? [])
  const carriers = new Map((await requestsNamed(tx, seal, { ids })).map((row) => [row.id, row]))
  return rows.map((row) => {
    const carrier = row.mergedIntoId === null ? undefined : carriers.get(row.mergedIntoId)
    if (!carrier) return row
    const { status, deadline, ownerId, owner, assigneeId, assignee, firstContactAt } = carrier
    return { ...row, status, deadline, ownerId, owner, assigneeId, assignee, firstContactAt }
  })
}
