import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { farEnd, makeClock } from '../harness/far-end.ts'
import { makeNotices, outcomes } from '../harness/notices.ts'
import { type Other, startProcess } from '../harness/process.ts'
import { freshStore, type Store } from '../harness/store.ts'

const people = 100
const morning = Date.parse('2026-11-24T02:00:00Z')

let store: Store
let offsetMs = 0
let dir: string
/** What the far end has, whoever was killed while saying so. */
const record = () => join(dir, 'arrived')
const arrived = () =>
  readFileSync(record(), 'utf8')
    .split('\n')
    .filter((line) => line !== '')

beforeEach(async () => {
  store = await freshStore()
  offsetMs = morning - Date.now()
  dir = mkdtempSync(join(tmpdir(), 'linbang-kill-'))
  writeFileSync(record(), '')
})
afterEach(async () => {
  await store.drop()
  rmSync(dir, { recursive: true, force: true })
})

/** A process that feeds and sends, and writes down the key of each message the moment the far end has it. */
const sender = (): Other =>
  startProcess(`
    import { appendFileSync } from 'node:fs'
    import { pino } from 'pino'
    import { makeFeed } from './src/broadcast/feed.ts'
    import { makeBulkGate } from './src/broadcast/gate.ts'
    import { lanesOf } from './src/broadcast/room.ts'
    import { makeDeliver } from './src/outbox/deliver.ts'
    import { openDb } from './src/store/db.ts'
    import { makeSeal } from './src/store/secrets.ts'
    const db = openDb('${store.url}', { max: 6 })
    const seal = makeSeal(new Uint8Array(32).fill(7))
    const now = () => new Date(Date.now() + ${offsetMs})
    const log = pino({ level: 'silent' })
    const channel = {
      name: 'telegram', account: '100',
      capabilities: { choices: 'buttons', edit: true, maxTextChars: 4096, proactive: 'always', media: [], pace: 'unlimited' },
      start: async () => {}, stop: async () => {},
      send: async (to, message, key) => {
        appendFileSync(${JSON.stringify(record())}, key + '\\n')
        await new Promise((done) => setTimeout(done, 5))
        return { externalId: 'm' }
      },
    }
    const deliver = makeDeliver({ db, seal, log, now, leaseMs: 400, ring: async () => {},
      channels: new Map([['telegram:100', channel]]), bulkGate: makeBulkGate(db, 'Asia/Shanghai') })
    const ring = async (bells) => {
      for (const { ids } of bells) for (const addressId of ids.addressIds) void deliver({ addressId }).catch(() => {})
    }
    const feed = makeFeed({ db, seal, log, now, ring, lanes: lanesOf([channel]), zone: 'Asia/Shanghai',
      onStep: async () => {}, mostAtOnce: 7 })
    for (;;) { await feed().catch(() => {}); await new Promise((done) => setTimeout(done, 20)) }
  `)

it('killed at every tenth recipient and started again: everybody has it, and it is only doubled where it was cut off', async () => {
  const clock = makeClock('2026-11-24T02:00:00Z')
  const notices = makeNotices(store, clock, [farEnd(clock)])
  const by = await notices.coordinators()
  await notices.people(people)
  const id = await notices.approved(by)
  let kills = 0
  const over = async () => (await notices.row(id)).status === 'done'
  while (!(await over())) {
    const child = sender()
    const before = arrived().length
    while (arrived().length < before + 10 && !(await over())) await sleep(5)
    await child.kill('SIGKILL')
    await outcomes(store, id)
    kills++
    expect(kills).toBeLessThan(60)
  }
  const keys = arrived()
  expect(kills).toBeGreaterThan(7)
  expect(await outcomes(store, id)).toEqual({ sent: people })
  // One row a person whatever happened, and one key: a channel that can tell (the web page) shows it once.
  expect(await store.db.outboundMessage.count()).toBe(people)
  expect(new Set(keys).size).toBe(people)
  // Cut off between the far end and the record, at most those few that were in the air at a kill are sent again.
  expect(keys.length - people).toBeLessThanOrEqual(kills * 7)
}, 180_000)
