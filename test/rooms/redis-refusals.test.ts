import { createServer, type Socket } from 'node:net'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { openBells } from '../../src/queue/bells.ts'
import { openRedisBackend } from '../../src/queue/redis.ts'
import { redisIsHere, startRedis } from '../harness/redis.ts'

describe('a Redis that cannot keep the queue is refused at the start', () => {
  let ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends) await end()
    ends = []
  })
  const open = async (url: string) => {
    const bells = await openBells({
      backend: { kind: 'redis', url },
      now: () => new Date(),
      log: pino({ level: 'silent' }),
    })
    ends.unshift(bells.close)
  }
  const redis = async (...args: string[]) => {
    const own = await startRedis(args)
    ends.push(own.stop)
    return own.url
  }
  /** Something that listens where a Redis should. */
  const listens = async (answer: (socket: Socket) => void) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined))
      answer(socket)
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    ends.push(() => {
      for (const socket of sockets) socket.destroy()
      return new Promise((closed) => server.close(closed))
    })
    const address = server.address()
    return `redis://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`
  }

  it('when nobody is there, without telling the password', async () => {
    const said = await open('redis://user:hush@127.0.0.1:1/0').catch((error: Error) => error.message)
    expect(said).toMatch(/^REDIS_URL: cannot reach 127\.0\.0\.1:1: .*ECONNREFUSED/)
    expect(said).not.toContain('hush')
  })

  it('when something else is there, or nothing answers', async () => {
    const web = await listens((socket) => socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    await expect(open(web)).rejects.toThrow('REDIS_URL: cannot reach')
    const mute = await listens(() => undefined)
    await expect(open(mute)).rejects.toThrow(/cannot reach .*: no answer within/)
  })

  describe.skipIf(!redisIsHere && !process.env.CI)('with redis-server', () => {
    it('when it throws keys away while memory is short, saying how to set it', async () => {
      const url = await redis('--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru')
      await expect(open(url)).rejects.toThrow(/maxmemory-policy allkeys-lru.*CONFIG SET maxmemory-policy noeviction/)
    })

    it('when the password is wrong or the database does not exist', async () => {
      const own = await startRedis()
      ends.push(own.stop)
      const { Redis } = await import('ioredis')
      const admin = new Redis(own.url)
      await admin.config('SET', 'requirepass', 'right')
      admin.disconnect()
      const address = (login: string, path = '') => own.url.replace('//', `//${login}`) + path
      await expect(open(address(':hush@'))).rejects.toThrow(/cannot reach .*WRONGPASS/)
      await expect(open(own.url)).rejects.toThrow(/cannot reach .*NOAUTH/)
      await expect(open(address(':right@', '/99'))).rejects.toThrow(/cannot reach .*DB index/)
      await open(address(':right@'))
    })

    it('and one that is fit is not', async () => {
      await open(await redis('--maxmemory', '50mb', '--maxmemory-policy', 'noeviction'))
    })
  })

  it('when it is too old', async () => {
    const old = await listens((socket) => {
      socket.on('data', (chunk) => {
        for (const command of chunk.toString().match(/^(hello|info|ping|client|select)/gim) ?? []) {
          const info = 'redis_version:5.0.14\r\nmaxmemory_policy:noeviction\r\nloading:0\r\n'
          if (/info/i.test(command)) socket.write(`$${info.length}\r\n${info}\r\n`)
          else if (/ping/i.test(command)) socket.write('+PONG\r\n')
          else if (/hello/i.test(command)) socket.write('-ERR unknown command `HELLO`\r\n')
          else socket.write('+OK\r\n')
        }
      })
    })
    await expect(openRedisBackend(old)).rejects.toThrow(/runs Redis 5\.0; Linbang needs 6\.2 or newer/)
  })
})
