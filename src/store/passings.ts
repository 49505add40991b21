import type { Tx } from './db.ts'

/** Letters that wait for an attachment to be settled. */

export async function insertPassing(
  tx: Tx,
  passing: { attachmentId: number; letterSealed: string; dedupeKey: string; at: Date },
): Promise<void> {
  const { at, ...row } = passing
  await tx.passing.createMany({ data: [{ ...row, createdAt: at }], skipDuplicates: true })
}

/** Take all of them, oldest first; they are gone when the transaction commits. */
export async function takePassings(tx: Tx, attachmentId: number): Promise<{ letterSealed: string }[]> {
  const rows = await tx.passing.findMany({
    where: { attachmentId },
    orderBy: { id: 'asc' },
    select: { letterSealed: true },
  })
  await tx.passing.deleteMany({ where: { attachmentId } })
  return rows
}
