import { z } from 'zod'
import { type QuotaUse, quotaUnits, type ServiceKind } from '../domain/ledger.ts'
import type { Db, Tx } from './db.ts'

/** 服务记录: contacts that workers have confirmed, and what they add up to. */

export interface NewService {
  readonly requestId: number
  readonly contractId: number | null
  readonly staffId: number
  readonly kind: ServiceKind
  readonly minutes: number
  readonly need: string | null
  readonly beneficiaryId: number
  readonly at: Date
}

export async function insertService(tx: Tx, service: NewService): Promise<number> {
  return (await tx.service.create({ data: service, select: { id: true } })).id
}

/** 撤销. @returns false when it was not this colleague's, or was taken back before. */
export async function undoService(tx: Tx, id: number, staffId: number, now: Date): Promise<boolean> {
  const { count } = await tx.service.updateMany({ where: { id, staffId, undoneAt: null }, data: { undoneAt: now } })
  return count === 1
}

/** Who has served this household, most recent first, and under which contracts it is already counted. */
export async function householdHistory(
  tx: Tx | Db,
  personId: number,
): Promise<{ readonly knownBy: number[]; readonly servedUnder: number[] }> {
  const rows = await tx.sql<{ staffId: number; contractId: number | null }>`
    SELECT s."staffId", s."contractId" FROM "Service" s
    WHERE s."undoneAt" IS NULL AND s."beneficiaryId" IN (
      SELECT other.id FROM "Person" me JOIN "Person" other
        ON other.id = me.id OR (me."householdId" IS NOT NULL AND other."householdId" = me."householdId")
      WHERE me.id = ${personId})
    ORDER BY s.at DESC, s.id DESC LIMIT 200`
  const contracts = rows.flatMap((row) => row.contractId ?? [])
  return { knownBy: [...new Set(rows.map((row) => row.staffId))], servedUnder: [...new Set(contracts)] }
}

const Row = z.object({
  contractId: z.number(),
  indicator: z.string(),
  unit: z.enum(quotaUnits),
  target: z.number(),
  used: z.number(),
})

/** Every indicator of these contracts (all when none are named) with what counts towards it. */
export async function quotaUse(db: Tx | Db, zone: string, contractIds?: readonly number[]): Promise<QuotaUse[]> {
  const rows = await db.sql<unknown>`
    SELECT q."contractId", q.indicator, q.unit, q.target, (
      SELECT CASE q.unit
        WHEN '户' THEN count(DISTINCT coalesce(p."householdId", p.id))
        WHEN '人' THEN count(DISTINCT p.id)
        WHEN '场' THEN count(DISTINCT (s."staffId", (s.at AT TIME ZONE ${zone})::date)) FILTER (WHERE s.kind = 'group')
        ELSE count(*) END
      FROM "Service" s LEFT JOIN "HelpRequest" r ON r.id = s."requestId"
        LEFT JOIN "HelpRequest" whole ON whole.id = r."mergedIntoId"
        JOIN "Person" p ON p.id = coalesce(whole."requesterId", s."beneficiaryId")
      WHERE s."contractId" = q."contractId" AND s."undoneAt" IS NULL
        AND (coalesce(cardinality(q.kinds), 0) = 0 OR s.kind = ANY(q.kinds))
        AND (coalesce(cardinality(q.needs), 0) = 0 OR s.need = ANY(q.needs)))::int AS used
    FROM "Quota" q
    WHERE ${contractIds === undefined} OR q."contractId" = ANY(${[...(contractIds ?? [])]}::int[])
    ORDER BY q."contractId", q.id`
  return rows.map((row) => Row.parse(row))
}

/** 名额已满: contracts whose number of people or households has been reached. Contacts may go on being counted beyond. */
export async function usedUpContracts(db: Db, zone: string): Promise<ReadonlySet<number>> {
  const full = (await quotaUse(db, zone)).filter((q) => (q.unit === '户' || q.unit === '人') && q.used >= q.target)
  return new Set(full.map((q) => q.contractId))
}

/** 同户: the two people, and everybody already in a household with either, are one household. */
export async function joinHouseholds(tx: Tx, one: number, other: number): Promise<void> {
  await tx.run`
    UPDATE "Person" SET "householdId" = (
      SELECT min(coalesce("householdId", id)) FROM "Person" WHERE id IN (${one}, ${other}))
    WHERE id IN (${one}, ${other}) OR "householdId" IN (
      SELECT "householdId" FROM "Person" WHERE id IN (${one}, ${other}) AND "householdId" IS NOT NULL)`
}
