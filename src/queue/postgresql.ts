import { createPostgresBackend, runMigrations, withBackend } from 'bullmq'
import pg from 'pg'
import type { OpenBackend } from './backend.ts'

/** The schema BullMQ keeps its tables in, apart from ours. */
const schema = 'bullmq'
/**
 * Every worker keeps one connection for LISTEN for good (measured: a pool no larger than the number of workers hangs), the
 * rest serve adds and finished jobs. There are eight workers.
 */
const poolSize = 16

export async function openPostgresqlBackend(url: string): Promise<OpenBackend> {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    keepAlive: true,
    options: `-c search_path=${schema}`,
  })
  pool.setMaxListeners(0) // each queue and worker listens to the one pool
  pool.on('error', () => undefined) // an idle connection that broke: the next one is made anew
  try {
    const client = await pool.connect()
    try {
      await runMigrations(client, schema)
    } finally {
      client.release()
    }
  } catch (error) {
    await pool.end()
    throw error
  }
  const { Queue, Worker } = withBackend(lookedAt)
  return {
    queue: (name, options) => new Queue(name, { ...options, connection: pool }),
    worker: (name, handle, options) => new Worker(name, handle, { ...options, connection: pool }),
    check: async () => {
      await pool.query('SELECT 1')
    },
    end: () => pool.end(),
  }
}

/**
 * The schema has been looked at when the back end was opened. BullMQ looks again for every queue and worker, and remembers a
 * failure for good: one whose first look met a database that was just going down would spin without end (measured: the process
 * answers nothing any more) or never ring again.
 */
const lookedAt: typeof createPostgresBackend = (...of) => {
  const backend = createPostgresBackend(...of)
  const ready = async () => undefined
  backend.waitUntilReady = ready
  backend.connection.waitUntilReady = ready
  return backend
}
