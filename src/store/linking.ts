import type { Db, Tx } from './db.ts'
import { mergeNotices } from './merge-notices.ts'
import { hashInvite } from './people.ts'

/** One person in several chats, and several people in one: who speaks at which address. */

export interface LinkCodeRow {
  readonly id: number
  /** Whose code it is, and the chat it was made in. */
  readonly personId: number
  readonly addressId: number
  /** The chat in which it was said, once it was. */
  readonly saidAtId: number | null
}

export async function insertLinkCode(
  tx: Tx,
  row: { personId: number; addressId: number; code: string; expiresAt: Date },
): Promise<void> {
  const { code, ...rest } = row
  await tx.linkCode.create({ data: { ...rest, codeHash: hashInvite(code) }, select: { id: true } })
}

/** A code that can still be said: not said before, not too old. */
export async function linkCodeSaid(tx: Tx, code: string, now: Date): Promise<LinkCodeRow | undefined> {
  const row = await tx.linkCode.findFirst({
    where: { codeHash: hashInvite(code), saidAtId: null, answeredAt: null, expiresAt: { gt: now } },
    select: { id: true, personId: true, addressId: true, saidAtId: true },
  })
  return row ?? undefined
}

/** A code of this person that was said elsewhere and waits for their yes. */
export async function linkCodeAsked(tx: Tx, id: number, personId: number): Promise<LinkCodeRow | undefined> {
  const row = await tx.linkCode.findFirst({
    where: { id, personId, saidAtId: { not: null }, answeredAt: null },
    select: { id: true, personId: true, addressId: true, saidAtId: true },
  })
  return row ?? undefined
}

/** False when somebody else said it in the meantime. */
export async function sayLinkCode(tx: Tx, id: number, saidAtId: number): Promise<boolean> {
  const said = await tx.linkCode.updateMany({ where: { id, saidAtId: null, answeredAt: null }, data: { saidAtId } })
  return said.count === 1
}

export async function answerLinkCode(tx: Tx, id: number, now: Date): Promise<boolean> {
  const answered = await tx.linkCode.updateMany({ where: { id, answeredAt: null }, data: { answeredAt: now } })
  return answered.count === 1
}

export async function personAt(tx: Tx | Db, addressId: number): Promise<number> {
  const row = await tx.address.findUniqueOrThrow({ where: { id: addressId }, select: { personId: true } })
  return row.personId
}

export async function chatsOf(tx: Tx, personId: number): Promise<number> {
  return tx.address.count({ where: { personId } })
}

/** A colleague's chat, or two crises at once: these two stay apart. */
export async function mayMerge(tx: Tx, one: number, other: number): Promise<boolean> {
  const [row] = await tx.sql<{ staff: boolean; crises: number }>`
    SELECT EXISTS (SELECT 1 FROM "Staff" WHERE "personId" IN (${one}, ${other})) AS staff,
      (SELECT count(*)::int FROM "HelpRequest" WHERE "requesterId" IN (${one}, ${other}) AND urgency = 'crisis'
        AND status NOT IN ('resolved', 'closed', 'withdrawn', 'merged')) AS crises`
  return row !== undefined && !row.staff && row.crises <= 1
}

/**
 * Everything of `from` becomes `into`'s: chats, requests, what waits to be read or sent, needs, blocks, notices and a no to them. What was handled
 * before stays where it was written.
 */
export async function mergePeople(tx: Tx, from: number, into: number, now: Date): Promise<void> {
  const ids = [from, into].sort((a, b) => a - b)
  await tx.run`SELECT "personId" FROM "Conversation" WHERE "personId" = ANY(${ids}::int[]) ORDER BY "personId" FOR UPDATE`
  await tx.run`
    UPDATE "Person" p SET "textOnly" = p."textOnly" OR q."textOnly", "plainWords" = p."plainWords" OR q."plainWords",
      slowly = p.slowly OR q.slowly, "bigText" = p."bigText" OR q."bigText", "readAloud" = p."readAloud" OR q."readAloud",
      minnan = p.minnan OR q.minnan, "householdId" = COALESCE(p."householdId", q."householdId")
    FROM "Person" q WHERE p.id = ${into} AND q.id = ${from}`
  await tx.run`UPDATE "Person" SET "mergedIntoId" = ${into} WHERE id = ${from}`
  await tx.run`UPDATE "Address" SET "personId" = ${into} WHERE "personId" = ${from}`
  await tx.run`UPDATE "HelpRequest" SET "requesterId" = ${into} WHERE "requesterId" = ${from}`
  await tx.run`
    UPDATE "HelpRequest" SET "textOnly" = true FROM "Person" p
    WHERE p.id = ${into} AND p."textOnly" AND "requesterId" = p.id AND "nextDeadline" IS NOT NULL`
  await tx.run`UPDATE "Consent" SET "personId" = ${into} WHERE "personId" = ${from}`
  await tx.run`UPDATE "Block" SET "personId" = ${into} WHERE "personId" = ${from}`
  await tx.run`
    INSERT INTO "NoticeOptOut" ("personId", topic, at) SELECT ${into}::int, topic, at FROM "NoticeOptOut"
    WHERE "personId" = ${from} ON CONFLICT DO NOTHING`
  await mergeNotices(tx, from, into, now)
  await tx.run`UPDATE "InboundMessage" SET "personId" = ${into} WHERE "personId" = ${from} AND "handledAt" IS NULL`
  await tx.run`
    UPDATE "OutboundMessage" SET "personId" = ${into}
    WHERE "personId" = ${from} AND (status IN ('queued', 'sending') OR "choicesOpen")`
  await tx.run`
    UPDATE "SharedPhone" s SET "personId" = ${into} WHERE "personId" = ${from}
      AND NOT EXISTS (SELECT 1 FROM "SharedPhone" t WHERE t."addressId" = s."addressId" AND t."personId" = ${into})`
}

