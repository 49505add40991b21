import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { type Channel, MediaError } from '../channels/channel.ts'
import { type ContentType, type MediaKind, mostBytes, type Refusal, type Verdict } from '../domain/media.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { releasePassings } from '../outbox/pass-on.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import {
  type AttachmentRow,
  attachmentById,
  claimAttachment,
  type Kept,
  postponeAttachment,
  settleKept,
  settleRefused,
} from '../store/attachments.ts'
import { type Blobs, newBlobKey } from '../store/blobs.ts'
import { type Db, type Tx, transaction } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { staffOfPerson } from '../store/staff-of-person.ts'
import { say } from '../texts/say.ts'
import { cleanFilm, cleanPicture } from './clean.ts'
import type { Scan } from './scan.ts'
import { sniff } from './sniff.ts'
import { playable } from './sound.ts'
import type { Tools } from './tools.ts'

export interface SettleDeps {
  readonly db: Db
  readonly seal: Seal
  readonly blobs: Blobs
  readonly ring: Ring
  /** By `${channel}:${account}`. */
  readonly channels: ReadonlyMap<string, Channel>
  readonly scan: Scan
  readonly tools: () => Promise<Tools>
  /** Recordings of residents are written down as well. */
  readonly transcribes: boolean
  readonly now: () => Date
  readonly log: Logger
}

/** One process has it for so long; everything it does has an earlier end. */
const leaseMs = 150_000
const fetchWithinMs = 30_000
const mostAttempts = 4
const backoffMs = (attempts: number) => 2_000 * 4 ** (attempts - 1)

/**
 * 附件入库: fetch it from its channel, look what it is, clean it, scan it, keep it encrypted, and let what waited for it go
 * out. What cannot be kept is refused: those it was for read why, and so does who sent it. At least once: cut off in the
 * middle it begins anew after its lease, and only the first to finish counts.
 */
export function makeSettle(deps: SettleDeps): (ids: { attachmentId: number }) => Promise<void> {
  const { db, seal, now, log } = deps
  return async ({ attachmentId }) => {
    const at = now()
    if (!(await claimAttachment(db, attachmentId, 'settle', new Date(at.getTime() + leaseMs), at))) return
    const row = await attachmentById(db, seal, attachmentId)
    if (!row?.source) return
    let outcome: Outcome
    try {
      outcome = await settle(deps, row, row.source)
    } catch (error) {
      const passing = !(error instanceof MediaError) || error.kind === 'transient'
      const why = error instanceof MediaError ? error.message : 'not kept'
      log.warn({ attachmentId, attempt: row.attempts, why, type: error instanceof Error && error.name }, 'not settled')
      if (passing && row.attempts < mostAttempts) {
        const next = new Date(now().getTime() + backoffMs(row.attempts))
        await postponeAttachment(db, attachmentId, next)
        await ringSafely(deps, [{ job: 'media', ids: { attachmentId }, at: next }])
        return
      }
      outcome = refused(error instanceof MediaError && error.kind === 'too-large' ? 'too_large' : 'unavailable')
    }
    await record(deps, row, outcome)
    const channel = deps.channels.get(`${row.source.channel}:${row.source.account}`)
    await channel?.forgetMedia?.(row.source).catch(() => log.warn({ attachmentId }, 'its first copy was not removed'))
  }
}

type Outcome =
  | { readonly is: 'kept'; readonly kept: Kept }
  | {
      readonly is: 'refused'
      readonly refused: { readonly refusal: Refusal; readonly verdict?: Verdict; readonly sha256?: string }
    }

const refused = (refusal: Refusal): Outcome => ({ is: 'refused', refused: { refusal } })

async function settle(
  deps: SettleDeps,
  row: AttachmentRow,
  source: NonNullable<AttachmentRow['source']>,
): Promise<Outcome> {
  const channel = deps.channels.get(`${source.channel}:${source.account}`)
  if (!channel?.fetchMedia) throw new MediaError('transient', 'its channel is not in this process')
  const limit = mostBytes[row.kind]
  if (source.bytes !== undefined && source.bytes > limit) return refused('too_large')
  const came = await channel.fetchMedia(source, { bytes: limit, ms: fetchWithinMs })
  const declared = row.kind === 'voice' ? 'audio/x' : (came.mime ?? source.mime)
  const type = await sniff(came.data, declared)
  if (!type || !fits(row.kind, type.kind)) return refused('type')
  if (came.data.length > mostBytes[type.kind]) return refused('too_large')
  const verdict = await deps.scan(came.data)
  if (verdict === 'infected') {
    return { is: 'refused', refused: { refusal: 'infected', verdict, sha256: printOf(came.data) } }
  }
  const tools = await deps.tools()
  let data: Uint8Array
  try {
    data = await cleaned(came.data, type, tools)
  } catch {
    return refused('unreadable')
  }
  return { is: 'kept', kept: await keep(deps, row, { data, type, verdict, tools, seconds: source.seconds }) }
}

