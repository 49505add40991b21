import { z } from 'zod'
import { type AddressKey, type Inbound, lifecycleEvents } from '../domain/words.ts'
import type { Db, Tx } from './db.ts'
import type { Seal } from './secrets.ts'

/** The inbox: who wrote, where, and what waits for a turn. */

export interface Known {
  readonly addressId: number
  readonly personId: number
  readonly isStaff: boolean
}

/**
 * The person behind an address, made on first contact together with their conversation. Twenty processes that meet the
 * same first contact at once end with one person: the address is claimed first, and only its winner makes the person.
 */
export async function addressOf(tx: Tx, from: AddressKey, now: Date): Promise<Known> {
  const heard = await hear(tx, from, now)
  if (heard) return heard
  // One first contact at a time per address; whoever waited here finds the winner's rows.
  const lock = `${from.channel}:${from.account}:${from.externalId}`
  await tx.run`SELECT pg_advisory_xact_lock(hashtextextended(${lock}, 0))`
  const meanwhile = await hear(tx, from, now)
  if (meanwhile) return meanwhile
  const [made] = await tx.sql<{ addressId: number; personId: number }>`
    WITH person AS (INSERT INTO "Person" DEFAULT VALUES RETURNING id),
      talk AS (INSERT INTO "Conversation" ("personId") SELECT id FROM person)
    INSERT INTO "Address" ("personId", channel, account, "externalId", "lastHeardAt")
    SELECT id, ${from.channel}, ${from.account}, ${from.externalId}, ${now} FROM person
    RETURNING id AS "addressId", "personId"`
  if (!made) throw new Error('an address could not be stored')
  return { ...made, isStaff: false }
}

/**
 * Hear from an address and store what it said, in one statement that is its own transaction. For what cannot hold a crisis;
 * `undefined`: nobody was heard there before, and nothing was stored.
 */
export async function storeFromKnown(
  db: Db,
  seal: Seal,
  heard: Inbound,
  now: Date,
): Promise<{ readonly personId: number; readonly isNew: boolean } | undefined> {
  const { from, key, sentAt, ...body } = heard
  const [row] = await db.sql<{ personId: number; isNew: boolean }>`
    WITH a AS (
      UPDATE "Address" SET "lastHeardAt" = ${now}, unreachable = NULL
      WHERE channel = ${from.channel} AND account = ${from.account} AND "externalId" = ${from.externalId}
      RETURNING id, "personId"),
    stored AS (
      INSERT INTO "InboundMessage" ("addressId", "personId", key, kind, "bodySealed", "sentAt", "receivedAt")
      SELECT id, "personId", ${key}, ${heard.content.kind}, ${seal.seal(body)}, ${sentAt}::timestamptz, ${now}::timestamptz FROM a
      ON CONFLICT ("addressId", key) DO NOTHING RETURNING id)
    SELECT "personId", EXISTS (SELECT 1 FROM stored) AS "isNew" FROM a`
  return row
}

async function hear(tx: Tx, from: AddressKey, now: Date): Promise<Known | undefined> {
  const [row] = await tx.sql<Known>`
    UPDATE "Address" a SET "lastHeardAt" = ${now}, unreachable = NULL
    WHERE channel = ${from.channel} AND account = ${from.account} AND "externalId" = ${from.externalId}
    RETURNING a.id AS "addressId", a."personId",
      EXISTS (SELECT 1 FROM "Staff" s WHERE s."personId" = a."personId" AND s.active) AS "isStaff"`
  return row
}

/** Store one message once; `undefined` when its key is known already. */
export async function storeInbound(
  tx: Tx,
  seal: Seal,
  known: Known,
  heard: Inbound,
  now: Date,
): Promise<number | undefined> {
  const { from: _, key, sentAt, allows: _allows, ...body } = heard
  const [row] = await tx.sql<{ id: number }>`
    INSERT INTO "InboundMessage" ("addressId", "personId", key, kind, "bodySealed", "sentAt", "receivedAt")
    VALUES (${known.addressId}, ${known.personId}, ${key}, ${heard.content.kind}, ${seal.seal(body)}, ${sentAt ?? null}, ${now})
    ON CONFLICT ("addressId", key) DO NOTHING
    RETURNING id`
  return row?.id
}

export function markCrisis(tx: Tx, inboundId: number, kind: string, requestId: number): void {
  tx.write`UPDATE "InboundMessage" SET crisis = ${kind}, "crisisRequestId" = ${requestId} WHERE id = ${inboundId}`
}

export interface Unread {
  readonly id: number
  readonly addressId: number
  readonly receivedAt: Date
  readonly crisisRequestId: number | null
  readonly attempts: number
  readonly heard: Omit<Inbound, 'from' | 'key' | 'sentAt'>
}

/** What was heard at an address since a moment, oldest first, without what was already seen to be a crisis. */
export async function heardSince(tx: Tx, seal: Seal, addressId: number, since: Date): Promise<Unread['heard'][]> {
  const rows = await tx.sql<{ bodySealed: string }>`
    SELECT "bodySealed" FROM "InboundMessage"
    WHERE "addressId" = ${addressId} AND "receivedAt" > ${since} AND crisis IS NULL ORDER BY id DESC LIMIT 8`
  return rows.reverse().map((row) => readBody(seal, row.bodySealed))
}

/** How much one person has sent since a moment. */
export async function countHeard(db: Db, personId: number, since: Date): Promise<number> {
  return db.inboundMessage.count({ where: { personId, receivedAt: { gt: since }, kind: { not: 'lifecycle' } } })
}

