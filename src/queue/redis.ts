import { createRedisBackend, withBackend } from 'bullmq'
import { Redis } from 'ioredis'
import type { OpenBackend } from './backend.ts'
import { within } from './within.ts'

/** Streams and the scripts BullMQ recommends need 6.2. */
const oldest = [6, 2] as const

const connectWithinMs = 5_000

/** @throws one clear line: unreachable, too old, or set to throw keys away when memory is short. */
export async function openRedisBackend(url: string): Promise<OpenBackend> {
  const options = {
    maxRetriesPerRequest: null,
    // Commands fail at once while Redis is down instead of piling up in memory; the sweep finds the rows.
    enableOfflineQueue: false,
    connectTimeout: connectWithinMs,
    retryStrategy: (times: number) => Math.min(100 * 2 ** times, 5_000),
  }
  const where = withoutPassword(url)
  const producer = new Redis(url, { ...options, lazyConnect: true })
  let fault: Error | undefined
  producer.on('error', (error: Error) => {
    fault = error // later ones are told by the queues
  })
  try {
    await within(connectWithinMs, producer.connect())
    await producer.ping()
    if (fault) throw fault // it connected, but not as the address says: another database number
  } catch (cause) {
    producer.disconnect()
    const reason = fault?.message ?? (cause instanceof Error ? cause.message : 'no answer')
    throw new Error(`REDIS_URL: cannot reach ${where}: ${reason}`, { cause })
  }
  try {
    await refuseUnfit(producer, where)
  } catch (error) {
    producer.disconnect()
    throw error
  }
  // Workers wait in blocking commands, each on a connection of its own; theirs may wait for Redis to come back.
  const blocking = new Redis(url, { ...options, enableOfflineQueue: true })
  blocking.on('error', () => undefined)
  const { Queue, Worker } = withBackend(createRedisBackend)
  return {
    queue: (name, options) => new Queue(name, { ...options, connection: producer }),
    worker: (name, handle, options) => new Worker(name, handle, { ...options, connection: blocking }),
    check: async () => {
      await producer.ping()
    },
    end: async () => {
      for (const connection of [producer, blocking]) connection.disconnect()
    },
  }
}

async function refuseUnfit(redis: Redis, where: string): Promise<void> {
  const info = await redis.info()
  const [major = 0, minor = 0] = (/^redis_version:(\S+)/m.exec(info)?.[1] ?? '0').split('.').map(Number)
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    throw new Error(`REDIS_URL: ${where} runs Redis ${major}.${minor}; Linbang needs ${oldest.join('.')} or newer`)
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
  if (policy !== undefined && policy !== 'noeviction') {
    throw new Error(
      `REDIS_URL: ${where} has maxmemory-policy ${policy}, which throws jobs away when memory is short: ` +
        'set it with CONFIG SET maxmemory-policy noeviction and in redis.conf',
    )
  }
}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.hostname}:${parsed.port || '6379'}`
  } catch {
    return 'the given address'
  }
}
