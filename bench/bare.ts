import { randomUUID } from 'node:crypto'
import { createPostgresBackend, Queue as RedisQueue, Worker as RedisWorker, runMigrations, withBackend } from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { QueueBackend } from '../src/queue/bells.ts'
import type { Pipeline } from './measure.ts'

/** How much one job of the bare pipeline does: commits, and which jobs it adds. */
export interface Hop {
  readonly name: string
  readonly commits: number
  readonly adds: readonly string[]
  /** The request is out when this job is done. */
  readonly last?: true
}

/** Requests in, one INSERT committed, then from job to job: the least a pipeline with these hops can do. */
export const threeHops: readonly Hop[] = [
  { name: 'conversation', commits: 1, adds: ['dispatch'] },
  { name: 'dispatch', commits: 1, adds: ['deliver'] },
  { name: 'deliver', commits: 1, adds: [], last: true },
]

/** The jobs and commits one request costs Linbang: two deliveries (receipt and offer), each marked and recorded. */
export const sameWork: readonly Hop[] = [
  { name: 'conversation', commits: 1, adds: ['receipt', 'dispatch'] },
  { name: 'receipt', commits: 2, adds: [] },
  { name: 'dispatch', commits: 1, adds: ['deliver'] },
  { name: 'deliver', commits: 2, adds: [], last: true },
]

const concurrency = 8
const schema = 'bare'

/** A bare BullMQ pipeline over `hops`: no rules, no conversation, no encryption. */
export async function openBare(
  databaseUrl: string,
  backend: QueueBackend,
  hops: readonly Hop[],
  ready: number,
): Promise<Pipeline & { close(): Promise<void> }> {
  const rows = new pg.Pool({ connectionString: databaseUrl, max: 16 })
  await rows.query('CREATE TABLE IF NOT EXISTS bare_row (id bigserial PRIMARY KEY, request int, hop text, body text)')
  const insert = (request: number, hop: string) =>
    rows.query({
      name: 'insert',
      text: 'INSERT INTO bare_row (request, hop, body) VALUES ($1, $2, $3)',
      values: [request, hop, 'x'.repeat(200)],
    })
  const { Queue, Worker, connection, worked, end } = await openQueue(databaseUrl, backend)
  const options = { prefix: `{bare${hops.length}}`, connection }
  const removed = { removeOnComplete: true }
  const queues = new Map(hops.map(({ name }) => [name, new Queue(name, { ...options, defaultJobOptions: removed })]))
  const add = (name: string, request: number) => queues.get(name)?.add(name, { request }, { jobId: randomUUID() })
  const pipeline: Pipeline = {
    ready,
    push: async (request) => {
      await insert(request, 'in')
      await add('conversation', request)
    },
    onOut: () => undefined,
  }
  const workers = hops.map(
    ({ name, commits, adds, last }) =>
      new Worker(
        name,
        async (job: { data: { request: number } }) => {
          for (let i = 0; i < commits; i++) await insert(job.data.request, name)
          for (const next of adds) await add(next, job.data.request)
          if (last) pipeline.onOut(job.data.request)
        },
        { ...options, connection: worked, concurrency },
      ),
  )
  return Object.assign(pipeline, {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()))
      await Promise.all([...queues.values()].map((queue) => queue.close()))
      await end()
      await rows.end()
    },
  })
}

async function openQueue(databaseUrl: string, backend: QueueBackend) {
  if (backend.kind === 'redis') {
    const connection = new Redis(backend.url, { maxRetriesPerRequest: null })
    const worked = new Redis(backend.url, { maxRetriesPerRequest: null })
    const end = async () => {
      connection.disconnect()
      worked.disconnect()
    }
    return { Queue: RedisQueue, Worker: RedisWorker, connection, worked, end }
  }
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 14, options: `-c search_path=${schema}` })
  pool.setMaxListeners(0)
  const client = await pool.connect()
  try {
    await runMigrations(client, schema)
  } finally {
    client.release()
  }
  return { ...withBackend(createPostgresBackend), connection: pool, worked: pool, end: () => pool.end() }
}
