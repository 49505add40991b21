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