/** Mark as handled; false when another turn has taken one of them in the meantime. */
export async function markHandled(tx: Tx, ids: readonly number[], now: Date): Promise<boolean> {
  const count = await tx.run`
    UPDATE "InboundMessage" SET "handledAt" = ${now} WHERE id = ANY(${ids}::int[]) AND "handledAt" IS NULL`
  return count === ids.length
}

export async function countAttempt(db: Db, ids: readonly number[]): Promise<void> {
  await db.run`UPDATE "InboundMessage" SET attempts = attempts + 1 WHERE id = ANY(${ids}::int[])`
}

/** People whose messages have waited since before `olderThan`: what the sweep looks for. */
export async function waitingPersons(db: Db, olderThan: Date, take: number): Promise<number[]> {
  const rows = await db.sql<{ personId: number }>`
    SELECT DISTINCT "personId" FROM (
      SELECT "personId" FROM "InboundMessage"
      WHERE "handledAt" IS NULL AND "receivedAt" < ${olderThan} ORDER BY "receivedAt" LIMIT ${take}) waiting`
  return rows.map((row) => row.personId)
}

export interface Talk {
  readonly stateSealed: string | null
  readonly version: number
}

/** What waits for a turn and the conversation it will meet, both as they were at one moment. */
export async function waitingTurn(
  db: Db,
  seal: Seal,
  personId: number,
): Promise<{ readonly waiting: readonly Unread[]; readonly talk: Talk }> {
  const rows = await db.sql<Talk & { id: number | null } & Omit<StoredUnread, 'id'>>`
    SELECT c."stateSealed", c.version, m.* FROM "Conversation" c LEFT JOIN LATERAL (
      SELECT id, "addressId", "receivedAt", "crisisRequestId", attempts, "bodySealed" FROM "InboundMessage"
      WHERE "personId" = c."personId" AND "handledAt" IS NULL ORDER BY id LIMIT 50) m ON true
    WHERE c."personId" = ${personId} ORDER BY m.id`
  const [first] = rows
  const talk = { stateSealed: first?.stateSealed ?? null, version: first?.version ?? 0 }
  const waiting = rows.flatMap(({ stateSealed: _, version: __, id, ...row }) =>
    id === null ? [] : [unreadOf(seal, { id, ...row })],
  )
  return { waiting, talk }
}

/** Whose conversation it is: a resident with what they agreed to, or a colleague. */
export interface Who {
  readonly staffId: number | null
  /** The newest answer to the notice; `undefined` when it was never answered. */
  readonly consented: boolean | undefined
}

/** Lock the conversation of one person until the transaction ends; turns of one person never run side by side. */
export async function lockConversation(tx: Tx, personId: number): Promise<Who & { readonly version: number }> {
  const [row] = await tx.sql<Omit<Who, 'consented'> & { version: number; given: boolean | null }>`
    SELECT talk.version, s.id AS "staffId",
      (SELECT c.given FROM "Consent" c WHERE c."personId" = p.id AND c.purpose = 'request' ORDER BY c.id DESC LIMIT 1) AS given
    FROM "Conversation" talk JOIN "Person" p ON p.id = talk."personId"
      LEFT JOIN "Staff" s ON s."personId" = p.id AND s.active
    WHERE talk."personId" = ${personId} FOR UPDATE OF talk`
  if (!row) throw new Error(`person ${personId} has no conversation`)
  const { given, ...known } = row
  return { ...known, consented: given ?? undefined }
}

export function saveConversation(tx: Tx, personId: number, stateSealed: string, now: Date): void {
  tx.write`
    UPDATE "Conversation" SET "stateSealed" = ${stateSealed}, version = version + 1, "updatedAt" = ${now}
    WHERE "personId" = ${personId}`
}

export async function setUnreachable(tx: Tx | Db, addressId: number, why: string): Promise<void> {
  await tx.run`UPDATE "Address" SET unreachable = ${why} WHERE id = ${addressId}`
}

// --- what a stored message looks like when it is read back

type StoredUnread = Omit<Unread, 'heard'> & { readonly bodySealed: string }

const unreadOf = (seal: Seal, { bodySealed, ...row }: StoredUnread): Unread => ({
  ...row,
  heard: readBody(seal, bodySealed),
})

/** A message that cannot be read back must not stop the ones behind it: the conversation answers that it could not read it. */
function readBody(seal: Seal, bodySealed: string): Unread['heard'] {
  try {
    return Body.parse(seal.open(bodySealed))
  } catch {
    return { content: { kind: 'unsupported', what: 'unreadable' } }
  }
}

const Media = z.object({
  id: z.string(),
  mime: z.string().optional(),
  bytes: z.number().optional(),
  seconds: z.number().optional(),
})
const Body = z.object({
  content: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('text'), text: z.string() }),
    z.object({ kind: z.literal('choice'), token: z.string(), label: z.string().optional() }),
    z.object({ kind: z.literal('command'), name: z.string(), args: z.string() }),
    z.object({ kind: z.literal('voice'), media: Media, recognised: z.string().optional() }),
    z.object({ kind: z.enum(['picture', 'video', 'file']), media: Media, caption: z.string().optional() }),
    z.object({ kind: z.literal('transcript'), text: z.string(), attachment: z.number() }),
    z.object({
      kind: z.literal('location'),
      latitude: z.number(),
      longitude: z.number(),
      place: z.string().optional(),
    }),
    z.object({ kind: z.literal('sticker'), emoji: z.string().optional() }),
    z.object({ kind: z.literal('edited'), text: z.string() }),
    z.object({ kind: z.literal('lifecycle'), event: z.enum(lifecycleEvents) }),
    z.object({ kind: z.literal('unsupported'), what: z.string() }),
  ]),
  replyTo: z.string().optional(),
  tappedOn: z.string().optional(),
  language: z.string().optional(),
})
