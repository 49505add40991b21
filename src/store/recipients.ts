import type { SkipReason } from '../domain/audience.ts'
import type { Db, Tx } from './db.ts'
import { Prisma } from './generated/client.ts'

/** What became of each recipient, why, and who still has to be told at the door. */

/**
 * Write down what the outbox has found out. A window that is closed or a quota that is used up is nobody's failure: such a
 * person could not be written to at all. Returns how many were settled.
 */
export async function settleRecipients(db: Db | Tx, broadcastId: number): Promise<number> {
  return db.$executeRaw`
    UPDATE "BroadcastRecipient" r SET
      outcome = CASE WHEN o.status = 'sent' THEN 'sent'
        WHEN o.status = 'skipped' OR o.failure IN ('window-closed', 'quota') THEN 'skipped' ELSE 'failed' END,
      reason = CASE WHEN o.status = 'sent' THEN NULL
        WHEN o.failure IN ('window-closed', 'quota') THEN 'no_window' ELSE COALESCE(o.failure, 'unknown') END,
      lane = a.channel || ':' || a.account, "addressId" = a.id,
      at = COALESCE(o."sentAt", r.at)
    FROM "OutboundMessage" o JOIN "Address" a ON a.id = o."addressId"
    WHERE r."broadcastId" = ${broadcastId} AND r.outcome = 'queued' AND o.id = r."outboundId"
      AND o.status IN ('sent', 'failed', 'skipped')`
}

/** Who is told at the door: everybody not reached, but those who said no, and those whose phone heard it for them. */
const missed = Prisma.sql`r.outcome IN ('failed', 'skipped') AND r.reason NOT IN ('opted_out', 'withdrawn')
  AND NOT (r.reason = 'same_phone' AND EXISTS (SELECT 1 FROM "BroadcastRecipient" told
    WHERE told."broadcastId" = r."broadcastId" AND told."addressId" = r."addressId" AND told."personId" <> r."personId"
      AND told.outcome IN ('waiting', 'queued', 'sent', 'delivered')))`

/** It came to them, or to the phone they share. */
const heard = Prisma.sql`(r.outcome IN ('queued', 'sent', 'delivered') OR r.reason = 'same_phone')`

/** Everybody who still waits will not be written to any more, and this is why. */
export async function skipWaiting(tx: Tx, broadcastId: number, reason: SkipReason, now: Date): Promise<number> {
  return tx.$executeRaw`
    UPDATE "BroadcastRecipient" SET outcome = 'skipped', reason = ${reason}, at = ${now}::timestamptz
    WHERE "broadcastId" = ${broadcastId} AND outcome = 'waiting'`
}

/** Who has written since is known to have a phone in hand: that is all "delivered" can mean here. */
export async function markDelivered(db: Db | Tx, broadcastId: number): Promise<number> {
  return db.$executeRaw`
    UPDATE "BroadcastRecipient" r SET outcome = 'delivered' FROM "Address" a
    WHERE r."broadcastId" = ${broadcastId} AND r.outcome = 'sent' AND a.id = r."addressId" AND a."lastHeardAt" > r.at`
}

export interface Tally {
  readonly lane: string | null
  readonly outcome: string
  readonly reason: string | null
  readonly people: number
}

export async function tally(tx: Tx | Db, broadcastId: number): Promise<Tally[]> {
  return tx.$queryRaw<Tally[]>`
    SELECT lane, outcome, reason, count(*)::int AS people FROM "BroadcastRecipient" WHERE "broadcastId" = ${broadcastId}
    GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`
}

/** People still to be sent to, by account. */
export async function waitingByLane(tx: Tx | Db, broadcastId: number): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ lane: string; people: number }[]>`
    SELECT lane, count(*)::int AS people FROM "BroadcastRecipient"
    WHERE "broadcastId" = ${broadcastId} AND outcome = 'waiting' GROUP BY 1`
  return new Map(rows.map((row) => [row.lane, row.people]))
}

/** How many have gone out since then. */
export async function sentSince(tx: Tx | Db, broadcastId: number, since: Date): Promise<number> {
  const [row] = await tx.$queryRaw<{ people: number }[]>`
    SELECT count(*)::int AS people FROM "BroadcastRecipient"
    WHERE "broadcastId" = ${broadcastId} AND outcome IN ('sent', 'delivered') AND at > ${since}`
  return row?.people ?? 0
}

