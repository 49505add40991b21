import { z } from 'zod'
import { type Calendar, localDate } from '../domain/calendar.ts'
import { onDuty, type Rota } from '../domain/duty.ts'
import { type ActiveContract, type StaffRole, staffRoles } from '../domain/policy.ts'
import { activeContracts } from './contracts.ts'
import type { Db, Tx } from './db.ts'
import { rotaFrom } from './rota.ts'

export interface StaffRow {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly role: StaffRole
  readonly agencyId: number | null
  readonly personId: number | null
  readonly skills: readonly string[]
  readonly loadLimit: number
}

const columns = {
  id: true,
  code: true,
  name: true,
  role: true,
  agencyId: true,
  personId: true,
  skills: true,
  loadLimit: true,
} as const
const Role = z.enum(staffRoles)

export async function staffDirectory(tx: Tx | Db): Promise<StaffRow[]> {
  const rows = await tx.staff.findMany({ where: { active: true }, select: columns, orderBy: { id: 'asc' } })
  return rows.map((row) => ({ ...row, role: Role.parse(row.role) }))
}

/** What each of these carries — requests under way and offers still open to them — and when they were last asked. */
export async function workload(
  tx: Tx | Db,
  staffIds: readonly number[],
): Promise<Map<number, { load: number; lastOfferedAt: Date | null }>> {
  const rows = await tx.sql<{ id: number; load: number; last: Date | null }>`
    SELECT s.id,
      (SELECT count(*)::int FROM "HelpRequest" r
        WHERE r."assigneeId" = s.id AND r.status IN ('queued', 'offered', 'active') AND r."nextDeadline" IS NOT NULL)
      + (SELECT count(*)::int FROM "Offer" o WHERE o."staffId" = s.id AND o.status = 'open') AS load,
      (SELECT max(o."offeredAt") FROM "Offer" o WHERE o."staffId" = s.id) AS last
    FROM "Staff" s WHERE s.id = ANY(${staffIds}::int[])`
  return new Map(rows.map((row) => [row.id, { load: row.load, lastOfferedAt: row.last }]))
}

/** Who there is, who is on duty by the rota, and what was bought: read before a turn, a second old at most. */
export interface DutyFacts extends Rota {
  readonly directory: readonly StaffRow[]
  readonly contracts: readonly ActiveContract[]
}

/** @param usedUp contracts whose number of people or households has been reached. */
export async function dutyFacts(
  db: Db,
  now: Date,
  zone: string,
  usedUp: ReadonlySet<number> = new Set(),
): Promise<DutyFacts> {
  const [directory, rules, contracts] = await Promise.all([
    staffDirectory(db),
    rotaFrom(db, now),
    activeContracts(db, localDate(now, zone), usedUp),
  ])
  return { directory, ...rules, contracts }
}

/** 兜底: the coordinator who owns what nobody has accepted yet — on duty if one is, else the first there is. */
export function coordinatorOnDuty(facts: DutyFacts, calendar: Calendar, now: Date): StaffRow {
  const [first, ...others] = facts.directory.filter((s) => s.role === 'coordinator')
  if (!first)
    throw new Error('there is no coordinator: nobody could own a request. Import the district: npx linbang seed <file>')
  if (others.length === 0) return first
  const shifts = facts.shifts.filter(
    (shift) => shift.staffId === first.id || others.some((c) => c.id === shift.staffId),
  )
  const duty = new Set(onDuty({ ...facts, shifts }, calendar, now).map((d) => d.staffId))
  return [first, ...others].find((c) => duty.has(c.id)) ?? first
}
