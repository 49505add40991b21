import type { Grant, Spending } from '../domain/reply-window.ts'
import type { AddressKey } from '../domain/words.ts'
import type { Db, Tx } from './db.ts'

/** What may still be answered at an address of a channel that counts replies. */

/** A new message opens it anew, also within the same second of the far end's clock; one that comes late changes nothing. */
export async function openReplyWindow(tx: Tx, addressId: number, { kind, left, until }: Grant): Promise<void> {
  await tx.run`
    INSERT INTO "ReplyWindow" AS w ("addressId", kind, "left", until) VALUES (${addressId}, ${kind}, ${left}, ${until})
    ON CONFLICT ("addressId", kind) DO UPDATE SET "left" = EXCLUDED."left", until = EXCLUDED.until
    WHERE w.until <= EXCLUDED.until`
}

export async function replyGrants(db: Db | Tx, addressId: number): Promise<Grant[]> {
  return db.sql<Grant>`SELECT kind, "left", until FROM "ReplyWindow" WHERE "addressId" = ${addressId}`
}

/** False when one of the grants was spent or replaced in the meantime: then nothing is spent. */
export async function spendReplies(db: Db, addressId: number, spending: readonly Spending[]): Promise<boolean> {
  const spent = await db.run`
    UPDATE "ReplyWindow" w SET "left" = w."left" - s.replies
    FROM unnest(${spending.map((s) => s.kind)}::text[], ${spending.map((s) => s.until.toISOString())}::timestamptz[],
      ${spending.map((s) => s.replies)}::int[]) AS s (kind, until, replies)
    WHERE w."addressId" = ${addressId} AND w.kind = s.kind AND w.until = s.until AND w."left" >= s.replies
      AND NOT EXISTS (SELECT 1
        FROM unnest(${spending.map((s) => s.kind)}::text[], ${spending.map((s) => s.until.toISOString())}::timestamptz[],
          ${spending.map((s) => s.replies)}::int[]) AS t (kind, until, replies)
        LEFT JOIN "ReplyWindow" v ON v."addressId" = ${addressId} AND v.kind = t.kind AND v.until = t.until AND v."left" >= t.replies
        WHERE v.kind IS NULL)`
  return spent === spending.length
}

/** What was spent on a message that surely did not go out is there again, unless a newer grant has come. */
export async function refundReplies(db: Db, addressId: number, spending: readonly Spending[]): Promise<void> {
  for (const { kind, until, replies } of spending) {
    await db.run`
      UPDATE "ReplyWindow" SET "left" = "left" + ${replies}
      WHERE "addressId" = ${addressId} AND kind = ${kind} AND until = ${until}`
  }
}

/** The far end says that nothing is left, whatever was counted here. */
export async function emptyReplyWindow(db: Db, addressId: number): Promise<void> {
  await db.run`UPDATE "ReplyWindow" SET "left" = 0 WHERE "addressId" = ${addressId}`
}

/**
 * People's words that could not be sent because replies were over wait again, now that the person has written, and what
 * waited for just that is due: how many. What else the machine said has lost its moment.
 */
export async function waitAgain(tx: Tx, addressId: number, since: Date, now: Date): Promise<number> {
  return tx.run`
    UPDATE "OutboundMessage" SET status = 'queued', attempts = 0, "notBefore" = ${now}
    WHERE "addressId" = ${addressId} AND kind = 'send' AND ((status = 'queued' AND failure = 'noticed')
      OR (status = 'failed' AND failure IN ('window-closed', 'quota') AND "relayFrom" IS NOT NULL AND "createdAt" > ${since}))`
}

export interface Followed {
  readonly id: number
  readonly attempts: number
  readonly bodySealed: string
  readonly priority: number
}

/**
 * Take along what waits behind a message for the same person at its address, in order: marked `sending` like it, by the only sender there.
 * `again`: only what an earlier try of the same message had taken, so that its text stays the same.
 */
export async function takeAlong(
  db: Db,
  addressId: number,
  { id, personId }: { readonly id: number; readonly personId: number },
  { again, now }: { again: boolean; now: Date },
): Promise<Followed[]> {
  const rows = await db.sql<Followed>`
    UPDATE "OutboundMessage" o SET status = 'sending', attempts = o.attempts + 1
    FROM (SELECT id, status, attempts FROM "OutboundMessage"
      WHERE "addressId" = ${addressId} AND "personId" = ${personId} AND id <> ${id}
        AND kind = 'send' AND priority < 9
        AND (status = 'sending' OR (status = 'queued' AND NOT ${again}::boolean))
        AND ("notBefore" <= ${now} OR failure IN ('kept', 'noticed'))
      ORDER BY id LIMIT 12) next
    WHERE o.id = next.id AND o.status = next.status AND o.attempts = next.attempts
    RETURNING o.id, o.attempts, o."bodySealed", o.priority`
  return rows.sort((a, b) => a.id - b.id)
}

/** How those ended that were taken along: with the message (`externalId`, `sentAt`), or they wait again. */
export async function settleAlong(
  db: Db,
  taken: readonly Followed[],
  sent: { readonly externalId: string | undefined; readonly at: Date } | undefined,
): Promise<void> {
  if (taken.length === 0) return
  await db.run`
    UPDATE "OutboundMessage" o SET status = ${sent ? 'sent' : 'queued'},
      failure = CASE WHEN ${sent !== undefined}::boolean THEN NULL ELSE o.failure END, attempts = o.attempts - ${sent ? 0 : 1}::int, "externalId" = ${sent?.externalId ?? null}, "sentAt" = ${sent?.at ?? null}::timestamptz
    FROM unnest(${taken.map((t) => t.id)}::int[], ${taken.map((t) => t.attempts)}::int[]) AS t (id, attempts)
    WHERE o.id = t.id AND o.attempts = t.attempts AND o.status = 'sending'`
}

/** Messages that the far end took and did not deliver; each only once. */
export async function bounceSent(
  db: Db,
  { channel, account, externalId: chat }: AddressKey,
  externalId: string,
  failure: string,
): Promise<{ id: number; personId: number; requestId: number | null }[]> {
  return db.sql`
    UPDATE "OutboundMessage" o SET status = 'failed', failure = ${failure}, "choicesOpen" = false
    FROM "Address" a WHERE a.id = o."addressId" AND a.channel = ${channel} AND a.account = ${account}
      AND a."externalId" = ${chat} AND o."externalId" = ${externalId} AND o.status = 'sent' AND o.kind = 'send'
    RETURNING o.id, o."personId", o."requestId"`
}
