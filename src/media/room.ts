import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Channel, OpenMedia, Receive } from '../channels/channel.ts'
import { every } from '../queue/every.ts'
import type { Ring } from '../queue/jobs.ts'
import { sealedBlobs, subkey } from '../store/blob-seal.ts'
import { type Blobs, folderBlobs } from '../store/blobs.ts'
import { type S3Settings, s3Blobs } from '../store/blobs-s3.ts'
import { type FileIds, makeFileIds } from '../store/channel-files.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { type LeftoversFound, makeLeftovers } from './leftovers.ts'
import { makeLinks } from './links.ts'
import { makeOpenMedia } from './open.ts'
import { makeReadAloud } from './read-aloud.ts'
import { makeScan, type ScanSettings } from './scan.ts'
import { serveMedia } from './serve.ts'
import { makeSettle } from './settle.ts'
import { makeTranscribe, type SttSettings } from './stt.ts'
import { findTools, type Tools } from './tools.ts'
import { makeTranscribing } from './transcribe.ts'
import { makeSpeak, type TtsSettings } from './tts.ts'
import { makeUploads, type Uploads } from './upload.ts'

export interface MediaDeps {
  readonly db: Db
  readonly seal: Seal
  readonly fieldKey: Uint8Array
  readonly dataDir: string
  readonly settings: {
    readonly s3: S3Settings | undefined
    readonly scan: ScanSettings | undefined
    readonly stt: SttSettings | undefined
    readonly tts: TtsSettings | undefined
  }
  /** Names that speech recognition should expect. */
  readonly names: () => Promise<readonly string[]>
  readonly ring: Ring
  readonly now: () => Date
  readonly log: Logger
}

/** How often it is looked whether a new day has begun. */
const leftoversMs = 30 * 60_000

type OnAttachment = (ids: { attachmentId: number }) => Promise<void>

/** Recordings, pictures and files, put together: what channels and pages need, and the work behind them. */
export interface MediaRoom {
  readonly uploads: Uploads
  readonly openMedia: OpenMedia
  /** The same, for a channel that keeps what it has uploaded once. */
  readonly outgoing: { readonly openMedia: OpenMedia; readonly fileIds: FileIds }
  readonly link: (attachmentId: number, viewerPersonId: number, until: Date) => string
  readonly transcribes: boolean
  serve(server: FastifyInstance): void
  settle(channels: ReadonlyMap<string, Channel>): OnAttachment
  transcribing(receive: Receive): OnAttachment
  readonly readAloud: () => Promise<void>
  /** Begin to look for leftovers, once a day among all processes; the returned function ends it. */
  sweepLeftovers(onFound: (found: LeftoversFound) => void): () => Promise<void>
  /** What a fuller service would need and this machine or its settings lack; nothing that keeps it from running. */
  missing(): Promise<readonly string[]>
}

export function openMediaRoom(deps: MediaDeps): MediaRoom {
  const { db, seal, fieldKey, dataDir, settings, now, log } = deps
  const raw: Blobs = settings.s3 ? s3Blobs(settings.s3) : folderBlobs(join(dataDir, 'media'))
  const blobs = sealedBlobs(raw, fieldKey)
  const links = makeLinks(subkey(fieldKey, 'media links'))
  let found: Promise<Tools> | undefined
  const tools = () => {
    found ??= findTools()
    return found
  }
  const scan = makeScan(settings.scan, log)
  const transcribe = settings.stt && makeTranscribe(settings.stt, { now, names: deps.names })
  const speak = makeSpeak(settings.tts, { tools, now })
  const edge = { ...deps, blobs, tools }
  const openMedia = makeOpenMedia({ db, seal, blobs, tools })
  return {
    uploads: makeUploads(blobs),
    openMedia,
    outgoing: { openMedia, fileIds: makeFileIds(db) },
    link: links.mint,
    transcribes: transcribe !== undefined,
    serve: (server) => serveMedia({ server, db, seal, blobs, links, now }),
    settle: (channels) => makeSettle({ ...edge, channels, scan, transcribes: transcribe !== undefined }),
    // Without recognition nothing ever wants it; what wanted it before the setting was taken away is let go.
    transcribing: (receive) =>
      makeTranscribing({ ...edge, receive, transcribe: transcribe ?? (() => Promise.resolve('')) }),
    readAloud: makeReadAloud({ ...edge, speak }),
    sweepLeftovers: (onFound) => {
      const sweep = makeLeftovers(edge)
      const look = async () => {
        const leftovers = await sweep()
        if (leftovers) onFound(leftovers)
      }
      return every(leftoversMs, look, log)
    },
    missing: async () => {
      const has = await tools()
      const lacks = (what: string, there: boolean) => (there ? [] : [what])
      return [
        ...lacks('ffmpeg', has.ffmpeg),
        ...lacks('sox', has.sox),
        ...lacks('speech recognition', transcribe !== undefined),
        ...lacks('speech synthesis', settings.tts !== undefined || has.espeak),
        ...lacks('virus scanner', settings.scan !== undefined),
      ]
    },
  }
}
