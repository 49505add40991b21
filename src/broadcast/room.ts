import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Channel } from '../channels/channel.ts'
import type { Lane } from '../domain/notice.ts'
import type { BulkGate } from '../outbox/bulk-gate.ts'
import { makeDeliverBulk } from '../outbox/deliver-bulk.ts'
import type { Ring } from '../queue/jobs.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { makeFeed } from './feed.ts'
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
  /** The work behind them: what a bell sends, by how many hands, and what feeds the outbox. */
  carry(
    deliver: (ids: { addressId: number }) => Promise<void>,
    ring: Ring,
  ): {
    readonly bulk: ReturnType<typeof makeDeliverBulk>
    readonly hands: number
    readonly feed: () => Promise<void>
  }
}

/** Notices sent at the same time: enough for thirty a second to a far end that takes most of a second. */
const hands = 24

export function openBroadcastRoom({ server, channels, publicUrl, ...edge }: Deps): BroadcastRoom {
  const lanes = lanesOf(channels)
  const listUrl = server ? makeListUrl(publicUrl, edge.seal) : undefined
  if (server) serveUnreached(server, edge)
  return {
    facts: { lanes, listUrl },
    gate: makeBulkGate(edge.db, edge.zone),
    carry: (deliver, ring) => {
      const bulk = makeDeliverBulk({ ...edge, deliver })
      const onStep = makeProgress({ ...edge, listUrl })
      return { bulk, hands, feed: makeFeed({ ...edge, ring, lanes, onStep, send: bulk }) }
    },
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
