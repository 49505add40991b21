import type { Db } from './db.ts'
import { transaction } from './db.ts'

/** The demo's staff phones: real web chats joined to demo staff, so that nothing on the way is special. */

export const staffPhones = [
  { phone: 'coordinator', staff: 'c-01' },
  { phone: 'worker-a1', staff: 'a1-sw-01' },
  { phone: 'worker-a2', staff: 'a2-sw-01' },
  { phone: 'worker-a3', staff: 'a3-sw-01' },
  { phone: 'worker-a4', staff: 'a4-sw-01' },
  { phone: 'worker-a5', staff: 'a5-sw-01' },
] as const

export const phoneAddress = (phone: string): string => `demo:${phone}`

/** Join each demo phone to its staff row, where the district has one that nobody has joined. */
export async function joinDemoPhones(db: Db, now: Date): Promise<void> {
  for (const { phone, staff } of staffPhones) {
    await transaction(db, async (tx) => {
      // Processes that start together meet here one after the other.
      await tx.$executeRaw`SELECT 1 FROM "Staff" WHERE code = ${staff} FOR UPDATE`
      const row = await tx.staff.findUnique({ where: { code: staff }, select: { id: true, personId: true } })
      if (!row || row.personId !== null) return
      const person = await tx.person.create({
        data: {
          conversation: { create: {} },
          addresses: { create: { channel: 'web', account: 'web', externalId: phoneAddress(phone), lastHeardAt: now } },
        },
        select: { id: true },
      })
      await tx.staff.update({ where: { id: row.id }, data: { personId: person.id } })
    })
  }
}

export interface DemoPhone {
  readonly phone: string
  readonly name: string
  readonly agency: string | null
  /** Offers that wait for an answer on this phone. */
  readonly waiting: number
}

export async function demoPhoneStates(db: Db): Promise<DemoPhone[]> {
  const rows = await db.staff.findMany({
    where: { code: { in: staffPhones.map((p) => p.staff) } },
    select: {
      code: true,
      name: true,
      agency: { select: { name: true } },
      _count: { select: { offers: { where: { status: 'open' } } } },
    },
  })
  return staffPhones.flatMap(({ phone, staff }) => {
    const row = rows.find((r) => r.code === staff)
    return row ? [{ phone, name: row.name, agency: row.agency?.name ?? null, waiting: row._count.offers }] : []
  })
}

export interface TimelineEntry {
  readonly at: string
  readonly step: string
  readonly who: string
  readonly status: string
  readonly number: number
}

/** What happened to the newest requests of one resident, newest request last: the ledger beside the phones. */
export async function timelineOf(db: Db, residentAddressId: number): Promise<TimelineEntry[]> {
  const address = await db.address.findUnique({ where: { id: residentAddressId }, select: { personId: true } })
  if (!address) return []
  const requests = await db.helpRequest.findMany({
    where: { requesterId: address.personId },
    orderBy: { id: 'desc' },
    take: 2,
    select: {
      number: true,
      events: {
        orderBy: { version: 'asc' },
        select: { at: true, step: true, actorKind: true, actorId: true, toStatus: true, detail: true },
      },
    },
  })
  const names = new Map((await db.staff.findMany({ select: { id: true, name: true } })).map((s) => [s.id, s.name]))
  return requests.reverse().flatMap(({ number, events }) =>
    events.map((event) => ({
      at: event.at.toISOString(),
      step: event.step,
      who:
        event.actorKind === 'staff'
          ? (names.get(event.actorId ?? 0) ?? '')
          : event.actorKind === 'resident'
            ? '居民'
            : offeredTo(event.detail, names),
      status: event.toStatus,
      number,
    })),
  )
}

function offeredTo(detail: unknown, names: ReadonlyMap<number, string>): string {
  if (typeof detail !== 'object' || detail === null || !('to' in detail) || !Array.isArray(detail.to)) return '系统'
  const to = detail.to.flatMap((c: unknown) =>
    typeof c === 'object' && c !== null && 'staffId' in c && typeof c.staffId === 'number'
      ? (names.get(c.staffId) ?? [])
      : [],
  )
  return to.join('、')
}