/**
 * Part the chats that were linked: each becomes somebody new, and the requests stay with the chat that made the first code,
 * whichever chat asked for it — so that nobody who got hold of a code can carry them away. Returns how many were parted.
 */
export async function partChats(tx: Tx, personId: number): Promise<number> {
  const first = await tx.linkCode.findFirst({
    where: { personId, answeredAt: { not: null } },
    orderBy: { answeredAt: 'asc' },
    select: { addressId: true },
  })
  if (!first) return 0
  const others = await tx.address.findMany({
    where: { personId, id: { not: first.addressId } },
    select: { id: true },
    orderBy: { id: 'asc' },
  })
  for (const { id } of others) {
    const fresh = await newPerson(tx)
    await tx.run`
      UPDATE "OutboundMessage" SET "addressId" = ${first.addressId}
      WHERE "personId" = ${personId} AND "addressId" = ${id} AND status = 'queued' AND kind = 'send'`
    await tx.run`UPDATE "Address" SET "personId" = ${fresh} WHERE id = ${id}`
    // 不再收: a no to notices holds in every chat it was said for.
    await tx.run`
      INSERT INTO "NoticeOptOut" ("personId", topic, at) SELECT ${fresh}::int, topic, at FROM "NoticeOptOut"
      WHERE "personId" = ${personId}`
  }
  await tx.person.update({ where: { id: personId }, data: { answersAtId: null }, select: { id: true } })
  return others.length
}

export async function setAnswersAt(tx: Tx, personId: number, addressId: number): Promise<void> {
  await tx.person.update({ where: { id: personId }, data: { answersAtId: addressId }, select: { id: true } })
}

/** The people who share this phone, by their places; empty when only one has ever spoken there. */
export async function placesAt(tx: Tx | Db, addressId: number): Promise<{ personId: number; place: number }[]> {
  return tx.sharedPhone.findMany({
    where: { addressId },
    select: { personId: true, place: true },
    orderBy: { place: 'asc' },
  })
}

/** Somebody else speaks at this address now: one who was there before, or somebody new. Returns their place and who it is. */
export async function handPhoneTo(
  tx: Tx,
  addressId: number,
  place: number | 'new',
): Promise<{ personId: number; place: number } | undefined> {
  const current = await personAt(tx, addressId)
  const known = await placesAt(tx, addressId)
  if (known.length === 0) await tx.sharedPhone.create({ data: { addressId, personId: current, place: 1 } })
  if (place !== 'new') {
    const there = known.find((one) => one.place === place)
    if (there) await tx.run`UPDATE "Address" SET "personId" = ${there.personId} WHERE id = ${addressId}`
    return there
  }
  const personId = await newPerson(tx)
  const next = Math.max(1, ...known.map((one) => one.place)) + 1
  await tx.sharedPhone.create({ data: { addressId, personId, place: next } })
  await tx.run`UPDATE "Address" SET "personId" = ${personId} WHERE id = ${addressId}`
  return { personId, place: next }
}

async function newPerson(tx: Tx): Promise<number> {
  const [made] = await tx.sql<{ id: number }>`
    WITH person AS (INSERT INTO "Person" DEFAULT VALUES RETURNING id)
    INSERT INTO "Conversation" ("personId") SELECT id FROM person RETURNING "personId" AS id`
  if (!made) throw new Error('a person could not be stored')
  return made.id
}
