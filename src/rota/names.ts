import type { RotaNames } from '../domain/rota-table.ts'
import { programmes } from '../domain/taxonomy.ts'
import type { Db } from '../store/db.ts'
import { say } from '../texts/say.ts'

/** What a table may call people, programmes and communities; `agency` narrows it to the people of one. */
export async function rotaNames(db: Db, from: string, agency: string | undefined): Promise<RotaNames> {
  const [staff, communities] = await Promise.all([
    db.staff.findMany({
      where: { active: true, ...(agency === undefined ? {} : { agency: { code: agency } }) },
      select: { id: true, code: true, name: true },
    }),
    db.community.findMany({ select: { id: true, code: true, name: true, aliases: true } }),
  ])
  return {
    from,
    staff: new Map(staff.map(({ code, ...person }) => [code, person])),
    programmes: new Map(programmes.flatMap((p) => [[p, p] as const, [say(`programme.${p}`), p] as const])),
    communities: new Map(communities.flatMap((c) => [c.code, c.name, ...c.aliases].map((called) => [called, c.id]))),
  }
}
