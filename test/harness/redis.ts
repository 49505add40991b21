import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe } from 'vitest'
import type { QueueBackend } from '../../src/queue/bells.ts'

export const redisIsHere = spawnSync('redis-server', ['--version']).status === 0

/** A Redis of its own on a free port, ended by `stop`. */
export async function startRedis(args: readonly string[] = []): Promise<{ url: string; stop(): Promise<void> }> {
  if (!redisIsHere) throw new Error('redis-server is not installed: apt-get install redis-server')
  const dir = mkdtempSync(join(tmpdir(), 'linbang-redis-'))
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', dir, ...args],
    { stdio: 'ignore' },
  )
  const url = `redis://127.0.0.1:${port}`
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => undefined)
  for (let i = 0; ; i++) {
    try {
      await client.connect()
      break
    } catch (error) {
      if (i > 100) throw error
      await sleep(50)
    }
  }
  client.disconnect()
  return {
    url,
    stop: async () => {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGKILL')
      await gone
      rmSync(dir, { recursive: true, force: true })
    },
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

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object' ? found(address.port) : failed(new Error('no port')),
      )
    })
  })
}
