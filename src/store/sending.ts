import { type Db, transaction } from './db.ts'

/**
 * The outbox while it is being sent: who sends to an address now, which message, and what became of it. Two statements a
 * message, each one transaction of its own: this is the hot path.
 */

/** A message marked `sending`; `attempts` counts this try and fences it: a sender that lost its lease writes nothing. */
export interface Begun {
  readonly id: number
  readonly personId: number
  readonly requestId: number | null
  readonly bodySealed: string
  readonly dedupeKey: string
  readonly kind: 'send' | 'edit'
  readonly replacesExternalId: string | null
  readonly priority: number
  readonly attempts: number
  readonly createdAt: Date
  readonly notBefore: Date
}

/** An address whose only sender we are until `lease`. */
export interface Held {
  readonly addressId: number
  readonly personId: number
  readonly channel: string
  readonly account: string
  readonly externalId: string
  readonly lease: Date
  readonly pausedUntil: Date | null
  readonly lastSentAt: Date | null
}

/** How a message ended for now, as its row will say. */
export interface Ending {
  readonly id: number
  readonly attempts: number
  readonly status: 'sent' | 'failed' | 'skipped' | 'queued'
  readonly externalId: string | null
  readonly failure: string | null
  readonly sentAt: Date | null
  /** Set: not before then. */
  readonly notBefore: Date | null
  /** 1 when the try does not count. */
  readonly refund: 0 | 1
}

/**
 * Become the one sender for this address until `lease` and mark its next message `sending`, so that a crash before the
 * outcome is recorded is seen. Crisis first, then as they were written; a pause of the address holds all but a crisis.
 * `undefined`: nothing is due, or another sends here now. No `begun`: another's outcome came in between; look again.
 */
export async function claimNext(
  db: Db,
  addressId: number,
  lease: Date,
  now: Date,
): Promise<{ held: Held; begun: Begun | undefined } | undefined> {
  const [row] = await db.sql<Omit<Held, 'addressId' | 'lease'> & Row>`
    WITH next AS MATERIALIZED (
      SELECT o.id, o.status, o.attempts FROM "OutboundMessage" o JOIN "Address" a ON a.id = o."addressId"
      WHERE o."addressId" = ${addressId} AND o.status IN ('queued', 'sending') AND o."notBefore" <= ${now}
        AND (o.priority = 0 OR a."pausedUntil" IS NULL OR a."pausedUntil" <= ${now})
      ORDER BY (o.priority = 0) DESC, o.id LIMIT 1),
    held AS (
      UPDATE "Address" SET "sendLeaseUntil" = ${lease}
      WHERE id = ${addressId} AND ("sendLeaseUntil" IS NULL OR "sendLeaseUntil" < ${now}) AND EXISTS (SELECT 1 FROM next)
      RETURNING channel, account, "externalId", "personId", "pausedUntil", "lastSentAt"),
    begun AS (
      UPDATE "OutboundMessage" o SET status = 'sending', attempts = o.attempts + 1 FROM next, held
      WHERE o.id = next.id AND o.status = next.status AND o.attempts = next.attempts
      RETURNING o.id, o."personId" AS "toPersonId", o."requestId", o."bodySealed", o."dedupeKey", o.kind, o.priority,
        o.attempts, o."createdAt", o."notBefore",
        (SELECT r."externalId" FROM "OutboundMessage" r WHERE r.id = o."replacesId") AS "replacesExternalId")
    SELECT * FROM held LEFT JOIN begun ON true`
  if (!row) return undefined
  const { channel, account, externalId, personId, pausedUntil, lastSentAt } = row
  const held = { addressId, personId, channel, account, externalId, lease, pausedUntil, lastSentAt }
  return { held, begun: begunOf(row) }
}

/**
 * Record what became of a message and begin the next one under a renewed lease, or let the address go when nothing is due.
 * `recorded` false: another sender has taken this message over. `mine` false: the lease ran out and another sends here now; stop. Neither begun nor released: look again.
 */
