import type { Db, Tx } from './db.ts'

/** The lane of notices through the outbox: a few seconds' worth at a time, so that whatever waits can still be called back. */

/** Whether it is being sent, held until the transaction ends: who pauses or stops it does so under the same lock. */
export async function holdSending(tx: Tx, broadcastId: number): Promise<boolean> {
  const [row] = await tx.sql<{
    status: string
  }>`SELECT status FROM "Broadcast" WHERE id = ${broadcastId}::int FOR UPDATE`
  return row?.status === 'sending'
}

/** When this account may speak to many again, as far as it was told. */
export async function bulkRest(tx: Tx, lane: string, now: Date): Promise<Date | undefined> {
  const [row] = await tx.$queryRaw<
    { until: Date }[]
  >`SELECT until FROM "BulkRest" WHERE lane = ${lane} AND until > ${now}`
  return row?.until
}

/** The far end asked this account to wait: all notices wait, conversations try for themselves. */
export async function restBulk(db: Db, lane: string, until: Date): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "BulkRest" AS b (lane, until) VALUES (${lane}, ${until}::timestamptz)
    ON CONFLICT (lane) DO UPDATE SET until = GREATEST(b.until, EXCLUDED.until)`
}

/**
 * What of an account's notices is in the outbox now, and when the last of it is to leave. What is tried again later than
 * `soon` is no measure of that: one person who cannot be reached does not put off all others.
 */
export async function bulkOutstanding(
  tx: Tx,
  lane: string,
  soon: Date,
): Promise<{ count: number; lastAt: Date | null }> {
  const [row] = await tx.$queryRaw<{ count: number; lastAt: Date | null }[]>`
    SELECT count(*)::int AS count, max(o."notBefore") FILTER (WHERE o."notBefore" <= ${soon}) AS "lastAt"
    FROM "OutboundMessage" o JOIN "Address" a ON a.id = o."addressId"
    WHERE o.status IN ('queued', 'sending') AND o.priority >= 9 AND a.channel || ':' || a.account = ${lane}`
  return row ?? { count: 0, lastAt: null }
}

/** One feeder an account at a time; false: another is at it. Held until the transaction ends. */
export async function lockLane(tx: Tx, lane: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ mine: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`notices:${lane}`}, 0)) AS mine`
  return row?.mine === true
}

export interface Batch {
  readonly broadcastId: number
  readonly lane: string
  readonly take: number
  readonly bodySealed: string
  readonly choicesOpen: boolean
  /** When the first of them is to leave. */
  readonly from: Date
  /** Between two of them, in ms. */
  readonly gapMs: number
  readonly now: Date
  /** Everybody up to this person was fed in this very round. */
  readonly after: number
}

export interface Fed {
  readonly personId: number
  readonly addressId: number
  readonly notBefore: Date
}

/** The next recipients of one account as rows of the outbox, each with the moment it leaves. One statement. */
export async function feedOutbox(tx: Tx, batch: Batch): Promise<Fed[]> {
  const { broadcastId, lane, take, bodySealed, choicesOpen, from, gapMs, now, after } = batch
  return tx.sql<Fed>`
    WITH picked AS MATERIALIZED (
      SELECT "personId", "addressId", row_number() OVER (ORDER BY "personId") - 1 AS n
      FROM (SELECT "personId", "addressId" FROM "BroadcastRecipient"
        WHERE "broadcastId" = ${broadcastId}::int AND lane = ${lane}::text AND outcome = 'waiting' AND "personId" > ${after}::int
        ORDER BY "personId" LIMIT ${take}::int FOR UPDATE SKIP LOCKED) next),
    written AS (
      INSERT INTO "OutboundMessage" ("personId", "addressId", "bodySealed", "dedupeKey", kind, priority, "choicesOpen", "notBefore", "createdAt")
      SELECT "personId", "addressId", ${bodySealed}::text, 'notice:' || ${broadcastId}::int || ':' || "personId", 'send', 9,
        ${choicesOpen}::boolean, ${from}::timestamptz + n * (${gapMs}::float8 * interval '1 millisecond'), ${now}::timestamptz
      FROM picked ORDER BY n
      ON CONFLICT ("dedupeKey") DO NOTHING RETURNING id, "personId", "addressId", "notBefore"),
    marked AS (
      UPDATE "BroadcastRecipient" r SET outcome = 'queued', "outboundId" = w.id, at = ${now}::timestamptz FROM written w
      WHERE r."broadcastId" = ${broadcastId}::int AND r."personId" = w."personId")
    SELECT "personId", "addressId", "notBefore" FROM written ORDER BY "notBefore", "personId"`
}

/** Take back what has not begun to leave: it waits again, where a stop or an expiry finds it. Returns how many. */
export async function recall(tx: Tx, broadcastId: number, lane: string | null, now: Date): Promise<number> {
  return tx.$executeRaw`
    WITH held AS MATERIALIZED (
      SELECT o.id, r."personId" FROM "BroadcastRecipient" r JOIN "OutboundMessage" o ON o.id = r."outboundId"
      WHERE r."broadcastId" = ${broadcastId} AND r.outcome = 'queued' AND o.status = 'queued'
        AND (${lane}::text IS NULL OR r.lane = ${lane}::text)
      FOR UPDATE OF o SKIP LOCKED),
    waits AS (
      UPDATE "BroadcastRecipient" r SET outcome = 'waiting', "outboundId" = NULL, at = ${now}::timestamptz FROM held
      WHERE r."broadcastId" = ${broadcastId} AND r."personId" = held."personId")
    DELETE FROM "OutboundMessage" o USING held WHERE o.id = held.id`
}

/** When the next notice for each of these addresses leaves, the earliest first; what has left already is not among them. */
export async function bulkMoments(
  db: Db,
  addressIds: readonly number[],
): Promise<{ readonly addressId: number; readonly at: Date }[]> {
  return db.sql<{ addressId: number; at: Date }>`
    SELECT "addressId", min("notBefore") AS at FROM "OutboundMessage"
    WHERE "addressId" = ANY(${[...addressIds]}::int[]) AND status IN ('queued', 'sending') AND priority >= 9
    GROUP BY 1 ORDER BY 2, 1`
}

/** Notices whose moment has come and gone without a bell: the queue was down, or a process was killed. */
export async function lateBulk(db: Db, late: Date, now: Date, take: number): Promise<number[]> {
  const rows = await db.$queryRaw<{ addressId: number }[]>`
    SELECT o."addressId" FROM "OutboundMessage" o JOIN "Address" a ON a.id = o."addressId"
    WHERE o.status IN ('queued', 'sending') AND o.priority >= 9 AND o."notBefore" <= ${late}
      AND (a."sendLeaseUntil" IS NULL OR a."sendLeaseUntil" < ${now})
      AND (a."pausedUntil" IS NULL OR a."pausedUntil" <= ${now})
    GROUP BY o."addressId" ORDER BY min(o."notBefore") LIMIT ${take}`
  return rows.map((row) => row.addressId)
}

/** Whether this very message is still wanted: asked in the moment before it leaves. `undefined`: it belongs to no notice. */
export async function noticeOfOutbound(
  db: Db,
  outboundId: number,
): Promise<{ status: string; emergency: boolean; expiresAt: Date | null } | undefined> {
  const [row] = await db.$queryRaw<{ status: string; emergency: boolean; expiresAt: Date | null }[]>`
    SELECT b.status, b.emergency, b."expiresAt" FROM "BroadcastRecipient" r JOIN "Broadcast" b ON b.id = r."broadcastId"
    WHERE r."outboundId" = ${outboundId}`
  return row
}
