import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { QueueBackend } from '../src/queue/bells.ts'
import type { JobName } from '../src/queue/jobs.ts'
import { openPostgresqlBackend } from '../src/queue/postgresql.ts'
import { openRedisBackend } from '../src/queue/redis.ts'
import type { Pipeline } from './measure.ts'

/** What one job of the bare pipeline does: commits, and which jobs it adds. */
export interface Hop {
  readonly job: JobName
  readonly commits: number
  readonly adds: readonly JobName[]
  /** Added for an hour from now, as a deadline is; it does not come while the pipeline is measured. */
  readonly addsLater?: readonly JobName[]
  /** The request is out when this job is done. */
  readonly last?: true
}

/** Requests in, one INSERT committed, then from job to job: the least a pipeline with these hops can do. */
export const threeHops: readonly Hop[] = [
  { job: 'conversation', commits: 1, adds: ['dispatch'] },
  { job: 'dispatch', commits: 1, adds: ['deliver'] },
  { job: 'deliver', commits: 1, adds: [], last: true },
]

/**
 * The jobs and commits one request costs Linbang: it delivers a receipt too, each delivery is marked and recorded, and the
 * offer's deadline is a delayed job.
 */
export const sameWork: readonly Hop[] = [
  { job: 'conversation', commits: 1, adds: ['deadline', 'dispatch'] },
  // Stands in for the delivery of the receipt: a second queue that ends here.
  { job: 'deadline', commits: 2, adds: [] },
  { job: 'dispatch', commits: 1, adds: ['deliver'], addsLater: ['deadline'] },
  { job: 'deliver', commits: 2, adds: [], last: true },
]

const concurrency = 8
const hourMs = 3_600_000

/** A bare BullMQ pipeline over `hops`: no rules, no conversation, no encryption, no Prisma. */
export async function openBare(
  databaseUrl: string,
  backend: QueueBackend,
  hops: readonly Hop[],
  ready: number,
): Promise<Pipeline & { close(): Promise<void> }> {
  const rows = new pg.Pool({ connectionString: databaseUrl, max: 16 })
  await rows.query('CREATE TABLE bare_row (id bigserial PRIMARY KEY, request int, hop text, body text)')
  const body = 'x'.repeat(200)
  const text = 'INSERT INTO bare_row (request, hop, body) VALUES ($1, $2, $3)'
  const insert = (request: number, hop: string) => rows.query({ name: 'insert', text, values: [request, hop, body] })
  const open = backend.kind === 'redis' ? await openRedisBackend(backend.url) : await openPostgresqlBackend(backend.url)
  const prefix = `{bare${hops.length}}`
  const defaultJobOptions = { removeOnComplete: true }
  const queues = new Map(hops.map(({ job }) => [job, open.queue(job, { prefix, defaultJobOptions })]))
  const add = (job: JobName, request: number, delay = 0) =>
    queues.get(job)?.add(job, { request }, { jobId: randomUUID(), delay })
  const pipeline: Pipeline = {
    ready,
    push: async (request) => {
      await insert(request, 'in')
      await add('conversation', request)
    },
    onOut: () => undefined,
  }
  const workers = hops.map(({ job, commits, adds, addsLater = [], last }) =>
    open.worker(
      job,
      async ({ data }) => {
        const { request } = data as { request: number }
        for (let i = 0; i < commits; i++) await insert(request, job)
        for (const next of adds) await add(next, request)
        for (const next of addsLater) await add(next, request, hourMs)
        if (last) pipeline.onOut(request)
      },
      { prefix, concurrency },
    ),
  )
  return Object.assign(pipeline, {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all([...queues.values()].map((queue) => queue.close()))
      await open.end()
      await rows.end()
    },
  })
}
