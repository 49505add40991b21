import type { Db, Tx } from './db.ts'
import { statement } from './sql.ts'

/** The outbox as rows: what is to go out to whom, and which choices can still be answered. How it leaves: `sending.ts`. */

export interface NewOutbound {
  readonly personId: number
  /**
   * Where it should go; unset, or not reachable any more: where the person wants answers, else where they were heard last.
   * An edit goes there or nowhere.
   */
  readonly addressId: number | undefined
  readonly requestId: number | null
  readonly bodySealed: string
  readonly dedupeKey: string
  readonly kind: 'send' | 'edit'
  readonly replacesId: number | null
  readonly priority: number
  readonly choicesOpen: boolean
  readonly relayFrom: string | null
  /** The colleague whose words are passed on to a resident. */
  readonly relayById: number | null
  readonly notBefore: Date
  readonly createdAt: Date
}

const insertion = (row: NewOutbound) => statement`
  INSERT INTO "OutboundMessage" ("personId", "addressId", "requestId", "bodySealed", "dedupeKey", kind, "replacesId",
    priority, "choicesOpen", "relayFrom", "relayById", "notBefore", "createdAt")
  SELECT p.id, a.id, ${row.requestId}::int, ${row.bodySealed}, ${row.dedupeKey}, ${row.kind}, ${row.replacesId}::int,
    ${row.priority}::int, ${row.choicesOpen}::boolean, ${row.relayFrom}::text, ${row.relayById}::int,
    ${row.notBefore}::timestamptz, ${row.createdAt}::timestamptz
  FROM "Person" p CROSS JOIN LATERAL (
      SELECT own.id FROM "Address" own WHERE own."personId" = p.id
      UNION SELECT shared."addressId" FROM "SharedPhone" shared WHERE shared."personId" = p.id) chat
    JOIN "Address" a ON a.id = chat.id
  WHERE p.id = ${row.personId} AND a.unreachable IS NULL
    AND (a.id = ${row.addressId ?? 0} OR ${row.kind}::text = 'send')
  ORDER BY (a.id = ${row.addressId ?? 0}) DESC, (a.id = p."answersAtId") DESC NULLS LAST, a."lastHeardAt" DESC, a.id LIMIT 1
  ON CONFLICT ("dedupeKey") DO NOTHING RETURNING id, "addressId"`

/**
 * Write one outgoing row in one statement. `made` false: a message with this key is there already, and nothing was written.
 * `undefined`: the person can be reached nowhere.
 */
export async function insertOutbound(
  tx: Tx,
  row: NewOutbound,
): Promise<{ id: number; addressId: number; made: boolean } | undefined> {
  const [made] = await tx.sql<{ id: number; addressId: number }>(...insertion(row))
  if (made) return { ...made, made: true }
  const [there] = await tx.sql<{ id: number; addressId: number }>`
    SELECT id, "addressId" FROM "OutboundMessage" WHERE "dedupeKey" = ${row.dedupeKey}`
  return there && { ...there, made: false }
}

/** The same for a row with a key of its own that nobody waits for; `written` hears where it goes, if anywhere. */
export function postOutbound(tx: Tx, row: NewOutbound, written: (addressId: number) => void): void {
  tx.writeTelling<{ addressId: number }>(([made]) => made && written(made.addressId))(...insertion(row))
}

/** Addresses with something due that nobody is sending, crisis first: what the sweep looks for. Notices have a sweep of their own. */
export async function dueAddresses(db: Db, now: Date, take: number): Promise<number[]> {
  const rows = await db.sql<{ addressId: number }>`
    SELECT o."addressId" FROM "OutboundMessage" o JOIN "Address" a ON a.id = o."addressId"
    WHERE o.status IN ('queued', 'sending') AND o."notBefore" <= ${now} AND o.priority < 9
      AND (a."sendLeaseUntil" IS NULL OR a."sendLeaseUntil" < ${now})
      AND (o.priority = 0 OR a."pausedUntil" IS NULL OR a."pausedUntil" <= ${now})
    GROUP BY o."addressId" ORDER BY min(o.priority), min(o.id) LIMIT ${take}`
  return rows.map((row) => row.addressId)
}

export interface OpenMenu {
  readonly id: number
  readonly requestId: number | null
  readonly addressId: number
  readonly bodySealed: string
  readonly externalId: string | null
}

/** Messages whose choices this person can still answer, newest first. */
export async function openMenus(tx: Tx | Db, personId: number, take = 10): Promise<OpenMenu[]> {
  return tx.sql<OpenMenu>`
    SELECT id, "requestId", "addressId", "bodySealed", "externalId" FROM "OutboundMessage"
    WHERE "personId" = ${personId} AND "choicesOpen" ORDER BY id DESC LIMIT ${take}`
}

/** The last message to this person, whatever became of it. */
export async function lastOutbound(
  tx: Tx | Db,
  personId: number,
): Promise<(Pick<OpenMenu, 'requestId' | 'bodySealed'> & { readonly choicesOpen: boolean }) | undefined> {
  const [row] = await tx.sql<{ requestId: number | null; bodySealed: string; choicesOpen: boolean }>`
    SELECT "requestId", "bodySealed", "choicesOpen" FROM "OutboundMessage"
    WHERE "personId" = ${personId} AND kind = 'send' AND "dedupeKey" NOT LIKE 'aloud:%' ORDER BY id DESC LIMIT 1`
  return row
}

/** Questions of the conversation are over once they were answered; offers stay until they are settled. */
export function closeMenus(tx: Tx, ids: readonly number[]): void {
  if (ids.length === 0) return
  tx.write`UPDATE "OutboundMessage" SET "choicesOpen" = false WHERE id = ANY(${ids}::int[])`
}

export interface Retractable {
  readonly id: number
  readonly personId: number
  readonly addressId: number
  readonly requestId: number | null
  readonly bodySealed: string
  readonly status: string
  readonly priority: number
}

/** Close the choices of these messages and return those that were open, locked. */
export async function closeChoices(tx: Tx, ids: readonly number[]): Promise<Retractable[]> {
  return tx.sql<Retractable>`
    UPDATE "OutboundMessage" SET "choicesOpen" = false WHERE id = ANY(${ids}::int[]) AND "choicesOpen"
    RETURNING id, "personId", "addressId", "requestId", "bodySealed", status, priority`
}

export function replaceBody(tx: Tx, id: number, bodySealed: string): void {
  tx.write`UPDATE "OutboundMessage" SET "bodySealed" = ${bodySealed} WHERE id = ${id} AND status = 'queued'`
}

/** The request that a message of ours at this address belongs to: how a reply finds its way back. */
export async function requestOfMessage(
  tx: Tx | Db,
  addressId: number,
  externalId: string,
): Promise<number | undefined> {
  const [row] = await tx.sql<{ requestId: number | null }>`
    SELECT "requestId" FROM "OutboundMessage"
    WHERE "addressId" = ${addressId} AND "externalId" = ${externalId} ORDER BY id DESC LIMIT 1`
  return row?.requestId ?? undefined
}
