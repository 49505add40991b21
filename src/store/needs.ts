import { z } from 'zod'
import { type LineStatus, lineStatuses } from '../domain/request-step.ts'
import { Need } from '../domain/taxonomy.ts'
import { VolunteerTask } from '../domain/volunteer-task.ts'
import type { Db, Tx } from './db.ts'
import type { Seal } from './secrets.ts'

/** 分工: needs of a request in the hands of colleagues. What has no row here is the lead worker's own. */

export interface NeedLineRow {
  readonly id: number
  readonly requestId: number
  readonly number: number
  readonly need: Need
  readonly status: LineStatus
  readonly assignee: Colleague
  /** Who shared it out and hears what becomes of it. */
  readonly askedById: number
  readonly task: VolunteerTask | null
}

interface Colleague {
  readonly id: number
  readonly name: string
  readonly personId: number | null
}

const columns = {
  id: true,
  requestId: true,
  need: true,
  status: true,
  askedById: true,
  taskSealed: true,
  request: { select: { number: true } },
  assignee: { select: { id: true, name: true, personId: true } },
} as const
const Stored = z.object({ need: Need, status: z.enum(lineStatuses) })

type Row = Omit<NeedLineRow, 'number' | 'need' | 'status' | 'task'> & {
  need: string
  status: string
  taskSealed: string | null
  request: { number: number }
}

const toLine = (seal: Seal, { request, taskSealed, ...row }: Row): NeedLineRow => ({
  ...row,
  ...Stored.parse(row),
  number: request.number,
  task: taskSealed === null ? null : VolunteerTask.parse(seal.open(taskSealed)),
})

const live = { in: ['asked', 'taken'] }

/** Lines asked of this colleague or in their hands, and those of these requests. */
export async function liveLines(
  tx: Tx | Db,
  seal: Seal,
  { staffId, requestIds }: { readonly staffId: number; readonly requestIds: readonly number[] },
): Promise<NeedLineRow[]> {
  const where = { status: live, OR: [{ assigneeId: staffId }, { requestId: { in: [...requestIds] } }] }
  return (await tx.needLine.findMany({ where, select: columns, orderBy: { id: 'asc' } })).map((row) =>
    toLine(seal, row),
  )
}

export interface NewLine {
  readonly requestId: number
  readonly need: Need
  readonly assigneeId: number
  readonly askedById: number
  readonly task: VolunteerTask | null
  readonly askedAt: Date
  readonly dueAt: Date
}

/** The need goes to this colleague; whoever had it or was asked before is let go. Held by the lock on the request. */
export async function insertLine(
  tx: Tx,
  seal: Seal,
  { task, ...line }: NewLine,
): Promise<{ readonly line: NeedLineRow; readonly released: readonly NeedLineRow[] }> {
  const { requestId, need, askedAt } = line
  const released = await endLines(tx, seal, { requestId, need }, 'released', askedAt)
  const taskSealed = task === null ? null : seal.seal(task)
  const row = await tx.needLine.create({ data: { ...line, taskSealed, status: 'asked' }, select: columns })
  return { line: toLine(seal, row), released }
}

/** @returns false when it was answered, let go or ended before. */
export async function answerLine(
  tx: Tx,
  id: number,
  answer: 'taken' | 'declined' | 'done' | 'released',
  now: Date,
): Promise<boolean> {
  const from = answer === 'done' ? ['taken'] : answer === 'released' ? ['asked', 'taken'] : ['asked']
  const at = answer === 'taken' ? { answeredAt: now } : { endedAt: now }
  const { count } = await tx.needLine.updateMany({
    where: { id, status: { in: from } },
    data: { status: answer, ...at },
  })
  return count === 1
}

/** Every live line of a request (or of one need of it) ends. */
export async function endLines(
  tx: Tx,
  seal: Seal,
  which: { readonly requestId: number; readonly need?: Need },
  status: 'released',
  now: Date,
): Promise<NeedLineRow[]> {
  const rows = await tx.needLine.findMany({
    where: { ...which, status: live },
    select: columns,
    orderBy: { id: 'asc' },
  })
  if (rows.length === 0) return []
  await tx.needLine.updateMany({ where: { id: { in: rows.map((r) => r.id) } }, data: { status, endedAt: now } })
  return rows.map((row) => toLine(seal, row))
}

/** Asked and not answered in time; the oldest first. */
export async function overdueLines(tx: Tx | Db, seal: Seal, now: Date, take: number): Promise<NeedLineRow[]> {
  const where = { status: 'asked', dueAt: { lte: now } }
  const rows = await tx.needLine.findMany({ where, select: columns, orderBy: { dueAt: 'asc' }, take })
  return rows.map((row) => toLine(seal, row))
}

export async function expireLine(tx: Tx, id: number, now: Date): Promise<boolean> {
  const { count } = await tx.needLine.updateMany({
    where: { id, status: 'asked', dueAt: { lte: now } },
    data: { status: 'expired', endedAt: now },
  })
  return count === 1
}

/** A colleague with a need of this request whose words the resident heard last. */
export interface LastToSpeak {
  readonly requestId: number
  readonly name: string
  readonly personId: number
}

/**
 * Whom the next words of a resident answer, besides the lead worker: who wrote the message they reply to, else who wrote last.
 * Only while that colleague has a need in hand; a volunteer never reads what a resident says.
 */
export async function lastToSpeak(
  tx: Tx,
  personId: number,
  requestIds: readonly number[],
  repliedTo: { readonly addressId: number; readonly externalId: string | undefined },
): Promise<LastToSpeak[]> {
  return tx.sql<LastToSpeak>`
    SELECT r.id AS "requestId", s.name, s."personId"
    FROM unnest(${requestIds}::int[]) AS r(id) CROSS JOIN LATERAL (
        SELECT o."relayById" FROM "OutboundMessage" o
        WHERE o."requestId" = r.id AND o."personId" = ${personId} AND o."relayFrom" = 'worker'
        ORDER BY (o."addressId" = ${repliedTo.addressId} AND o."externalId" = ${repliedTo.externalId}::text) DESC NULLS LAST,
          o.id DESC LIMIT 1) AS spoke
      JOIN "Staff" s ON s.id = spoke."relayById"
    WHERE s.active AND s.role <> 'volunteer' AND s."personId" IS NOT NULL AND EXISTS (
      SELECT 1 FROM "NeedLine" n WHERE n."requestId" = r.id AND n."assigneeId" = s.id AND n.status = 'taken')`
}
