import type { Tx } from './db.ts'
import { Prisma } from './generated/client.ts'
import { leaveOut, recallOf } from './recipients.ts'

/** Held by whoever writes down an audience, and by whoever makes two people one: nobody is counted in between. */
export async function lockWhoIsWho(tx: Tx): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('notices:people', 0))::text`
}

/** The further it has come, the more it counts. */
const worth = Prisma.sql`CASE outcome WHEN 'delivered' THEN 1 WHEN 'sent' THEN 2 WHEN 'queued' THEN 3 WHEN 'waiting' THEN 4
  WHEN 'failed' THEN 5 ELSE 6 END`

/**
 * Two chats turn out to be one person: in every notice that both were meant by, one row remains, the one that has come
 * furthest; what waited for the other is taken back, so that nobody is told or counted twice. What was signed up for or
 * told at a door stays, whichever it was.
 */
export async function mergeNotices(tx: Tx, from: number, into: number, now: Date): Promise<void> {
  await lockWhoIsWho(tx)
  // Before the rows, as the feeder does.
  await tx.$queryRaw`
    SELECT b.id FROM "Broadcast" b
    WHERE b.id IN (SELECT "broadcastId" FROM "BroadcastRecipient" WHERE "personId" = ${from}) ORDER BY b.id FOR UPDATE`
  await recallOf(tx, [from, into], now)
  const pairs = await tx.$queryRaw<{ broadcastId: number; kept: number; other: number }[]>`
    SELECT "broadcastId", (array_agg("personId" ORDER BY ${worth}, "personId" = ${from}))[1] AS kept,
      (array_agg("personId" ORDER BY ${worth}, "personId" = ${from}))[2] AS other
    FROM "BroadcastRecipient" WHERE "personId" IN (${from}, ${into}) GROUP BY 1 HAVING count(*) = 2`
  for (const { broadcastId, kept, other } of pairs) {
    await tx.$executeRaw`
      UPDATE "BroadcastRecipient" k SET "signedUpAt" = COALESCE(k."signedUpAt", o."signedUpAt"),
        "toldAt" = COALESCE(k."toldAt", o."toldAt"), "doorStaffId" = COALESCE(k."doorStaffId", o."doorStaffId"),
        "communityId" = COALESCE(k."communityId", o."communityId")
      FROM "BroadcastRecipient" o WHERE k."broadcastId" = ${broadcastId} AND k."personId" = ${kept}
        AND o."broadcastId" = ${broadcastId} AND o."personId" = ${other}`
    // The message that failed keeps no key that the one to come would need.
    await tx.$executeRaw`
      UPDATE "OutboundMessage" m SET "dedupeKey" = m."dedupeKey" || ':linked' FROM "BroadcastRecipient" o
      WHERE o."broadcastId" = ${broadcastId} AND o."personId" = ${other} AND m.id = o."outboundId"
        AND m.status IN ('failed', 'skipped')`
    await tx.$executeRaw`
      DELETE FROM "BroadcastRecipient" WHERE "broadcastId" = ${broadcastId} AND "personId" = ${other}`
  }
  await tx.$executeRaw`UPDATE "BroadcastRecipient" SET "personId" = ${into} WHERE "personId" = ${from}`
  await leaveOut(tx, into, now)
}
