import { z } from 'zod'
import { type AcceptedSwap, type DutyException, type Rota, type ShiftRule, shiftDays } from '../domain/duty.ts'
import type { Replaced, RotaTable } from '../domain/rota-table.ts'
import { Programme } from '../domain/taxonomy.ts'
import type { Db, Tx } from './db.ts'
import { lockStaff } from './people.ts'

/** 排班: shifts, exceptions and swaps as they are stored. */

const ShiftDays = z.enum(shiftDays)

/** What has just ended still matters: whoever was away comes on when it does, and somebody must notice. */
const endedWithinMs = 25 * 3_600_000

/** Everything that can still matter at `now` or later, and what ended in the last day. */
export async function rotaFrom(tx: Tx | Db, now: Date): Promise<Rota> {
  const until = { gt: new Date(now.getTime() - endedWithinMs) }
  const [shifts, exceptions, swaps] = await Promise.all([
    tx.shift.findMany({ where: { staff: { active: true } }, orderBy: { id: 'asc' } }),
    tx.dutyOverride.findMany({ where: { until }, orderBy: { id: 'asc' } }),
    tx.swap.findMany({
      where: { until, status: 'accepted' },
      orderBy: [{ answeredAt: 'asc' }, { id: 'asc' }],
    }),
  ])
  return {
    shifts: shifts.map(
      (s): ShiftRule => ({
        staffId: s.staffId,
        tier: s.tier === 'primary' ? 'primary' : 'backup',
        weekdays: s.weekdays,
        fromMinute: s.fromMinute,
        toMinute: s.toMinute,
        days: ShiftDays.parse(s.days),
        validFrom: isoDate(s.validFrom),
        validTo: s.validTo ? isoDate(s.validTo) : null,
        programme: Programme.nullable().catch(null).parse(s.programme),
        communityIds: s.communityIds,
      }),
    ),
    exceptions: exceptions.map((e): DutyException => ({ ...e, why: e.why === 'leave' ? 'leave' : 'said' })),
    swaps: swaps.map(
      ({ fromStaffId, toStaffId, from, until }): AcceptedSwap => ({ fromStaffId, toStaffId, from, until }),
    ),
  }
}

// --- 班表

/**
 * Put a table's shifts in place of what those people had in those days. The same table twice changes nothing. What lies
 * before and after stays as it was.
 */
export async function replaceShifts(tx: Tx, { rules, replaces }: RotaTable): Promise<void> {
  await lockStaff(tx, [...new Set([...replaces.map((r) => r.staffId), ...rules.map((r) => r.staffId)])])
  for (const replaced of replaces) await giveWay(tx, replaced)
  await tx.shift.createMany({
    data: rules.map(({ validFrom, validTo, ...rule }) => ({
      ...rule,
      weekdays: [...rule.weekdays],
      communityIds: [...rule.communityIds],
      validFrom: midnight(validFrom),
      validTo: validTo === null ? null : midnight(validTo),
      origin: 'rota',
    })),
  })
}

async function giveWay(tx: Tx, { staffId, from, until, what }: Replaced): Promise<void> {
  const first = midnight(from)
  const last = until === null ? null : midnight(until)
  if (what === 'single') {
    await tx.shift.deleteMany({ where: { staffId, validFrom: first, validTo: first } })
    return
  }
  const overlapping = {
    staffId,
    OR: [{ validTo: null }, { validTo: { gte: first } }],
    ...(last ? { validFrom: { lte: last } } : {}),
  }
  for (const { id, ...row } of await tx.shift.findMany({ where: overlapping, orderBy: { id: 'asc' } })) {
    await tx.shift.delete({ where: { id } })
    if (row.validFrom < first) await tx.shift.create({ data: { ...row, validTo: dayAfter(first, -1), origin: 'rota' } })
    const goesOn = last !== null && (row.validTo === null || row.validTo > last)
    if (goesOn) await tx.shift.create({ data: { ...row, validFrom: dayAfter(last, 1), origin: 'rota' } })
  }
}

