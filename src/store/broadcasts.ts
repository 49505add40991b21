import { z } from 'zod'
import { Audience } from '../domain/audience.ts'
import {
  type NoticeAct,
  type NoticeKind,
  type NoticeStatus,
  noticeKinds,
  noticeStatuses,
  statusAfter,
} from '../domain/notice.ts'
import type { Db, Tx } from './db.ts'
import type { Prisma } from './generated/client.ts'

/** Notices as rows: the draft, its words, its audience, and the steps of its life. What becomes of each recipient: `recipients.ts`. */

export interface BroadcastRow {
  readonly id: number
  readonly kind: NoticeKind
  readonly emergency: boolean
  readonly status: NoticeStatus
  readonly version: number
  readonly text: string
  readonly more: string | null
  readonly pictureId: number | null
  /** What is on the picture, for those who cannot see it. */
  readonly pictureAlt: string | null
  readonly picture: { readonly status: string } | null
  readonly voiceId: number | null
  readonly voice: { readonly status: string; readonly seconds: number | null } | null
  readonly audience: Audience | undefined
  readonly correctsId: number | null
  readonly authorId: number
  readonly author: Signatory
  readonly approvedBy: Signatory | null
  readonly proposedAt: Date | null
  readonly approvedAt: Date | null
  readonly startAt: Date | null
  readonly expiresAt: Date | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
  readonly progressId: number | null
  readonly progressAt: Date | null
  readonly counts: BroadcastCounts
}

/** Who stands for it; `active` false: they have left since. */
export interface Signatory {
  readonly name: string
  readonly personId: number | null
  readonly active: boolean
}

/** They always add up to `audience`. */
export interface BroadcastCounts {
  readonly audience: number
  readonly waiting: number
  readonly queued: number
  readonly sent: number
  readonly delivered: number
  readonly failed: number
  readonly skipped: number
}

const include = {
  author: { select: { name: true, personId: true, active: true } },
  approvedBy: { select: { name: true, personId: true, active: true } },
  picture: { select: { status: true } },
  voice: { select: { status: true, seconds: true } },
} as const
const Kind = z.enum(noticeKinds)
const Status = z.enum(noticeStatuses)

type Raw = Prisma.BroadcastGetPayload<{ include: typeof include }>

function rowOf(raw: Raw): BroadcastRow {
  const { audienceCount, waiting, queued, sent, delivered, failed, skipped, kind, status, audience, ...row } = raw
  return {
    ...row,
    kind: Kind.parse(kind),
    status: Status.parse(status),
    audience: audience === null ? undefined : Audience.parse(audience),
    counts: { audience: audienceCount, waiting, queued, sent, delivered, failed, skipped },
  }
}

export async function broadcast(tx: Tx | Db, id: number): Promise<BroadcastRow | undefined> {
  const raw = await tx.broadcast.findUnique({ where: { id }, include })
  return raw ? rowOf(raw) : undefined
}

/** The same, held until the transaction ends. */
export async function lockBroadcast(tx: Tx, id: number): Promise<BroadcastRow | undefined> {
  await tx.$queryRaw`SELECT id FROM "Broadcast" WHERE id = ${id} FOR UPDATE`
  return broadcast(tx, id)
}

/** What this person is writing, held until the transaction ends: the one named, or the newest. */
export async function draftOf(tx: Tx, authorId: number, id: number | null): Promise<BroadcastRow | undefined> {
  const where = { authorId, status: 'draft', ...(id === null ? {} : { id }) }
  const found = await tx.broadcast.findFirst({ where, orderBy: { id: 'desc' }, select: { id: true } })
  // Written at a desk and in a chat at once: whoever comes second sees what the first has left.
  const row = found && (await lockBroadcast(tx, found.id))
  return row?.status === 'draft' ? row : undefined
}

/** All this person has begun and not sent, newest first. */
export async function draftsBy(tx: Tx, authorId: number, take: number): Promise<BroadcastRow[]> {
  const rows = await tx.broadcast.findMany({
    where: { authorId, status: 'draft' },
    orderBy: { id: 'desc' },
    take,
    include,
  })
  return rows.map(rowOf)
}

export interface NewDraft {
  readonly authorId: number
  readonly kind?: NoticeKind
  readonly emergency?: boolean
  readonly correctsId?: number
  readonly text?: string
  readonly audience?: Audience
  readonly at: Date
}

export async function newDraft(tx: Tx, draft: NewDraft): Promise<BroadcastRow> {
  const { at, ...data } = draft
  return rowOf(await tx.broadcast.create({ data: { ...data, createdAt: at }, include }))
}

export interface DraftChange {
  readonly text?: string
  readonly more?: string | null
  readonly pictureId?: number | null
  readonly pictureAlt?: string | null
  readonly voiceId?: number | null
  readonly kind?: NoticeKind
  readonly emergency?: boolean
  readonly audience?: Audience
  readonly startAt?: Date | null
  readonly expiresAt?: Date | null
}

/** Change a draft. Whoever was shown the former version has seen something else. */
export async function changeDraft(tx: Tx, id: number, change: DraftChange): Promise<BroadcastRow> {
  const data = { ...change, version: { increment: 1 } }
  return rowOf(await tx.broadcast.update({ where: { id, status: 'draft' }, data, include }))
}

/** One step of its life, if the moment for it has not passed. The row must be locked by the caller. */
export async function takeNoticeStep(
  tx: Tx,
  row: BroadcastRow,
  act: NoticeAct,
  more: Prisma.BroadcastUncheckedUpdateInput = {},
): Promise<BroadcastRow | undefined> {
  const status = statusAfter(row.status, act, row.startedAt !== null)
  if (status === undefined) return undefined
  return rowOf(await tx.broadcast.update({ where: { id: row.id }, data: { ...more, status }, include }))
}

/** Those that still have something to do, the urgent first. */
export async function liveBroadcasts(db: Db | Tx): Promise<BroadcastRow[]> {
  const rows = await db.broadcast.findMany({
    where: {
      OR: [
        { status: { in: ['approved', 'sending', 'paused'] } },
        { status: { in: ['done', 'stopped'] }, finishedAt: null },
      ],
    },
    orderBy: [{ emergency: 'desc' }, { approvedAt: 'asc' }, { id: 'asc' }],
    include,
  })
  return rows.map(rowOf)
}

/** What a coordinator sees of late, newest first. */
export async function recentBroadcasts(tx: Tx, take: number): Promise<BroadcastRow[]> {
  const rows = await tx.broadcast.findMany({
    where: { status: { notIn: ['draft', 'dropped'] } },
    orderBy: { id: 'desc' },
    take,
    include,
  })
  return rows.map(rowOf)
}

export async function setProgress(
  tx: Tx,
  id: number,
  progress: { readonly progressId?: number; readonly progressAt?: Date; readonly finishedAt?: Date },
): Promise<void> {
  await tx.broadcast.update({ where: { id }, data: progress, select: { id: true } })
}

/** What has put this notice right since, once it went out: the newest of them. */
export async function correctionOf(tx: Tx, id: number): Promise<BroadcastRow | undefined> {
  const raw = await tx.broadcast.findFirst({
    where: { correctsId: id, status: { in: ['sending', 'paused', 'done'] } },
    orderBy: { id: 'desc' },
    include,
  })
  return raw ? rowOf(raw) : undefined
}
