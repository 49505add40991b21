import { type ContractTerm, lastDay, type QuotaUse } from '../domain/ledger.ts'
import type { ActiveContract } from '../domain/policy.ts'
import { Programme } from '../domain/taxonomy.ts'
import type { Db, Tx } from './db.ts'
import { quotaUse } from './ledger.ts'

/** Contracts in force on a local date, with where they reach. */
export async function activeContracts(
  tx: Tx | Db,
  isoToday: string,
  usedUp: ReadonlySet<number>,
): Promise<ActiveContract[]> {
  const today = new Date(`${isoToday}T00:00:00Z`)
  const rows = await tx.contract.findMany({
    where: { startsOn: { lte: today }, OR: [{ endsOn: { gte: today } }, { extendedTo: { gte: today } }] },
    select: {
      id: true,
      agencyId: true,
      programmeCode: true,
      agency: { select: { name: true } },
      programme: { select: { name: true } },
      communities: { select: { id: true } },
    },
    orderBy: { id: 'asc' },
  })
  return rows.flatMap((row) => {
    const programme = Programme.safeParse(row.programmeCode)
    return programme.success
      ? [
          {
            contractId: row.id,
            agencyId: row.agencyId,
            agency: row.agency.name,
            programme: programme.data,
            programmeName: row.programme.name,
            communityIds: row.communities.map((c) => c.id),
            usedUp: usedUp.has(row.id),
          },
        ]
      : []
  })
}

/** A contract with its term and what has been done under it. */
export interface ContractRow extends ContractTerm {
  readonly id: number
  readonly reference: string
  readonly agencyId: number
  readonly agency: string
  readonly programmeName: string
  readonly lastDay: string
  readonly evaluatedOn: readonly string[]
  readonly quotas: readonly QuotaUse[]
}

/** Contracts that run on that day or have ended at most `endedDays` before it. */
export async function contractRows(db: Tx | Db, isoToday: string, zone: string, endedDays = 0): Promise<ContractRow[]> {
  const since = new Date(Date.parse(`${isoToday}T00:00:00Z`) - endedDays * 86_400_000)
  const rows = await db.contract.findMany({
    where: {
      startsOn: { lte: new Date(`${isoToday}T00:00:00Z`) },
      OR: [{ endsOn: { gte: since } }, { extendedTo: { gte: since } }],
    },
    include: { agency: { select: { name: true } }, programme: { select: { name: true } } },
    orderBy: { id: 'asc' },
  })
  const used = await quotaUse(
    db,
    zone,
    rows.map((row) => row.id),
  )
  return rows.map((row) => {
    const term = {
      startsOn: isoDate(row.startsOn),
      endsOn: isoDate(row.endsOn),
      extendedTo: row.extendedTo ? isoDate(row.extendedTo) : null,
    }
    return {
      ...term,
      id: row.id,
      reference: row.reference,
      agencyId: row.agencyId,
      agency: row.agency.name,
      programmeName: row.programme.name,
      lastDay: lastDay(term),
      evaluatedOn: row.evaluatedOn.map(isoDate),
      quotas: used.filter((quota) => quota.contractId === row.id),
    }
  })
}

export interface Adrift {
  readonly id: number
  readonly contractId: number | null
}

/**
 * Open requests under a contract that has ended, or in the hands of an agency that has none any more. Each branch walks from
 * the few contracts and people that have ended through a partial index over open requests: the others, however many,
 * cost nothing (`bench/auditor.ts`).
 */
export async function requestsAdrift(db: Tx | Db, isoToday: string, take: number): Promise<Adrift[]> {
  const today = new Date(`${isoToday}T00:00:00Z`)
  return db.$queryRaw<Adrift[]>`
    WITH ended AS MATERIALIZED (
      SELECT id FROM "Contract"
      WHERE "startsOn" > ${today}::date OR greatest("endsOn", "extendedTo") < ${today}::date),
    gone AS MATERIALIZED (
      SELECT id FROM "Staff" WHERE "agencyId" IS NOT NULL AND "agencyId" NOT IN (
        SELECT "agencyId" FROM "Contract" WHERE id NOT IN (SELECT id FROM ended)))
    SELECT id, "contractId" FROM (
      (SELECT r.id, r."contractId" FROM ended, LATERAL (SELECT id, "contractId" FROM "HelpRequest"
        WHERE "contractId" = ended.id AND "nextDeadline" IS NOT NULL LIMIT ${take}) r LIMIT ${take})
      UNION
      (SELECT r.id, r."contractId" FROM gone, LATERAL (SELECT id, "contractId" FROM "HelpRequest"
        WHERE "assigneeId" = gone.id AND "nextDeadline" IS NOT NULL LIMIT ${take}) r LIMIT ${take})
      UNION
      (SELECT r.id, r."contractId" FROM gone, LATERAL (SELECT id, "contractId" FROM "HelpRequest"
        WHERE "ownerId" = gone.id AND "nextDeadline" IS NOT NULL LIMIT ${take}) r LIMIT ${take})) adrift
    ORDER BY id LIMIT ${take}`
}

const isoDate = (date: Date): string => date.toISOString().slice(0, 10)
