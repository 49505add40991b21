import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SendError } from '../../src/channels/channel.ts'
import { makeSweep } from '../../src/dispatch/sweep.ts'
import { burstOf } from '../../src/outbox/budget.ts'
import { addressLeaseMs } from '../../src/outbox/deliver.ts'
import type { Bell } from '../../src/queue/jobs.ts'
import { type Clock, type FarEnd, farEnd, makeClock, makePost } from '../harness/far-end.ts'
import { freshStore, type Store } from '../harness/store.ts'

const pace = { perSecond: 20, chatGapMs: 1_000 }
const hourMs = 3_600_000

/** 拨回时钟: a time server, or a hand, sets the machine's clock back by an hour. */
describe('a clock that is set back an hour', () => {
  let store: Store
  let clock: Clock
  let phone: FarEnd
  let post: ReturnType<typeof makePost>
  let deliver: (ids: { addressId: number }) => Promise<void>
  let sweep: () => Promise<void>
  /** What the clock on a wall has gone further than the machine's. */
  let behindMs = 0
  let left: number[] = []

  beforeEach(async () => {
    store = await freshStore()
    clock = makeClock()
    behindMs = 0
    left = []
    phone = farEnd(clock, { pace })
    phone.before = () => void left.push(clock.now().getTime() + behindMs)
    post = makePost(store, clock, [phone])
    deliver = post.deliverer()
    sweep = makeSweep({
      db: store.db,
      ring: async (bells: readonly Bell[]) => void post.rung.push(...bells),
      takeMissed: () => [],
      perform: async () => undefined,
      now: clock.now,
      log: pino({ level: 'silent' }),
    })
    await sweep()
  })
  afterEach(() => store.drop())

  function setBack() {
    clock.forward(-hourMs)
    behindMs += hourMs
    // Bells hang on the clock as it was: none of them is heard in time.
    post.rung.length = 0
  }
  async function letters(count: number, priority: 0 | 1 | 9) {
    for (let i = 0; i < count; i++) {
      const { personId } = await post.person(`${priority}-${i}`)
      const { bells } = await post.write({ personId, text: `${priority}`, dedupeKey: `${priority}:${i}`, priority })
      post.rung.push(...bells)
    }
  }
  /** Every bell that needs no clock. */
  async function once() {
    for (const bell of post.rung.splice(0)) {
      if (bell.job === 'deliver') await deliver(bell.ids)
    }
  }
  function expectThePaceHeld() {
    for (const from of left) {
      for (const windowMs of [0, 250, 1_000, 3_000]) {
        const inWindow = left.filter((at) => at >= from && at <= from + windowMs).length
        expect(inWindow).toBeLessThanOrEqual((pace.perSecond * windowMs) / 1_000 + burstOf(pace) + 0.001)
      }
    }
  }

  it('a reply to a crisis leaves in that very moment, what is written then in seconds, and the pace is held', async () => {
    await letters(30, 9)
    await once()
    setBack()
    const { personId, addressId } = await post.person('crisis')
    await post.write({ personId, text: 'crisis', dedupeKey: 'crisis', priority: 0 })
    await deliver({ addressId })
    expect(phone.arrived.at(-1)).toMatchObject({ text: 'crisis', at: clock.now().getTime() })
    await letters(30, 1)
    const began = clock.now().getTime()
    await post.runBells([deliver])
    expect(phone.arrived.filter(({ text }) => text === '1')).toHaveLength(30)
    expect((phone.arrived.at(-1)?.at ?? 0) - began).toBeLessThan(5_000)
    expectThePaceHeld()
  })

  it('what waited already, at its pace or to be tried again, leaves in seconds and once', async () => {
    await letters(40, 1)
    await letters(20, 9)
    await once()
    const { personId, addressId } = await post.person('flaky')
    phone.before = () => {
      throw new SendError('transient', 'down')
    }
    await post.write({ personId, text: 'again', dedupeKey: 'again', priority: 0 })
    await deliver({ addressId })
    phone.before = () => void left.push(clock.now().getTime() + behindMs)
    setBack()
    const began = clock.now().getTime()
    await sweep()
    for (const { addressId: id } of await store.db.outboundMessage.findMany({
      where: { priority: 9, status: 'queued' },
    }))
      post.rung.push({ job: 'bulk', ids: { addressIds: [id] } })
    await post.runBells([deliver], 1_000)
    expect((await post.rows()).map(({ status }) => status)).toEqual(Array(61).fill('sent'))
    expect(phone.arrived).toHaveLength(61)
    expect((phone.arrived.at(-1)?.at ?? 0) - began).toBeLessThan(10_000)
    expectThePaceHeld()
  })

  it('who was in the middle of a message has a lease more, and no second sender sends it meanwhile', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'slow', dedupeKey: 'slow' })
    await post.write({ personId, text: 'next', dedupeKey: 'next' })
    const other = post.deliverer()
    let asked = false
    phone.before = async () => {
      if (asked) return
      asked = true
      setBack()
      await sweep()
      post.rung.length = 0
      await other({ addressId })
    }
    await deliver({ addressId })
    expect(phone.arrived.map(({ text }) => text)).toEqual(['slow'])
    clock.forward(addressLeaseMs + 1)
    await sweep()
    await post.runBells([other])
    expect(phone.arrived.map(({ text }) => text)).toEqual(['slow', 'next'])
  })

  it('a rest that the far end asked for is kept, but for no longer than a message may wait', async () => {
    const { personId, addressId } = await post.person('a')
    const restOf = async () => {
      const { pausedUntil } = await store.db.address.findUniqueOrThrow({ where: { id: addressId } })
      return (pausedUntil?.getTime() ?? 0) - clock.now().getTime()
    }
    for (const [hours, kept] of [
      [6, 7],
      [72, 24],
    ] as const) {
      await store.db.address.update({ where: { id: addressId }, data: { pausedUntil: null } })
      phone.before = () => {
        throw new SendError('rate-limited', 'slow down', { retryAfterMs: hours * hourMs })
      }
      await post.write({ personId, text: 'x', dedupeKey: `x${hours}` })
      await deliver({ addressId })
      expect(await restOf()).toBe(hours * hourMs)
      setBack()
      await sweep()
      expect(await restOf()).toBe(kept * hourMs)
      clock.forward(hourMs)
      await sweep()
    }
  })

  it('at a start nothing is hurried where the clock is right', async () => {
    const { personId, addressId } = await post.person('a')
    phone.before = () => {
      throw new SendError('transient', 'down')
    }
    await post.write({ personId, text: 'x', dedupeKey: 'x', priority: 0 })
    await deliver({ addressId })
    const before = await post.rows()
    await makeSweep({
      db: store.db,
      ring: async () => undefined,
      takeMissed: () => [],
      perform: async () => undefined,
      now: clock.now,
      log: pino({ level: 'silent' }),
    })()
    expect(await post.rows()).toEqual(before)
  })
})
