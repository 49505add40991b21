import type { Db, Tx } from './db.ts'

/** 屏蔽: ordinary words of a person are not passed on for a while. The database asks for a person, a reason and an end. */

export interface BlockRow {
  readonly until: Date
}

/** The block in force on a person, the longest first. */
export async function blockOf(tx: Tx | Db, personId: number, now: Date): Promise<BlockRow | undefined> {
  const [row] = await tx.sql<BlockRow>`
    SELECT until FROM "Block" WHERE "personId" = ${personId} AND "liftedAt" IS NULL AND "from" <= ${now} AND until > ${now}
    ORDER BY until DESC LIMIT 1`
  return row
}

export async function insertBlock(
  tx: Tx,
  { personId, byId, reason, from, until }: { personId: number; byId: number; reason: string; from: Date; until: Date },
): Promise<void> {
  await tx.block.create({ data: { personId, byId, reason, from, until }, select: { id: true } })
}

export async function liftBlocks(tx: Tx, personId: number, liftedById: number, now: Date): Promise<void> {
  await tx.block.updateMany({
    where: { personId, liftedAt: null, until: { gt: now } },
    data: { liftedAt: now, liftedById },
  })
}
