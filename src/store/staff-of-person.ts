import type { Db } from './db.ts'

/** The active colleague behind a person, if they are one. */
export async function staffOfPerson(db: Db, personId: number): Promise<number | undefined> {
  const row = await db.staff.findFirst({ where: { personId, active: true }, select: { id: true } })
  return row?.id
}