/** What was sent as a file may be anything that may be sent; a recording that turns out to be a film is none. */
const fits = (said: MediaKind, found: MediaKind): boolean => said === found || said === 'file'

async function cleaned(data: Uint8Array, type: ContentType, tools: Tools): Promise<Uint8Array> {
  switch (type.kind) {
    case 'picture':
      return cleanPicture(data, type.mime)
    case 'video':
      return cleanFilm(data, tools)
    case 'voice':
    case 'file':
      return data // a recording is kept as it was recorded
  }
}

async function keep(
  { blobs, transcribes, db, log }: SettleDeps,
  row: AttachmentRow,
  found: {
    data: Uint8Array
    type: ContentType
    verdict: 'clean' | 'unknown'
    tools: Tools
    seconds: number | undefined
  },
): Promise<Kept> {
  const { data, type, verdict, tools } = found
  const recording = { data, mime: type.mime }
  const play =
    type.kind === 'voice'
      ? await playable(recording, tools).catch(() => {
          log.warn(
            { attachmentId: row.id, mime: type.mime },
            'a recording could not be played; it is passed on as it is',
          )
          return undefined
        })
      : undefined
  const objectKey = newBlobKey('kept')
  await blobs.put(objectKey, data)
  const playKey = play ? newBlobKey('play') : null
  if (play && playKey !== null) await blobs.put(playKey, play.data)
  // What its channel has written down is not written down again.
  const wanted = transcribes && type.kind === 'voice' && row.transcription !== 'done'
  const byResident = wanted && (await staffOfPerson(db, row.personId)) === undefined
  return {
    ...type,
    mime: type.kind === 'video' && tools.ffmpeg ? 'video/mp4' : type.mime,
    bytes: data.length,
    sha256: printOf(data),
    seconds: play?.seconds ?? (found.seconds === undefined ? null : Math.round(found.seconds)),
    objectKey,
    playKey,
    playMime: play?.mime ?? null,
    verdict,
    transcription: row.transcription === 'done' ? 'done' : byResident ? 'wanted' : 'none',
  }
}

async function record(deps: SettleDeps, row: AttachmentRow, outcome: Outcome): Promise<void> {
  const { db, seal, blobs } = deps
  const bells = await transaction(db, async (tx) => {
    const now = deps.now()
    const settled =
      outcome.is === 'kept'
        ? await settleKept(tx, row.id, outcome.kept, now)
        : await settleRefused(tx, row.id, outcome.refused)
    if (!settled) return undefined
    const rung: Bell[] = []
    await releasePassings(tx, rung, seal, row.id, now)
    if (outcome.is === 'refused') await tellSender(tx, rung, seal, row, outcome.refused.refusal, now)
    else if (outcome.kept.transcription === 'wanted') rung.push({ job: 'transcribe', ids: { attachmentId: row.id } })
    return rung
  })
  if (bells) return ringSafely(deps, bells)
  // Another has settled it meanwhile: what was kept here is one too many.
  if (outcome.is !== 'kept') return
  for (const key of [outcome.kept.objectKey, outcome.kept.playKey]) if (key !== null) await blobs.remove(key)
}

async function tellSender(
  tx: Tx,
  bells: Bell[],
  seal: Seal,
  row: AttachmentRow,
  refusal: Refusal,
  now: Date,
): Promise<void> {
  const letter = {
    personId: row.personId,
    ...(row.addressId === null ? {} : { addressId: row.addressId }),
    dedupeKey: `media:refused:${row.id}`,
    priority: 1 as const,
    outbound: { text: say(`media.refused.${refusal}`, { what: say(`media.${row.kind}`) }) },
  }
  await enqueue(tx, bells, seal, letter, now)
}

async function ringSafely({ ring, log }: SettleDeps, bells: readonly Bell[]): Promise<void> {
  await ring(bells).catch((error: unknown) => log.warn({ err: error }, 'bells not rung; the sweep will find the rows'))
}

const printOf = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')
