import { DateTime } from 'luxon'
import { z } from 'zod'
import type { Calendar } from '../domain/calendar.ts'
import { type DutyException, onDuty, type ShiftRule } from '../domain/duty.ts'
import { type ActiveContract, type StaffRole, staffRoles } from '../domain/policy.ts'
import { Programme } from '../domain/taxonomy.ts'
import type { Db, Tx } from './db.ts'

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

/** Who writes: a resident with what they agreed to, or a colleague. Read under the lock, one statement. */
export async function whoIs(
  tx: Tx,
  personId: number,
): Promise<{ readonly staffId: number | null; readonly textOnly: boolean; readonly consented: boolean | undefined }> {
  const [row] = await tx.$queryRaw<{ staffId: number | null; textOnly: boolean; given: boolean | null }[]>`
    SELECT s.id AS "staffId", p."textOnly",
      (SELECT c.given FROM "Consent" c WHERE c."personId" = p.id AND c.purpose = 'request' ORDER BY c.id DESC LIMIT 1) AS given
    FROM "Person" p LEFT JOIN "Staff" s ON s."personId" = p.id AND s.active WHERE p.id = ${personId}`
  if (!row) throw new Error(`there is no person ${personId}`)
  return { staffId: row.staffId, textOnly: row.textOnly, consented: row.given ?? undefined }
}

/** Staff of these roles who have joined a chat, with how much they carry and when they were last asked. */
export async function workload(
  tx: Tx | Db,
  staffIds: readonly number[],
): Promise<Map<number, { load: number; lastOfferedAt: Date | null }>> {
  const rows = await tx.$queryRaw<{ id: number; load: number; last: Date | null }[]>`
    SELECT s.id,
      (SELECT count(*)::int FROM "HelpRequest" r
        WHERE r."assigneeId" = s.id AND r.status IN ('queued', 'offered', 'active')) AS load,
      (SELECT max(o."offeredAt") FROM "Offer" o WHERE o."staffId" = s.id) AS last
    FROM "Staff" s WHERE s.id = ANY(${[...staffIds]}::int[])`
  return new Map(rows.map((row) => [row.id, { load: row.load, lastOfferedAt: row.last }]))
}

async function rota(tx: Tx | Db, now: Date): Promise<{ shifts: ShiftRule[]; exceptions: DutyException[] }> {
  const shifts = await tx.shift.findMany({ where: { staff: { active: true } } })
  const exceptions = await tx.dutyOverride.findMany({ where: { until: { gt: now } }, orderBy: { id: 'asc' } })
  return {
    shifts: shifts.map((s) => ({
      staffId: s.staffId,
      tier: s.tier === 'primary' ? 'primary' : 'backup',
      weekdays: s.weekdays,
      fromMinute: s.fromMinute,
      toMinute: s.toMinute,
      days: s.days === 'working_days' ? 'working_days' : 'every_day',
      validFrom: isoDate(s.validFrom),
      validTo: s.validTo ? isoDate(s.validTo) : null,
    })),
    exceptions,
  }
}

/** Dated rows of the working calendar: ISO date → holiday or make-up workday. */
export async function calendarDays(tx: Tx | Db): Promise<Map<string, 'holiday' | 'workday'>> {
  const rows = await tx.calendarDay.findMany()
  return new Map(rows.map((row) => [isoDate(row.date), row.kind === 'workday' ? 'workday' : 'holiday']))
}

/** Contracts in force on a local date, with where they reach. */
async function activeContracts(tx: Tx | Db, isoToday: string): Promise<ActiveContract[]> {
  const today = new Date(`${isoToday}T00:00:00Z`)
  const rows = await tx.contract.findMany({
    where: { startsOn: { lte: today }, endsOn: { gte: today } },
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
          },
        ]
      : []
  })
}

export async function setDuty(tx: Tx, staffId: number, onDuty: boolean, from: Date, until: Date): Promise<void> {
  await tx.dutyOverride.create({ data: { staffId, onDuty, from, until }, select: { id: true } })
}

const isoDate = (date: Date): string => date.toISOString().slice(0, 10)

/** Who there is, who is on duty by the rota, and what was bought: read before a turn, a second old at most. */
export interface DutyFacts {
  readonly directory: readonly StaffRow[]
  readonly shifts: readonly ShiftRule[]
  readonly exceptions: readonly DutyException[]
  readonly contracts: readonly ActiveContract[]
}

export async function dutyFacts(db: Db, now: Date, zone: string): Promise<DutyFacts> {
  const today = DateTime.fromJSDate(now, { zone }).toISODate() ?? ''
  const directory = await staffDirectory(db)
  return { directory, ...(await rota(db, now)), contracts: await activeContracts(db, today) }
}

/** 兜底: the coordinator who owns what nobody has accepted yet — on duty if one is, else the first there is. */
export function coordinatorOnDuty(facts: DutyFacts, calendar: Calendar, now: Date): StaffRow {
  const [first, ...others] = facts.directory.filter((s) => s.role === 'coordinator')
  if (!first)
    throw new Error('there is no coordinator: nobody could own a request. Import the district: npx linbang seed <file>')
  if (others.length === 0) return first
  const theirs = facts.shifts.filter(
    (shift) => shift.staffId === first.id || others.some((c) => c.id === shift.staffId),
  )
  const duty = new Set(onDuty(theirs, facts.exceptions, calendar, now).map((d) => d.staffId))
  return [first, ...others].find((c) => duty.has(c.id)) ?? first
}
