import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { type Bells, openBells, type QueueBackend } from '../../src/queue/bells.ts'
import { databaseUrl } from '../harness/postgres.ts'
import { type Other, startProcess } from '../harness/process.ts'
import { type OwnRedis, redisIsHere, startRedis } from '../harness/redis.ts'
import { freshStore, type Store } from '../harness/store.ts'

/** A back end that can be cut off and given back. */
interface Place {
  readonly backend: QueueBackend
  /** How many jobs it keeps, finished ones too. */
  jobs(): Promise<number>
  down(): Promise<void>
  up(): Promise<void>
  end(): Promise<void>
}

async function inPostgresql(): Promise<Place> {
  const store: Store = await freshStore()
  const name = new URL(store.url).pathname.slice(1)
  return {
    backend: { kind: 'postgresql', url: store.url },
    jobs: async () => {
      const [row] = await store.db.$queryRaw<{ count: number }[]>`SELECT count(*)::int AS count FROM bullmq.job`
      return row?.count ?? -1
    },
    down: async () => {
      await asAdmin(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
      await asAdmin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
    },
    up: () => asAdmin(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`),
    end: () => store.drop(),
  }
}

async function inRedis(): Promise<Place> {
  const redis: OwnRedis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  return {
    backend: { kind: 'redis', url: redis.url },
    jobs: async () => {
      const client = new Redis(redis.url)
      const jobs = await client.keys('*:????????-????-????-????-????????????')
      client.disconnect()
      return jobs.length
    },
    down: redis.kill,
    up: redis.start,
    end: redis.stop,
  }
}

describe.each([
  { name: 'PostgreSQL', make: inPostgresql, here: true },
  { name: 'Redis', make: inRedis, here: redisIsHere || Boolean(process.env.CI) },
])('bells in $name', ({ make, here }) => {
  let place: Place
  let opened: Bells[] = []
  let others: Other[] = []
  let logged: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) })

  beforeEach(async ({ skip }) => {
    skip(!here, 'redis-server is not installed')
    place = await make()
  })
  afterEach(async () => {
    for (const other of others) await other.kill()
    for (const bells of opened) await bells.close()
    await place?.end()
    opened = []
    others = []
    logged = []
  })
  const open = async (times: object = {}) => {
    const bells = await openBells({ backend: place.backend, now: () => new Date(), log, ...times })
    opened.push(bells)
    return bells
  }
  /** Rung in one process and answered in another, as far as bells know: everything goes through the queue. */
  const openApart = async (times: object = {}) => {
    const [ringing, working] = [await open(times), await open(times)]
    return { ...working, ring: ringing.ring }
  }
  const quick = { timeout: 20_000, interval: 20 }

  it('wake the handler of their job with the ids, each of several rung at once', async () => {
    const bells = await openApart()
    const heard: string[] = []
    bells.work('conversation', async ({ personId }) => void heard.push(`conversation ${personId}`))
    bells.work('dispatch', async ({ requestId }) => void heard.push(`dispatch ${requestId}`))
    bells.work('deadline', async ({ requestId }) => void heard.push(`deadline ${requestId}`))
    bells.work('deliver', async ({ addressId }) => void heard.push(`deliver ${addressId}`))
    await bells.ring([])
    await bells.ring([
      { job: 'deliver', ids: { addressId: 1 } },
      { job: 'conversation', ids: { personId: 2 } },
      { job: 'deliver', ids: { addressId: 3 } },
      { job: 'deadline', ids: { requestId: 4 }, at: new Date(0) },
      { job: 'dispatch', ids: { requestId: 5 } },
    ])
    const all = ['conversation 2', 'deadline 4', 'deliver 1', 'deliver 3', 'dispatch 5']
    await expect.poll(() => [...heard].sort(), quick).toEqual(all)
  })

  it('ring twice when rung twice: the same ids are not swallowed', async () => {
    const bells = await openApart()
    let heard = 0
    bells.work('dispatch', async () => void heard++)
    const bell = { job: 'dispatch', ids: { requestId: 1 } } as const
    await bells.ring([bell, bell])
    await bells.ring([bell])
    await expect.poll(() => heard, quick).toBe(3)
  })

  it('that were set for later do not ring before', async () => {
    const bells = await openApart()
    const heard: { requestId: number; at: number }[] = []
    bells.work('deadline', async ({ requestId }) => void heard.push({ requestId, at: Date.now() }))
    const at = new Date(Date.now() + 700)
    await bells.ring([
      { job: 'deadline', ids: { requestId: 1 }, at },
      { job: 'deadline', ids: { requestId: 2 } },
    ])
    await expect.poll(() => heard.map((one) => one.requestId), quick).toEqual([2, 1])
    expect(heard[1]?.at).toBeGreaterThanOrEqual(at.getTime() - 1)
  })

  it('are due by the clock they are given, wherever the machine’s stands', async () => {
    const ahead = () => new Date(Date.now() + 86_400_000)
    const bells = await openApart({ now: ahead })
    const heard: number[] = []
    bells.work('deadline', async ({ requestId }) => void heard.push(requestId))
    await bells.ring([{ job: 'deadline', ids: { requestId: 1 }, at: ahead() }])
    await expect.poll(() => heard, quick).toEqual([1])
  })

  it('are rung again after a handler threw, and the log holds ids and no words', async () => {
    const bells = await openApart()
    let tries = 0
    bells.work('conversation', async () => {
      if (++tries < 3) throw new Error('示例居民说的话')
    })
    await bells.ring([{ job: 'conversation', ids: { personId: 41 } }])
    await expect.poll(() => tries, quick).toBe(3)
    const told = logged.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(
      told.filter((line) => line.msg === 'a job failed').map((line) => [line.job, line.ids, line.attempt]),
    ).toEqual([
      ['conversation', { personId: 41 }, 1],
      ['conversation', { personId: 41 }, 2],
    ])
    expect(logged.join()).not.toContain('示例')
  })

  it('lose none of two hundred, with at most as many handlers at once as asked for', async () => {
    const bells = await openApart()
    const heard = new Set<number>()
    let now = 0
    let most = 0
    bells.work(
      'deliver',
      async ({ addressId }) => {
        most = Math.max(most, ++now)
        await sleep(1)
        now--
        heard.add(addressId)
      },
      { concurrency: 8 },
    )
    const ids = Array.from({ length: 200 }, (_, i) => i + 1)
    await Promise.all(ids.map((addressId) => bells.ring([{ job: 'deliver', ids: { addressId } }])))
    await expect.poll(() => heard.size, quick).toBe(200)
    await expect.poll(() => place.jobs(), quick).toBe(0)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(8)
  })

  it('wait for a worker to come, also over a restart of everything', async () => {
    const before = await open()
    await before.ring([{ job: 'dispatch', ids: { requestId: 7 } }])
    expect(await place.jobs()).toBe(1)
    await before.close()
    const heard: number[] = []
    const after = await open()
    after.work('dispatch', async ({ requestId }) => void heard.push(requestId))
    await expect.poll(() => heard, quick).toEqual([7])
  })

  it('can be opened by several processes at once', async () => {
    const all = await Promise.all([open(), open(), open()])
    const heard: number[] = []
    all[0]?.work('dispatch', async ({ requestId }) => void heard.push(requestId))
    await Promise.all(all.map((bells, i) => bells.ring([{ job: 'dispatch', ids: { requestId: i } }])))
    await expect.poll(() => [...heard].sort(), quick).toEqual([0, 1, 2])
  })

  it('are closed after the handler that runs has finished', async () => {
    const bells = await open()
    let begun = false
    let finished = false
    bells.work('deliver', async () => {
      begun = true
      await sleep(400)
      finished = true
    })
    await bells.ring([{ job: 'deliver', ids: { addressId: 1 } }])
    await expect.poll(() => begun, quick).toBe(true)
    await bells.close()
    expect(finished).toBe(true)
  })

  it('are closed without a handler that never finishes; another worker gets its job', async () => {
    const stuck = await openApart({ closeWithinMs: 100, lostAfterMs: 1_000 })
    let begun = false
    stuck.work('deliver', () => {
      begun = true
      return new Promise<void>(() => undefined)
    })
    await stuck.ring([{ job: 'deliver', ids: { addressId: 9 } }])
    await expect.poll(() => begun, quick).toBe(true)
    await stuck.close()
    expect(logged.join()).toContain('jobs were still running')

    const heard: number[] = []
    const next = await open({ lostAfterMs: 1_000 })
    next.work('deliver', async ({ addressId }) => void heard.push(addressId))
    await expect.poll(() => heard, quick).toEqual([9])
  })

  it('give the job of a killed process to another', async () => {
    const other = startProcess(`
      const { openBells } = await import('./src/queue/bells.ts')
      const { pino } = await import('pino')
      const bells = await openBells({
        backend: ${JSON.stringify(place.backend)}, now: () => new Date(), log: pino({ level: 'silent' }), lostAfterMs: 1000,
      })
      bells.work('conversation', ({ personId }) => { console.log(personId); return new Promise(() => {}) })`)
    others.push(other)
    const bells = await open({ lostAfterMs: 1_000 })
    await bells.ring([{ job: 'conversation', ids: { personId: 5 } }])
    expect(await other.line()).toBe('5')
    await other.kill()

    const heard: number[] = []
    bells.work('conversation', async ({ personId }) => void heard.push(personId))
    await expect.poll(() => heard, quick).toEqual([5])
  })

  it('say that they cannot ring while the queue is down, keep the process alive, and go on after', async () => {
    const bells = await openApart({ ringWithinMs: 500 })
    const heard: number[] = []
    bells.work('dispatch', async ({ requestId }) => void heard.push(requestId))
    await bells.ring([{ job: 'dispatch', ids: { requestId: 1 } }])
    await expect.poll(() => heard, quick).toEqual([1])
    await bells.check()

    await place.down()
    for (let i = 0; i < 3; i++) {
      await expect(bells.ring([{ job: 'dispatch', ids: { requestId: 2 } }])).rejects.toThrow()
    }
    await expect(bells.check()).rejects.toThrow()
    await sleep(1_000)
    await place.up()

    const ring = () => bells.ring([{ job: 'dispatch', ids: { requestId: 3 } }]).then(() => 'rung')
    await expect.poll(() => ring().catch(() => 'down'), quick).toBe('rung')
    await expect.poll(() => heard, quick).toContain(3)
    await bells.check()
    expect(logged.filter((line) => line.includes('the queue has a fault')).length).toBeLessThanOrEqual(3)
    expect(logged.filter((line) => line.includes('the queue has a fault')).length).toBeGreaterThan(0)
  }, 60_000)

  it('are answered where they are rung while a hand is free, also with the queue down', async () => {
    const bells = await open({ ringWithinMs: 500 })
    const heard: number[] = []
    bells.work('dispatch', async ({ requestId }) => void heard.push(requestId))
    await place.down()
    await bells.ring([{ job: 'dispatch', ids: { requestId: 1 } }])
    await expect.poll(() => heard, quick).toEqual([1])
    await place.up()
  })

  it('wake also who began to work while the queue was down', async () => {
    const [ringing, working] = [await open(), await open()]
    const heard: number[] = []
    await place.down()
    working.work('dispatch', async ({ requestId }) => void heard.push(requestId))
    await sleep(300)
    await place.up()
    const ring = () => ringing.ring([{ job: 'dispatch', ids: { requestId: 1 } }]).then(() => 'rung')
    await expect.poll(() => ring().catch(() => 'down'), quick).toBe('rung')
    await expect.poll(() => heard, quick).toContain(1)
  })

  it('go to another process when all hands here are full', async () => {
    const [full, other] = [await open(), await open()]
    const heard: string[] = []
    let letGo: () => void = () => undefined
    const held = new Promise<void>((resume) => {
      letGo = resume
    })
    full.work('deliver', async ({ addressId }) => {
      heard.push(`here ${addressId}`)
      await held
    })
    await full.ring([{ job: 'deliver', ids: { addressId: 1 } }])
    other.work('deliver', async ({ addressId }) => void heard.push(`there ${addressId}`))
    await full.ring([
      { job: 'deliver', ids: { addressId: 2 } },
      { job: 'deliver', ids: { addressId: 3 } },
    ])
    // The queue may bring one more to the full process, and no more than one.
    await expect.poll(() => heard.map((one) => Number(one.at(-1))).sort(), quick).toEqual([1, 2, 3])
    expect(heard.filter((one) => one.startsWith('there'))).not.toEqual([])
    letGo()
  })

  it('that fail where they were rung are rung again through the queue', async () => {
    const bells = await open()
    let tries = 0
    bells.work('conversation', async () => {
      if (++tries < 3) throw new Error('示例居民说的话')
    })
    await bells.ring([{ job: 'conversation', ids: { personId: 41 } }])
    await expect.poll(() => tries, quick).toBe(3)
    const told = logged.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(told.filter((line) => line.msg === 'a job failed').map((line) => line.attempt)).toEqual([1, 2])
    expect(logged.join()).not.toContain('示例')
  })

  it('taken here and not answered at the end of a stop are left to the queue', async () => {
    const stuck = await open({ closeWithinMs: 100 })
    let begun = false
    stuck.work('deliver', () => {
      begun = true
      return new Promise<void>(() => undefined)
    })
    await stuck.ring([{ job: 'deliver', ids: { addressId: 9 } }])
    await expect.poll(() => begun, quick).toBe(true)
    await stuck.close()
    const heard: number[] = []
    const next = await open()
    next.work('deliver', async ({ addressId }) => void heard.push(addressId))
    await expect.poll(() => heard, quick).toEqual([9])
  })

  it('are closed also while the queue is down', async () => {
    const bells = await open({ closeWithinMs: 500 })
    bells.work('dispatch', async () => undefined)
    await bells.ring([{ job: 'dispatch', ids: { requestId: 1 } }])
    await place.down()
    await bells.close()
    await place.up()
  })
})

async function asAdmin(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(inject('postgresUrl'), 'postgres') })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
