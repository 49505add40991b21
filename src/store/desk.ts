import { createHash, randomBytes } from 'node:crypto'
import type { Db, Tx } from './db.ts'

/** 工作台: the links said in chat and the browsers they opened. Keys are kept as hashes: who reads the database sits at no desk. */

/** Unguessable: 128 bits. */
export const deskKey = (): string => randomBytes(16).toString('base64url')
const hash = (key: string): string => createHash('sha256').update(key).digest('hex')

/** A fresh link; the one before it opens nothing any more. */
export async function insertDeskLink(
  tx: Tx,
  link: { readonly staffId: number; readonly key: string; readonly expiresAt: Date; readonly at: Date },
): Promise<void> {
  const { staffId, key, expiresAt, at } = link
  await endLinks(tx, staffId, at)
  await tx.deskLink.create({ data: { staffId, keyHash: hash(key), expiresAt }, select: { id: true } })
}

export interface DeskLinkRow {
  readonly id: number
  readonly staffId: number
}

/** A link that still opens the desk: known, in time, not used. */
export async function openDeskLink(tx: Tx | Db, key: string, now: Date): Promise<DeskLinkRow | undefined> {
  const row = await tx.deskLink.findFirst({
    where: { keyHash: hash(key), expiresAt: { gt: now }, session: null },
    select: { id: true, staffId: true },
  })
  return row ?? undefined
}

/** Use the link up; false: somebody was quicker. */
export async function insertDeskSession(
  tx: Tx,
  { link, key, at, expiresAt }: { link: DeskLinkRow; key: string; at: Date; expiresAt: Date },
): Promise<boolean> {
  const opened = await tx.$executeRaw`
    INSERT INTO "DeskSession" ("keyHash", "linkId", "staffId", "startedAt", "expiresAt")
    VALUES (${hash(key)}, ${link.id}::int, ${link.staffId}::int, ${at}::timestamptz, ${expiresAt}::timestamptz)
    ON CONFLICT ("linkId") DO NOTHING`
  return opened === 1
}

/** Whose desk this key belongs to, while it is open. */
export async function deskSession(db: Db | Tx, key: string, now: Date): Promise<{ staffId: number } | undefined> {
  const row = await db.deskSession.findFirst({
    where: { keyHash: hash(key), endedAt: null, expiresAt: { gt: now } },
    select: { staffId: true },
  })
  return row ?? undefined
}

/** 退出工作台: every browser of this colleague, and any link not used yet. Returns how many browsers were at the desk. */
export async function endDesk(tx: Tx | Db, staffId: number, now: Date): Promise<number> {
  await endLinks(tx, staffId, now)
  const ended = await tx.deskSession.updateMany({
    where: { staffId, endedAt: null, expiresAt: { gt: now } },
    data: { endedAt: now },
  })
  return ended.count
}

async function endLinks(tx: Tx | Db, staffId: number, now: Date): Promise<void> {
  await tx.deskLink.updateMany({ where: { staffId, session: null, expiresAt: { gt: now } }, data: { expiresAt: now } })
}