export interface Unreached {
  readonly personId: number
  readonly communityId: number | null
  readonly community: string | null
  readonly street: string | null
  /** The newest request, by which workers know the person. */
  readonly number: number | null
  readonly textOnly: boolean
  readonly reason: string | null
  readonly doorStaff: string | null
  readonly toldAt: Date | null
}

/**
 * 未达: everybody who should have been told and was not, by community. Who did not want this kind is not among them.
 * @param onlyFor what one colleague was asked to do and has not done.
 */
export async function unreached(
  tx: Tx | Db,
  broadcastId: number,
  { onlyFor, take = 100_000 }: { onlyFor?: number; take?: number } = {},
): Promise<Unreached[]> {
  return tx.$queryRaw<Unreached[]>`
    SELECT r."personId", r."communityId", c.name AS community, s.name AS street, p."textOnly", r.reason, r."toldAt",
      (SELECT max(h.number) FROM "HelpRequest" h WHERE h."requesterId" = r."personId") AS number,
      d.name AS "doorStaff"
    FROM "BroadcastRecipient" r JOIN "Person" p ON p.id = r."personId"
    LEFT JOIN "Community" c ON c.id = r."communityId" LEFT JOIN "Street" s ON s.id = c."streetId"
    LEFT JOIN "Staff" d ON d.id = r."doorStaffId"
    WHERE r."broadcastId" = ${broadcastId} AND ${missed}
      AND (${onlyFor ?? null}::int IS NULL OR (r."doorStaffId" = ${onlyFor ?? null}::int AND r."toldAt" IS NULL))
    ORDER BY s.name NULLS LAST, c.name NULLS LAST, r."personId" LIMIT ${take}`
}

export interface UnreachedCount {
  readonly communityId: number | null
  readonly community: string | null
  readonly people: number
  readonly told: number
}

export async function unreachedByCommunity(tx: Tx | Db, broadcastId: number): Promise<UnreachedCount[]> {
  return tx.$queryRaw<UnreachedCount[]>`
    SELECT r."communityId", c.name AS community, count(*)::int AS people, count(r."toldAt")::int AS told
    FROM "BroadcastRecipient" r LEFT JOIN "Community" c ON c.id = r."communityId"
    WHERE r."broadcastId" = ${broadcastId} AND ${missed}
    GROUP BY 1, 2 ORDER BY 3 DESC, 2 NULLS LAST`
}

/** 上门: ask one colleague to tell those of a community (null: of no known one) who have not been told. Returns how many. */
export async function assignDoors(
  tx: Tx,
  broadcastId: number,
  communityId: number | null,
  staffId: number,
): Promise<number> {
  return tx.$executeRaw`
    UPDATE "BroadcastRecipient" r SET "doorStaffId" = ${staffId}
    WHERE "broadcastId" = ${broadcastId} AND "communityId" IS NOT DISTINCT FROM ${communityId}::int AND "toldAt" IS NULL
      AND ${missed}`
}

/** 已告知: ticked off by whoever was asked; false: it was not theirs, or was done already. */
export async function tickDoor(
  tx: Tx,
  broadcastId: number,
  personId: number,
  staffId: number,
  now: Date,
): Promise<boolean> {
  const ticked = await tx.$executeRaw`
    UPDATE "BroadcastRecipient" SET "toldAt" = ${now}::timestamptz
    WHERE "broadcastId" = ${broadcastId} AND "personId" = ${personId} AND "doorStaffId" = ${staffId} AND "toldAt" IS NULL`
  return ticked === 1
}

// --- the receiver's side

export interface Heard {
  readonly broadcastId: number
  readonly outcome: string
  readonly at: Date
  readonly signedUpAt: Date | null
}

/** The newest notice this person has been sent since then, or the one that the message they replied to carried. */
export async function noticeFor(
  tx: Tx,
  personId: number,
  { since, replyTo }: { since: Date; replyTo?: { addressId: number; externalId: string } },
): Promise<Heard | undefined> {
  const [row] = await tx.$queryRaw<Heard[]>`
    SELECT r."broadcastId", r.outcome, r.at, r."signedUpAt" FROM "BroadcastRecipient" r
    LEFT JOIN "OutboundMessage" o ON o.id = r."outboundId"
    WHERE r."personId" = ${personId} AND ${heard}
      AND (${replyTo?.externalId ?? null}::text IS NULL
        OR (o."externalId" = ${replyTo?.externalId ?? null}::text AND o."addressId" = ${replyTo?.addressId ?? null}::int))
      AND (${replyTo?.externalId ?? null}::text IS NOT NULL OR r.at >= ${since})
    ORDER BY r.at DESC, r."broadcastId" DESC LIMIT 1`
  return row
}

