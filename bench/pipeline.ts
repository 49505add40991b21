import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { QueueBackend } from '../src/queue/bells.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { openBare, sameWork, threeHops } from './bare.ts'
import { openLinbang } from './linbang.ts'
import { type Measured, measure, type Pipeline, type Size } from './measure.ts'

/**
 * npm run bench: requests in → offer handed to the channel, on both queue back ends, beside a bare BullMQ pipeline in the
 * same run. Sustained rate with the pipeline full; p50 and p99 from the resident's tap to the worker's card at half of it.
 */

/** Sizes for about a minute on two cores. */
const bareSize = { fullSeconds: 5, halfSeconds: 3 }
const linbangSize = { fullSeconds: 6, halfSeconds: 5 }
/** Residents made ready before Linbang is measured: they cost more time than the measuring. */
const residents = 2_000

const dir = mkdtempSync(join(tmpdir(), 'linbang-bench-'))
const postgres = await startEmbedded({ dir: join(dir, 'pg') })
const redis = await startRedis().catch(() => undefined)
const releases = [async () => redis?.stop(), postgres.stop, async () => rmSync(dir, { recursive: true, force: true })]

try {
  console.log('queue       pipeline                         rate/s   p50 ms   p99 ms  p99/p50   node CPU')
  await compare('PostgreSQL', (url) => ({ kind: 'postgresql', url }))
  if (redis) await compare('Redis', () => ({ kind: 'redis', url: redis.url }))
  else console.log('Redis       skipped: redis-server is not installed')
} finally {
  for (const release of releases) await release()
}

async function compare(queue: string, backendAt: (url: string) => QueueBackend): Promise<void> {
  const run = async (
    what: string,
    size: Size,
    open: (url: string) => Promise<Pipeline & { close(): Promise<void> }>,
  ) => {
    const url = await freshDatabase()
    const pipeline = await open(url)
    try {
      const measured = await measure(pipeline, size)
      print(queue, what, measured)
      return measured
    } finally {
      await pipeline.close()
    }
  }
  const plenty = 100_000
  const bare = await run('bare, 3 hops, 4 commits', bareSize, (url) => openBare(url, backendAt(url), threeHops, plenty))
  const same = await run('bare, same jobs and commits', bareSize, (url) =>
    openBare(url, backendAt(url), sameWork, plenty),
  )
  const ours = await run('Linbang', linbangSize, (url) => openLinbang(url, backendAt(url), residents))
  const share = (of: Measured) => `${Math.round((ours.rate / of.rate) * 100)} %`
  console.log(`${queue}: Linbang does ${share(bare)} of the three hops, ${share(same)} of the same jobs and commits\n`)
}

function print(queue: string, what: string, { rate, p50, p99, cpu }: Measured): void {
  const cells = [rate.toFixed(0), p50.toFixed(1), p99.toFixed(1), (p99 / p50).toFixed(1)].map((cell) =>
    cell.padStart(8),
  )
  console.log(`${queue.padEnd(11)} ${what.padEnd(30)} ${cells.join(' ')}   ${(cpu * 100).toFixed(0)} %`)
}

async function freshDatabase(): Promise<string> {
  const name = `bench_${Math.random().toString(36).slice(2, 10)}`
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const url = new URL(postgres.url)
  url.pathname = `/${name}`
  return url.href
}

async function startRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await new Promise<number>((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => found(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  )
  const missing = new Promise<never>((_, reject) => child.once('error', reject))
  const url = `redis://127.0.0.1:${port}`
  const client = new Redis(url, { lazyConnect: true, retryStrategy: (times) => (times < 50 ? 50 : null) })
  client.on('error', () => undefined)
  await Promise.race([missing, client.connect().catch(() => sleep(500))])
  client.disconnect()
  return {
    url,
    stop: async () => {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await gone
    },
  }
}