export async function settleAndBegin(
  db: Db,
  held: Held,
  ending: Ending | undefined,
  lease: Date,
  now: Date,
): Promise<{ recorded: boolean; mine: boolean; released: boolean; begun: Begun | undefined }> {
  const { addressId, pausedUntil, lastSentAt } = held
  const [row] = await db.sql<{ recorded: boolean; mine: boolean; released: boolean } & Row>`
    WITH done AS (
      UPDATE "OutboundMessage" SET
        status = ${ending?.status ?? ''}, failure = ${ending?.failure ?? null}, "sentAt" = ${ending?.sentAt ?? null}::timestamptz,
        "externalId" = COALESCE(${ending?.externalId ?? null}::text, "externalId"),
        "notBefore" = COALESCE(${ending?.notBefore ?? null}::timestamptz, "notBefore"),
        attempts = attempts - ${ending?.refund ?? 0}::int,
        "choicesOpen" = "choicesOpen" AND ${ending?.status ?? ''}::text IN ('sent', 'queued')
      WHERE id = ${ending?.id ?? 0} AND "addressId" = ${addressId} AND status = 'sending' AND attempts = ${ending?.attempts ?? 0} RETURNING id),
    next AS MATERIALIZED (
      SELECT o.id, o.status, o.attempts FROM "OutboundMessage" o
      WHERE o."addressId" = ${addressId} AND o.status IN ('queued', 'sending') AND o."notBefore" <= ${now}
        AND o.id <> ${ending?.id ?? 0}
        AND (o.priority = 0 OR ${pausedUntil}::timestamptz IS NULL OR ${pausedUntil}::timestamptz <= ${now})
      ORDER BY (o.priority = 0) DESC, o.id LIMIT 1),
    held AS (
      UPDATE "Address" SET "lastSentAt" = ${lastSentAt}::timestamptz, "pausedUntil" = ${pausedUntil}::timestamptz,
        "sendLeaseUntil" = CASE WHEN EXISTS (SELECT 1 FROM next) THEN ${lease}::timestamptz END
      WHERE id = ${addressId} AND "sendLeaseUntil" = ${held.lease}
      RETURNING "sendLeaseUntil"),
    begun AS (
      UPDATE "OutboundMessage" o SET status = 'sending', attempts = o.attempts + 1 FROM next, held
      WHERE o.id = next.id AND o.status = next.status AND o.attempts = next.attempts
      RETURNING o.id, o."personId" AS "toPersonId", o."requestId", o."bodySealed", o."dedupeKey", o.kind, o.priority,
        o.attempts, o."createdAt", o."notBefore",
        -- What this very statement records is not visible to it yet.
        CASE WHEN o."replacesId" = ${ending?.id ?? 0} THEN ${ending?.externalId ?? null}::text
          ELSE (SELECT r."externalId" FROM "OutboundMessage" r WHERE r.id = o."replacesId") END AS "replacesExternalId")
    SELECT EXISTS (SELECT 1 FROM done) AS recorded, EXISTS (SELECT 1 FROM held) AS mine, EXISTS (SELECT 1 FROM held WHERE "sendLeaseUntil" IS NULL) AS released, begun.*
    FROM (SELECT 1) one LEFT JOIN begun ON true`
  if (!row) return { recorded: false, mine: false, released: false, begun: undefined }
  return { recorded: row.recorded, mine: row.mine, released: row.released, begun: begunOf(row) }
}

/** Notices of this address that are due now wait together, so that they keep their order. */
export async function holdBulk(db: Db, addressId: number, until: Date, now: Date): Promise<void> {
  await db.run`
    UPDATE "OutboundMessage" SET "notBefore" = ${until}
    WHERE "addressId" = ${addressId} AND status = 'queued' AND priority >= 9 AND "notBefore" <= ${now}`
}

export interface Lost {
  readonly id: number
  readonly personId: number
  readonly requestId: number | null
  readonly priority: number
}

/**
 * The person cannot be reached here any more: the message at hand and what waits behind it go to where they were heard
 * last and can be reached, or fail with the reason. Edits cannot follow their message, which stays here: they are skipped.
 */
