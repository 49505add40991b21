import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDb, transaction } from '../../src/store/db.ts'
import { freshStore, type Store } from '../harness/store.ts'

describe('a transaction', () => {
  let store: Store
  beforeEach(async () => {
    store = await freshStore()
  })
  afterEach(() => store.drop())

  it('leaves nothing when its work throws', async () => {
    const work = transaction(store.db, async (tx) => {
      await tx.setting.create({ data: { key: 'a', value: '1' } })
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(await store.db.setting.count()).toBe(0)
  })

  it.each(['client', 'raw SQL'])('that met a deadlock is done again from its start (%s)', async (by) => {
    await store.db.setting.createMany({ data: ['a', 'b'].map((key) => ({ key, value: '' })) })
    let attempts = 0
    const bothHold = meeting(2)
    const both = (first: string, second: string) =>
      transaction(store.db, async (tx) => {
        attempts++
        const mark = (key: string) =>
          by === 'client'
            ? tx.setting.update({ where: { key }, data: { value: first } })
            : tx.$executeRaw`UPDATE "Setting" SET value = value || ${first} WHERE key = ${key}`
        await mark(first)
        await bothHold()
        await mark(second)
      })
    await Promise.all([both('a', 'b'), both('b', 'a')])
    expect(attempts).toBe(3)
    const values = (await store.db.setting.findMany()).map((row) => row.value)
    expect(new Set(values).size).toBe(1)
  })

  it('is undone by a statement that nobody waits for, and says why without quoting a row', async () => {
    await store.db.setting.create({ data: { key: 'taken', value: '' } })
    const work = transaction(store.db, async (tx) => {
      tx.write`INSERT INTO "Setting" (key, value) VALUES ('before', '')`
      tx.write`INSERT INTO "Setting" (key, value) VALUES ('taken', 'a secret')`
      tx.write`INSERT INTO "Setting" (key, value) VALUES ('behind', '')`
    })
    const fault = await work.catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'SqlError', code: '23505', constraint: 'Setting_pkey' })
    expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toMatch(/secret|\(key\)=/)
    expect((await store.db.setting.findMany()).map((row) => row.key)).toEqual(['taken'])
  })

  it('is undone by a statement that never left', async () => {
    const unwritable = new Proxy(new Date(), {
      get: () => {
        throw new Error('cannot be written')
      },
    })
    const work = transaction(store.db, async (tx) => {
      tx.write`INSERT INTO "Setting" (key, value) VALUES ('before', '')`
      tx.write`UPDATE "Person" SET "createdAt" = ${unwritable}`
    })
    await expect(work).rejects.toThrow()
    expect(await store.db.setting.count()).toBe(0)
    expect(await store.db.sql<{ one: number }>`SELECT 1 AS one`).toEqual([{ one: 1 }])
  })

  it('is one for hand-written statements and Prisma, also when Prisma begins one of its own', async () => {
    const nested = { data: { conversation: { create: {} } }, select: { id: true } } as const
    const attempt = (fails: boolean) =>
      transaction(store.db, async (tx) => {
        tx.write`INSERT INTO "Setting" (key, value) VALUES ('a', '1')`
        expect((await tx.setting.findUniqueOrThrow({ where: { key: 'a' } })).value).toBe('1')
        const { id } = await tx.person.create(nested)
        const [row] = await tx.sql<{ count: number }>`
          SELECT count(*)::int AS count FROM "Conversation" WHERE "personId" = ${id}`
        expect(row?.count).toBe(1)
        if (fails) throw new Error('no')
      })
    await expect(attempt(true)).rejects.toThrow('no')
    expect([await store.db.setting.count(), await store.db.person.count()]).toEqual([0, 0])
    await attempt(false)
    expect([await store.db.setting.count(), await store.db.person.count()]).toEqual([1, 1])
  })

  it('lets a statement tell its rows before it is over', async () => {
    const told: string[] = []
    await transaction(store.db, async (tx) => {
      tx.writeTelling<{ key: string }>((rows) => told.push(...rows.map((row) => row.key)))`
        INSERT INTO "Setting" (key, value) VALUES ('a', '1') RETURNING key`
    })
    expect(told).toEqual(['a'])
  })

  it('survives its connection: the next one gets a new one', async () => {
    const db = openDb(store.url, { max: 1 })
    try {
      const work = transaction(db, async (tx) => {
        await tx.sql`SELECT pg_terminate_backend(pg_backend_pid())`
      })
      await expect(work).rejects.toThrow()
      expect(await transaction(db, (tx) => tx.sql<{ one: number }>`SELECT 1 AS one`)).toEqual([{ one: 1 }])
    } finally {
      await db.$disconnect()
    }
  })

  it('reads and writes times in UTC whatever the zone of the machine', async () => {
    const zone = process.env.TZ
    process.env.TZ = 'Europe/London'
    const db = openDb(store.url, { max: 1 })
    try {
      const at = new Date('2026-07-01T12:00:00.000Z')
      await db.person.create({ data: { createdAt: at } })
      const [row] = await db.$queryRaw<{ same: boolean; text: string }[]>`
        SELECT "createdAt" = ${at} AS same, "createdAt"::text AS text FROM "Person"`
      expect(row).toEqual({ same: true, text: '2026-07-01 12:00:00+00' })
      expect((await db.person.findFirstOrThrow()).createdAt).toEqual(at)
    } finally {
      await db.$disconnect()
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })
})

/** Resolves for all when as many have come; those who come later do not wait. */
function meeting(size: number): () => Promise<void> {
  let come = 0
  let open: () => void = () => undefined
  const all = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    if (++come >= size) open()
    return all
  }
}
