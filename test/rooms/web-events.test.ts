import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transaction } from '../../src/store/db.ts'
import { addressOf } from '../../src/store/messages.ts'
import { appendWebEvent, webEventsSince } from '../../src/store/web-events.ts'
import { freshStore, type Store } from '../harness/store.ts'

describe('the events of a web chat', () => {
  let store: Store
  let addressId: number
  const at = new Date('2026-11-23T09:30:00+08:00')
  beforeAll(async () => {
    store = await freshStore()
    const from = { channel: 'web', account: 'web', externalId: '示例' } as const
    addressId = (await transaction(store.db, (tx) => addressOf(tx, from, at))).addressId
  })
  afterAll(() => store.drop())
  const event = (body: string) => ({ addressId, kind: 'message' as const, dedupeKey: body, body, at })

  it('a page that has seen a later event never misses an earlier one that was slower to be written', async () => {
    const { db, seal } = store
    let slow: () => void = () => undefined
    const mayCommit = new Promise<void>((resume) => {
      slow = resume
    })
    const first = transaction(db, async (tx) => {
      await appendWebEvent(tx, seal, event('first'))
      await mayCommit
    })
    await sleep(50)
    const second = appendWebEvent(db, seal, event('second'))
    await sleep(150)
    const early = await webEventsSince(db, seal, addressId, 0, 10)
    slow()
    await Promise.all([first, second])
    const later = await webEventsSince(db, seal, addressId, early.at(-1)?.id ?? 0, 10)
    expect([...early, ...later].map((seen) => seen.body)).toEqual(['first', 'second'])
  })

  it('two chats do not wait for one another', async () => {
    const { db, seal } = store
    const from = { channel: 'web', account: 'web', externalId: '示例二' } as const
    const other = (await transaction(db, (tx) => addressOf(tx, from, at))).addressId
    await transaction(db, async (tx) => {
      await appendWebEvent(tx, seal, event('held'))
      await appendWebEvent(db, seal, { ...event('elsewhere'), addressId: other })
    })
    expect(await webEventsSince(db, seal, other, 0, 10)).toHaveLength(1)
  })
})
