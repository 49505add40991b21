import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Inbound } from '../../src/domain/words.ts'
import { type Db, openDb, transaction } from '../../src/store/db.ts'
import { addressOf, markHandled, storeInbound, waitingPersons, waitingTurn } from '../../src/store/messages.ts'
import { freshStore, type Store } from '../harness/store.ts'

const from = { channel: 'telegram', account: '100', externalId: '77' } as const
const now = new Date('2026-03-02T02:00:00Z')
const hello: Inbound = { key: 'update:1', from, content: { kind: 'text', text: '你好' }, sentAt: now, language: 'zh' }

describe('the rows of the inbox', () => {
  let store: Store
  let others: Db[]
  beforeEach(async () => {
    store = await freshStore()
    others = Array.from({ length: 4 }, () => openDb(store.url, { max: 5 }))
  })
  afterEach(async () => {
    await Promise.all(others.map((db) => db.$disconnect()))
    await store.drop()
  })
  const hear = (db: Db, heard: Inbound) =>
    transaction(db, async (tx) => storeInbound(tx, store.seal, await addressOf(tx, heard.from, now), heard, now))

  it('make one person of twenty first contacts at once, and leave nobody behind', async () => {
    const many = Array.from({ length: 20 }, (_, i) => others[i % others.length] ?? store.db)
    const known = await Promise.all(many.map((db) => transaction(db, (tx) => addressOf(tx, from, now))))
    expect(new Set(known.map((one) => `${one.personId}:${one.addressId}`)).size).toBe(1)
    expect(await store.db.person.count()).toBe(1)
    expect(await store.db.address.count()).toBe(1)
    expect(await store.db.conversation.count()).toBe(1)
  })

  it('hold a message once that was delivered three times at once', async () => {
    const ids = await Promise.all([0, 1, 2].map((i) => hear(others[i] ?? store.db, hello)))
    expect(ids.filter((id) => id !== undefined)).toHaveLength(1)
    expect(await store.db.inboundMessage.count()).toBe(1)
    // The same key from another chat is another message.
    expect(await hear(store.db, { ...hello, from: { ...from, externalId: '78' } })).toBeTypeOf('number')
  })

  it('give back what was said, in order, until it was handled; nothing of it lies open in the database', async () => {
    const first = await hear(store.db, hello)
    await hear(store.db, {
      key: 'update:2',
      from,
      content: { kind: 'choice', token: 'q:1', label: '是' },
      tappedOn: 'm1',
    })
    const { personId } = await transaction(store.db, (tx) => addressOf(tx, from, now))
    const { waiting } = await waitingTurn(store.db, store.seal, personId)
    expect(waiting.map((m) => m.heard)).toEqual([
      { content: { kind: 'text', text: '你好' }, language: 'zh' },
      { content: { kind: 'choice', token: 'q:1', label: '是' }, tappedOn: 'm1' },
    ])
    const raw = JSON.stringify(await store.db.inboundMessage.findMany())
    expect(raw).not.toContain('你好')
    expect(await waitingPersons(store.db, new Date(now.getTime() + 1), 10)).toEqual([personId])
    expect(await waitingPersons(store.db, now, 10)).toEqual([])
    const handle = () => transaction(store.db, (tx) => markHandled(tx, [first ?? 0], now))
    expect((await Promise.all([handle(), handle()])).sort()).toEqual([false, true]) // of two turns, one takes it
    expect((await waitingTurn(store.db, store.seal, personId)).waiting).toHaveLength(1)
  })

  it('do not let one message that cannot be read stop the ones behind it', async () => {
    const first = await hear(store.db, hello)
    await hear(store.db, { ...hello, key: 'update:2' })
    await store.db.inboundMessage.update({ where: { id: first ?? 0 }, data: { bodySealed: 's1.broken' } })
    const { personId } = await transaction(store.db, (tx) => addressOf(tx, from, now))
    const { waiting } = await waitingTurn(store.db, store.seal, personId)
    expect(waiting.map((m) => m.heard.content.kind)).toEqual(['unsupported', 'text'])
  })
})
