import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe } from 'vitest'
import type { QueueBackend } from '../../src/queue/bells.ts'
import { freePort } from './ports.ts'

export const redisIsHere = spawnSync('redis-server', ['--version']).status === 0

export interface OwnRedis {
  readonly url: string
  /** Ends it at once; what it kept in memory only is lost. */
  kill(): Promise<void>
  /** The same again, on the same port and the same files. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** A Redis of its own on a free port, ended by `stop`. */
export async function startRedis(args: readonly string[] = []): Promise<OwnRedis> {
  if (!redisIsHere) throw new Error('redis-server is not installed: apt-get install redis-server')
  const dir = mkdtempSync(join(tmpdir(), 'linbang-redis-'))
  const port = String(await freePort())
  const all = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir, ...args]
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const start = async () => {
    child = spawn('redis-server', all, { stdio: 'ignore' })
    await untilItAnswers(url)
  }
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  await start()
  return {
    url,
    kill,
    start,
    stop: async () => {
      await kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function untilItAnswers(url: string): Promise<void> {
  for (let i = 0; ; i++) {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
    client.on('error', () => undefined)
    try {
      return await client.connect()
    } catch (error) {
      if (i > 100) throw error
      await sleep(50)
    } finally {
      client.disconnect()
    }
  }
}

/**
 * Runs the same promises on both queue back ends. Redis needs redis-server on the machine: without it the block is
 * skipped, but never in CI, where it must be there.
 */
export function eachBackend(
  name: string,
  body: (
    backend: 'redis' | 'postgresql',
    open: (databaseUrl: string) => Promise<{ backend: QueueBackend; stop(): Promise<void> }>,
  ) => void,
): void {
  describe(`${name} (PostgreSQL queue)`, () => {
    body('postgresql', async (url) => ({ backend: { kind: 'postgresql', url }, stop: async () => undefined }))
  })
  describe.skipIf(!redisIsHere && !process.env.CI)(`${name} (Redis queue)`, () => {
    body('redis', async () => {
      const redis = await startRedis()
      return { backend: { kind: 'redis', url: redis.url }, stop: redis.stop }
    })
  })
}
