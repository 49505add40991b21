import { z } from 'zod'
import { type MediaKind, mediaKinds, type Refusal, refusals, type Verdict } from '../domain/media.ts'
import { type AddressKey, channelNames, type MediaRef } from '../domain/words.ts'
import type { Db, Tx } from './db.ts'
import type { Seal } from './secrets.ts'

/** 附件: what was sent besides words, where its content lies and what became of it. */

/** Where a channel keeps something until it is fetched. */
export type MediaSource = MediaRef & Pick<AddressKey, 'channel' | 'account'>

export interface AttachmentRow {
  readonly id: number
  readonly personId: number
  readonly requestId: number | null
  /** Where the sender is told when it could not be kept; null for what the machine made. */
  readonly addressId: number | null
  readonly kind: MediaKind
  readonly status: 'waiting' | 'ready' | 'refused'
  readonly refusal: Refusal | null
  readonly source: MediaSource | undefined
  readonly mime: string | null
  readonly bytes: number | null
  readonly seconds: number | null
  readonly objectKey: string | null
  readonly playKey: string | null
  readonly playMime: string | null
  readonly transcription: 'none' | 'wanted' | 'done' | 'failed'
  readonly attempts: number
  readonly createdAt: Date
  /** Made by the machine: an outgoing message read aloud. */
  readonly spoken: boolean
}

/** One row for what a message brought; it waits at its channel until it is settled. */
export async function insertAttachment(
  tx: Tx,
  seal: Seal,
  made: { inboundId: number; personId: number; kind: MediaKind; source: MediaSource; at: Date },
): Promise<number> {
  const { source, at, ...row } = made
  const { id } = await tx.attachment.create({
    data: {
      ...row,
      status: 'waiting',
      sourceSealed: seal.seal(source),
      seconds: source.seconds === undefined ? null : Math.round(source.seconds),
      notBefore: at,
      createdAt: at,
    },
    select: { id: true },
  })
  return id
}

const wanted = {
  id: true,
  personId: true,
  requestId: true,
  kind: true,
  status: true,
  refusal: true,
  sourceSealed: true,
  mime: true,
  bytes: true,
  seconds: true,
  objectKey: true,
  playKey: true,
  playMime: true,
  transcription: true,
  attempts: true,
  createdAt: true,
  spokenOfId: true,
  inbound: { select: { addressId: true } },
} as const

export async function attachmentById(db: Db | Tx, seal: Seal, id: number): Promise<AttachmentRow | undefined> {
  const row = await db.attachment.findUnique({ where: { id }, select: wanted })
  return row ? readRow(seal, row) : undefined
}

export async function attachmentOfInbound(tx: Tx, inboundId: number): Promise<number | undefined> {
  const row = await tx.attachment.findUnique({ where: { inboundId }, select: { id: true } })
  return row?.id
}

/** What a message under this key brought, for the page that has sent it. */
export async function attachmentOfMessage(db: Db, addressId: number, key: string): Promise<number | undefined> {
  const row = await db.attachment.findFirst({ where: { inbound: { addressId, key } }, select: { id: true } })
  return row?.id
}

/** Everything residents have sent for a request, oldest first. */
export async function attachmentsOfRequest(
  tx: Tx,
  requestId: number,
  personId: number,
): Promise<{ id: number; kind: MediaKind; seconds: number | null }[]> {
  const rows = await tx.attachment.findMany({
    where: { requestId, personId, spokenOfId: null },
    orderBy: { id: 'asc' },
    select: { id: true, kind: true, seconds: true },
  })
  return rows.map((row) => ({ ...row, kind: z.enum(mediaKinds).parse(row.kind) }))
}

/** Its state, locked until the transaction ends: what waits is not settled while a passing is written down. */
export async function lockAttachment(
  tx: Tx,
  id: number,
): Promise<{ status: AttachmentRow['status']; refusal: Refusal | null } | undefined> {
  const [row] = await tx.$queryRaw<{ status: AttachmentRow['status']; refusal: Refusal | null }[]>`
    SELECT status, refusal FROM "Attachment" WHERE id = ${id} FOR UPDATE`
  return row
}

/** It belongs to this request from now on, unless it had one. */
export async function fileAttachment(tx: Tx, id: number, requestId: number): Promise<void> {
  await tx.attachment.updateMany({ where: { id, requestId: null }, data: { requestId } })
}

/**
 * Take the next try at what this attachment waits for; nobody else does until `leaseUntil`.
 * @returns false when it is not due, not waiting, or another has it.
 */
export async function claimAttachment(
  db: Db,
  id: number,
  what: 'settle' | 'transcribe',
  leaseUntil: Date,
  now: Date,
): Promise<boolean> {
  const due = what === 'settle' ? { status: 'waiting' } : { transcription: 'wanted' }
  const claimed = await db.attachment.updateMany({
    where: { id, ...due, notBefore: { lte: now } },
    data: { attempts: { increment: 1 }, notBefore: leaseUntil },
  })
  return claimed.count === 1
}

/** Look again then; `refund`: that was no try. */
export async function postponeAttachment(db: Db, id: number, at: Date, refund = false): Promise<void> {
  await db.attachment.update({
    where: { id },
    data: { notBefore: at, ...(refund ? { attempts: { decrement: 1 } } : {}) },
    select: { id: true },
  })
}

export interface Kept {
  readonly kind: MediaKind
  readonly mime: string
  readonly bytes: number
  readonly sha256: string
  readonly seconds: number | null
  readonly objectKey: string
  readonly playKey: string | null
  readonly playMime: string | null
  readonly verdict: Exclude<Verdict, 'infected'>
  readonly transcription: 'none' | 'wanted' | 'done'
}