/** 报名; false: they were never sent it, or have signed up already. */
export async function signUp(tx: Tx, broadcastId: number, personId: number, now: Date): Promise<boolean> {
  const signed = await tx.$executeRaw`
    UPDATE "BroadcastRecipient" r SET "signedUpAt" = ${now}::timestamptz
    WHERE "broadcastId" = ${broadcastId} AND "personId" = ${personId} AND "signedUpAt" IS NULL AND ${heard}`
  return signed === 1
}

export async function undoSignUp(tx: Tx, broadcastId: number, personId: number): Promise<boolean> {
  const undone = await tx.$executeRaw`
    UPDATE "BroadcastRecipient" SET "signedUpAt" = NULL
    WHERE "broadcastId" = ${broadcastId} AND "personId" = ${personId} AND "signedUpAt" IS NOT NULL`
  return undone === 1
}

export async function wasSent(tx: Tx, broadcastId: number, personId: number): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ one: number }[]>`
    SELECT 1 AS one FROM "BroadcastRecipient" r
    WHERE "broadcastId" = ${broadcastId} AND "personId" = ${personId} AND ${heard}`
  return row !== undefined
}

export async function optOut(tx: Tx, personId: number, topics: readonly string[], now: Date): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO "NoticeOptOut" ("personId", topic, at) SELECT ${personId}::int, unnest(${[...topics]}::text[]), ${now}::timestamptz
    ON CONFLICT DO NOTHING`
  await leaveOut(tx, personId, now)
}

/**
 * A no holds from now on, for a notice that is under way as well: what has not begun to leave for this person stays here.
 * The notices are locked first, as the feeder does.
 */
export async function leaveOut(tx: Tx, personId: number, now: Date): Promise<void> {
  const topics = Prisma.sql`SELECT topic FROM "NoticeOptOut" WHERE "personId" = ${personId}`
  await tx.$queryRaw`
    SELECT b.id FROM "Broadcast" b WHERE b.status IN ('sending', 'paused') AND NOT b.emergency AND b.kind IN (${topics})
    ORDER BY b.id FOR UPDATE`
  await recallOf(tx, [personId], now)
  await tx.$executeRaw`
    UPDATE "BroadcastRecipient" r SET outcome = 'skipped', reason = 'opted_out', at = ${now}::timestamptz FROM "Broadcast" b
    WHERE r."personId" = ${personId} AND r.outcome = 'waiting' AND b.id = r."broadcastId" AND NOT b.emergency
      AND b.kind IN (${topics})`
}

/** Take back what has not begun to leave for these people: it waits again. Their notices must be locked by the caller. */
export async function recallOf(tx: Tx, personIds: readonly number[], now: Date): Promise<void> {
  await tx.$executeRaw`
    WITH held AS MATERIALIZED (
      SELECT o.id, r."broadcastId", r."personId" FROM "BroadcastRecipient" r JOIN "OutboundMessage" o ON o.id = r."outboundId"
      WHERE r."personId" = ANY(${[...personIds]}::int[]) AND r.outcome = 'queued' AND o.status = 'queued'
      FOR UPDATE OF o SKIP LOCKED),
    waits AS (
      UPDATE "BroadcastRecipient" r SET outcome = 'waiting', "outboundId" = NULL, at = ${now}::timestamptz FROM held
      WHERE r."broadcastId" = held."broadcastId" AND r."personId" = held."personId")
    DELETE FROM "OutboundMessage" o USING held WHERE o.id = held.id`
}

export async function optIn(tx: Tx, personId: number): Promise<void> {
  await tx.$executeRaw`DELETE FROM "NoticeOptOut" WHERE "personId" = ${personId}`
}

export async function signedUpCount(tx: Tx | Db, broadcastId: number): Promise<number> {
  return tx.broadcastRecipient.count({ where: { broadcastId, signedUpAt: { not: null } } })
}

/** 住在哪个社区, said for notices. */
export async function setCommunity(tx: Tx, personId: number, communityId: number): Promise<void> {
  await tx.person.update({ where: { id: personId }, data: { communityId }, select: { id: true } })
}
