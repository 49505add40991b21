import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Channel } from '../channels/channel.ts'
import type { Lane } from '../domain/notice.ts'
import type { BulkGate } from '../outbox/bulk-gate.ts'
import type { Ring } from '../queue/jobs.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { type FeedDeps, makeFeed } from './feed.ts'
import { makeBulkGate } from './gate.ts'
import { makeProgress } from './progress.ts'
import { makeListUrl, serveUnreached } from './unreached-file.ts'

interface Deps {
  readonly db: Db
  readonly seal: Seal
  readonly ring: Ring
  readonly now: () => Date
  readonly log: Logger
  readonly zone: string
  readonly publicUrl: string
  /** Absent: the list of those who were not reached is served nowhere. */
  readonly server: FastifyInstance | undefined
  readonly channels: readonly Channel[]
}

/** Notices, put together: what the talk about them knows, what the outbox asks, and the work behind them. */
export interface BroadcastRoom {
  readonly facts: { readonly lanes: readonly Lane[]; readonly listUrl: ReturnType<typeof makeListUrl> | undefined }
  readonly gate: BulkGate
  feed(send: FeedDeps['send'], ring: Ring): () => Promise<void>
}

export function openBroadcastRoom({ server, channels, publicUrl, ...edge }: Deps): BroadcastRoom {
  const lanes = lanesOf(channels)
  const listUrl = server ? makeListUrl(publicUrl, edge.seal) : undefined
  if (server) serveUnreached(server, edge)
  return {
    facts: { lanes, listUrl },
    gate: makeBulkGate(edge.db, edge.zone),
    feed: (send, ring) => makeFeed({ ...edge, ring, lanes, onStep: makeProgress({ ...edge, listUrl }), send }),
  }
}

/** The accounts notices can leave by, as the channels declare themselves. */
export const lanesOf = (channels: readonly Channel[]): Lane[] =>
  channels.map(({ name, account, capabilities }) => ({
    name: `${name}:${account}`,
    perSecond: capabilities.pace === 'unlimited' ? null : capabilities.pace.perSecond,
    window: capabilities.proactive === 'window',
    edits: capabilities.edit,
  }))
