import type { Db } from './db.ts'

export interface Place {
  readonly communityId: number
  readonly community: string
  readonly street: string
  readonly aliases: readonly string[]
}

/** 地名: the communities that exist on a day, with everything people call them. */
export async function gazetteer(db: Db, now: Date): Promise<Place[]> {
  const rows = await db.community.findMany({
    where: { validFrom: { lte: now }, OR: [{ validTo: null }, { validTo: { gte: now } }] },
    select: { id: true, name: true, aliases: true, street: { select: { name: true } } },
    orderBy: { id: 'asc' },
  })
  return rows.map((row) => ({
    communityId: row.id,
    community: row.name,
    street: row.street.name,
    aliases: row.aliases,
  }))
}