export async function leaveAddress(
  db: Db,
  held: Held,
  current: Begun,
  why: string,
): Promise<{ movedTo: number | undefined; lost: Lost[] }> {
  const { addressId, personId } = held
  return transaction(db, async (tx) => {
    await tx.run`
      UPDATE "Address" SET unreachable = ${why},
        "sendLeaseUntil" = CASE WHEN "sendLeaseUntil" = ${held.lease} THEN NULL ELSE "sendLeaseUntil" END
      WHERE id = ${addressId}`
    const [other] = await tx.sql<{ id: number }>`
      SELECT a.id FROM "Person" p CROSS JOIN LATERAL (
          SELECT own.id FROM "Address" own WHERE own."personId" = p.id
          UNION SELECT shared."addressId" FROM "SharedPhone" shared WHERE shared."personId" = p.id) chat
        JOIN "Address" a ON a.id = chat.id
      WHERE p.id = ${personId} AND a.unreachable IS NULL
      ORDER BY (a.id = p."answersAtId") DESC NULLS LAST, a."lastHeardAt" DESC, a.id LIMIT 1`
    await tx.run`
      UPDATE "OutboundMessage" SET status = 'skipped', failure = ${why}
      WHERE "addressId" = ${addressId} AND kind = 'edit'
        AND (status = 'queued' OR (id = ${current.id} AND status = 'sending' AND attempts = ${current.attempts}))`
    const rows = await tx.sql<Lost>`
      UPDATE "OutboundMessage" SET
        "addressId" = COALESCE(${other?.id ?? null}::int, "addressId"),
        status = CASE WHEN ${other?.id ?? null}::int IS NULL THEN 'failed' ELSE 'queued' END,
        failure = ${why},
        "choicesOpen" = "choicesOpen" AND ${other?.id ?? null}::int IS NOT NULL
      WHERE "addressId" = ${addressId}
        AND (status = 'queued' OR (id = ${current.id} AND status = 'sending' AND attempts = ${current.attempts}))
      RETURNING id, "personId", "requestId", priority`
    return other ? { movedTo: other.id, lost: [] } : { movedTo: undefined, lost: rows }
  })
}

/**
 * Send this one message to another chat of the same person, because here nothing more may be said for now. At most once a
 * message: `undefined` when it was moved before, or there is no other chat.
 */
export async function sendElsewhere(
  db: Db,
  { id, attempts, personId, kind }: Begun,
  addressId: number,
  why: string,
): Promise<number | undefined> {
  if (kind !== 'send') return undefined
  const [moved] = await db.sql<{ addressId: number }>`
    WITH other AS (
      SELECT a.id FROM "Address" a JOIN "Person" p ON p.id = a."personId"
      WHERE a."personId" = ${personId} AND a.id <> ${addressId} AND a.unreachable IS NULL
      ORDER BY (a.id = p."answersAtId") DESC NULLS LAST, a."lastHeardAt" DESC, a.id LIMIT 1)
    UPDATE "OutboundMessage" o SET "addressId" = other.id, status = 'queued', failure = ${why} FROM other
    WHERE o.id = ${id} AND o.status = 'sending' AND o.attempts = ${attempts}
      AND (o.failure IS NULL OR o.failure NOT IN ('window-closed', 'quota'))
    RETURNING o."addressId"`
  return moved?.addressId
}

type AccountKey = { readonly name: string; readonly account: string }
type BucketRow = { readonly tokens: number; readonly at: Date }

export async function readBucket(db: Db, { name, account }: AccountKey): Promise<BucketRow | undefined> {
  const [row] = await db.sql<BucketRow>`
    SELECT tokens, "updatedAt" AS at FROM "SendBudget" WHERE channel = ${name} AND account = ${account}`
  return row
}

/** False when another process changed the bucket since it was `seen`: nothing is written. */
export async function swapBucket(
  db: Db,
  { name, account }: AccountKey,
  seen: BucketRow | undefined,
  next: BucketRow,
): Promise<boolean> {
  const swapped = await db.run`
    INSERT INTO "SendBudget" AS b (channel, account, tokens, "updatedAt")
    VALUES (${name}, ${account}, ${next.tokens}::float8, ${next.at}::timestamptz)
    ON CONFLICT (channel, account) DO UPDATE SET tokens = EXCLUDED.tokens, "updatedAt" = EXCLUDED."updatedAt"
    WHERE b.tokens = ${seen?.tokens ?? -1}::float8 AND b."updatedAt" = ${seen?.at ?? next.at}::timestamptz`
  return swapped === 1
}

// --- internal

/** The columns of `begun`, all null when nothing was begun. Its person has another name than that of the address. */
type Row = Omit<Begun, 'id' | 'personId'> & { readonly id: number | null; readonly toPersonId: number }

function begunOf(row: Row): Begun | undefined {
  if (row.id === null) return undefined
  const {
    id,
    toPersonId: personId,
    requestId,
    bodySealed,
    dedupeKey,
    kind,
    replacesExternalId,
    priority,
    attempts,
  } = row
  const { createdAt, notBefore } = row
  return {
    id,
    personId,
    requestId,
    bodySealed,
    dedupeKey,
    kind,
    replacesExternalId,
    priority,
    attempts,
    createdAt,
    notBefore,
  }
}