/** Its content is kept. False when it was settled meanwhile: the caller's content is one too many. */
export async function settleKept(tx: Tx, id: number, kept: Kept, now: Date): Promise<boolean> {
  const done = await tx.attachment.updateMany({
    where: { id, status: 'waiting' },
    data: { ...kept, status: 'ready', sourceSealed: null, attempts: 0, notBefore: now },
  })
  return done.count === 1
}

export async function settleRefused(
  tx: Tx,
  id: number,
  refused: { refusal: Refusal; verdict?: Verdict; sha256?: string },
): Promise<boolean> {
  const done = await tx.attachment.updateMany({
    where: { id, status: 'waiting' },
    data: { ...refused, status: 'refused', sourceSealed: null },
  })
  return done.count === 1
}

/** What was written down of it; `undefined`: it could not be. */
export async function recordTranscript(db: Db | Tx, seal: Seal, id: number, text: string | undefined): Promise<void> {
  await db.attachment.update({
    where: { id },
    data:
      text === undefined ? { transcription: 'failed' } : { transcription: 'done', transcriptSealed: seal.seal(text) },
    select: { id: true },
  })
}

/** Attachments whose moment has come and whose bell was perhaps not rung. */
export async function dueAttachments(
  db: Db,
  now: Date,
  take: number,
): Promise<{ id: number; waits: 'settle' | 'transcribe' }[]> {
  return db.$queryRaw<{ id: number; waits: 'settle' | 'transcribe' }[]>`
    (SELECT id, 'settle' AS waits FROM "Attachment" WHERE status = 'waiting' AND "notBefore" <= ${now} LIMIT ${take})
    UNION ALL
    (SELECT id, 'transcribe' FROM "Attachment" WHERE transcription = 'wanted' AND "notBefore" <= ${now} LIMIT ${take})`
}

/**
 * May this person open it now: who sent it or had it made, the resident of its request, and whoever owns or has taken
 * that request at this moment; of a notice, those it went to until it is put right, and the coordinators who decide on it.
 * Nobody else, whatever they were sent before.
 */
export async function mayOpen(db: Db, attachmentId: number, personId: number): Promise<boolean> {
  const [row] = await db.$queryRaw<{ may: boolean }[]>`
    SELECT a."personId" = ${personId} OR r."requesterId" = ${personId}
      OR EXISTS (SELECT 1 FROM "Staff" s WHERE s."personId" = ${personId} AND s.active
        AND s.id IN (r."ownerId", r."assigneeId"))
      OR EXISTS (SELECT 1 FROM "Broadcast" b WHERE (b."pictureId" = a.id OR b."voiceId" = a.id) AND (
        EXISTS (SELECT 1 FROM "Staff" s WHERE s."personId" = ${personId} AND s.active AND s.role = 'coordinator')
        OR (EXISTS (SELECT 1 FROM "BroadcastRecipient" n WHERE n."broadcastId" = b.id AND n."personId" = ${personId}
            AND (n.outcome IN ('queued', 'sent', 'delivered') OR n.reason = 'same_phone'))
          AND NOT EXISTS (SELECT 1 FROM "Broadcast" later WHERE later."correctsId" = b.id
            AND later.status IN ('sending', 'paused', 'done'))))) AS may
    FROM "Attachment" a LEFT JOIN "HelpRequest" r ON r.id = a."requestId" WHERE a.id = ${attachmentId}`
  return row?.may === true
}

/** Every name under which a row says that something lies: of what is kept, and of what a page sent and is not settled yet. */
export async function blobKeysOfRows(db: Db, seal: Seal): Promise<{ kept: Set<string>; waiting: Set<string> }> {
  const kept = await db.$queryRaw<{ key: string }[]>`
    SELECT "objectKey" AS key FROM "Attachment" WHERE "objectKey" IS NOT NULL
    UNION ALL SELECT "playKey" FROM "Attachment" WHERE "playKey" IS NOT NULL`
  const waiting = await db.attachment.findMany({ where: { status: 'waiting' }, select: { sourceSealed: true } })
  return {
    kept: new Set(kept.map(({ key }) => key)),
    waiting: new Set(
      waiting.flatMap(({ sourceSealed }) => (sourceSealed === null ? [] : [Source.parse(seal.open(sourceSealed)).id])),
    ),
  }
}

// --- internal

const Source = z.object({
  id: z.string(),
  mime: z.string().optional(),
  bytes: z.number().optional(),
  seconds: z.number().optional(),
  channel: z.enum(channelNames),
  account: z.string(),
})

const Row = z.object({
  kind: z.enum(mediaKinds),
  status: z.enum(['waiting', 'ready', 'refused']),
  refusal: z.enum(refusals).nullable(),
  transcription: z.enum(['none', 'wanted', 'done', 'failed']),
})

type Stored = {
  readonly sourceSealed: string | null
  readonly spokenOfId: number | null
  readonly inbound: { readonly addressId: number } | null
} & Omit<AttachmentRow, 'kind' | 'status' | 'refusal' | 'transcription' | 'source' | 'spoken' | 'addressId'> &
  Record<'kind' | 'status' | 'transcription', string> & { readonly refusal: string | null }

function readRow(seal: Seal, { sourceSealed, spokenOfId, inbound, ...row }: Stored): AttachmentRow {
  return {
    ...row,
    ...Row.parse(row),
    source: sourceSealed === null ? undefined : Source.parse(seal.open(sourceSealed)),
    addressId: inbound?.addressId ?? null,
    spoken: spokenOfId !== null,
  }
}