const midnight = (iso: string): Date => new Date(`${iso}T00:00:00Z`)
const dayAfter = (day: Date, days: number): Date => new Date(day.getTime() + days * 86_400_000)

export interface NewException {
  readonly staffId: number
  readonly onDuty: boolean
  readonly why: 'said' | 'leave'
  readonly from: Date
  readonly until: Date
}

export async function insertException(tx: Tx, exception: NewException): Promise<void> {
  await tx.dutyOverride.create({ data: exception, select: { id: true } })
}

/** 销假: what was said of oneself and not begun or not over yet ends now. */
export async function endExceptions(tx: Tx, staffId: number, now: Date): Promise<number> {
  const running = await tx.dutyOverride.updateMany({
    where: { staffId, until: { gt: now }, from: { lte: now } },
    data: { until: now },
  })
  const ahead = await tx.dutyOverride.deleteMany({ where: { staffId, from: { gt: now } } })
  return running.count + ahead.count
}

// --- 换班

export const swapStatuses = ['asked', 'accepted', 'declined', 'undone'] as const
export type SwapStatus = (typeof swapStatuses)[number]

export interface SwapRow extends AcceptedSwap {
  readonly id: number
  readonly status: SwapStatus
}

const swapColumns = { id: true, fromStaffId: true, toStaffId: true, from: true, until: true, status: true } as const
const Stored = z.object({ status: z.enum(swapStatuses) })
const toSwap = <R extends { status: string }>(row: R) => ({ ...row, ...Stored.parse(row) })

/** Swaps that are not over, asked or agreed. */
export async function liveSwaps(tx: Tx | Db, now: Date): Promise<SwapRow[]> {
  const where = { until: { gt: now }, status: { in: ['asked', 'accepted'] } }
  return (await tx.swap.findMany({ where, select: swapColumns, orderBy: { id: 'asc' } })).map(toSwap)
}

export interface NewSwap extends AcceptedSwap {
  readonly askedById: number
  readonly askedAt: Date
  readonly accepted: boolean
}

/** @returns undefined when this person's duty was already given to somebody else for part of that time. */
export async function insertSwap(tx: Tx, { accepted, ...swap }: NewSwap): Promise<SwapRow | undefined> {
  await lockStaff(tx, [swap.fromStaffId, swap.toStaffId])
  if (accepted && (await clashes(tx, swap))) return undefined
  const answered = accepted ? { status: 'accepted', answeredAt: swap.askedAt } : { status: 'asked' }
  return toSwap(await tx.swap.create({ data: { ...swap, ...answered }, select: swapColumns }))
}

/** @returns undefined when it was answered before, or another swap came first. */
export async function answerSwap(
  tx: Tx,
  id: number,
  answer: 'accepted' | 'declined' | 'undone',
  now: Date,
): Promise<SwapRow | undefined> {
  const found = await tx.swap.findUnique({ where: { id }, select: swapColumns })
  if (!found) return undefined
  // Both people are held: two swaps of one shift, accepted at the same moment, cannot both be.
  await lockStaff(tx, [found.fromStaffId, found.toStaffId])
  if (answer === 'accepted' && (await clashes(tx, found))) return undefined
  const { count } = await tx.swap.updateMany({
    where: { id, status: answer === 'undone' ? 'accepted' : 'asked' },
    data: { status: answer, answeredAt: now },
  })
  return count === 1 ? { ...toSwap(found), status: answer } : undefined
}

async function clashes(tx: Tx, swap: AcceptedSwap): Promise<boolean> {
  const { fromStaffId, from, until } = swap
  const where = { fromStaffId, status: 'accepted', from: { lt: until }, until: { gt: from } }
  return (await tx.swap.count({ where })) > 0
}

const isoDate = (date: Date): string => date.toISOString().slice(0, 10)
