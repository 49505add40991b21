import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { burstOf } from '../../src/outbox/budget.ts'
import { dueAddresses } from '../../src/store/outbox.ts'
import { type Clock, type FarEnd, farEnd, makeClock, makePost } from '../harness/far-end.ts'
import { freshStore, type Store } from '../harness/store.ts'

const pace = { perSecond: 20, chatGapMs: 1_000 }

describe('the speed limit of an account', () => {
  let store: Store
  let clock: Clock
  let phone: FarEnd
  let post: ReturnType<typeof makePost>

  beforeEach(async () => {
    store = await freshStore()
    clock = makeClock()
    phone = farEnd(clock, { pace })
    post = makePost(store, clock, [phone])
  })
  afterEach(() => store.drop())

  const letters = async (count: number, priority: 1 | 9) => {
    for (let i = 0; i < count; i++) {
      const { personId } = await post.person(`${priority}-${i}`)
      const { bells } = await post.write({ personId, text: `${priority}`, dedupeKey: `${priority}:${i}`, priority })
      post.rung.push(...bells)
    }
  }

  it('is shared by two senders and never exceeded', async () => {
    await letters(100, 1)
    const bells = await post.runBells([post.deliverer(), post.deliverer()])
    expect(phone.arrived).toHaveLength(100)
    for (const { at: from } of phone.arrived) {
      for (const windowMs of [0, 250, 1_000, 3_000]) {
        const inWindow = phone.arrived.filter((m) => m.at >= from && m.at <= from + windowMs).length
        expect(inWindow).toBeLessThanOrEqual((pace.perSecond * windowMs) / 1_000 + burstOf(pace) + 0.001)
      }
    }
    // Nor is it left unused, nor do those who wait ask again and again.
    const took = (phone.arrived.at(-1)?.at ?? 0) - (phone.arrived[0]?.at ?? 0)
    expect(took).toBeLessThan((100 / pace.perSecond) * 2 * 1_000)
    expect(bells).toBeLessThan(100 * 6)
    expect((await post.rows()).every((row) => row.attempts === 1)).toBe(true)
  })

  it('is shared by senders that truly run at once', async () => {
    await letters(40, 1)
    const senders = [post.deliverer(), post.deliverer(), post.deliverer()]
    const ids = (await store.db.address.findMany({ select: { id: true } })).map(({ id }) => id)
    await Promise.all(ids.map((addressId, i) => senders[i % 3]?.({ addressId })))
    expect(phone.arrived).toHaveLength(Math.floor(burstOf(pace))) // the clock stands still
  })

  it('lets a conversation go before a broadcast', async () => {
    await letters(60, 9)
    const deliver = post.deliverer()
    for (let i = 0; i < 60; i++) {
      const bell = post.rung.shift()
      if (bell?.job === 'deliver') await deliver(bell.ids)
    }
    const notices = phone.arrived.length
    expect(notices).toBeLessThan(4)
    expect(await dueAddresses(store.db, clock.now(), 100)).toEqual([]) // the sweep does not ring all of them every five seconds
    const { personId, addressId } = await post.person('9-59')
    await post.write({ personId, text: 'answer', dedupeKey: 'answer' })
    await deliver({ addressId })
    expect(phone.arrived.at(-1)).toMatchObject({ to: '9-59', text: 'answer' })
    await post.runBells([deliver])
    expect(phone.arrived).toHaveLength(61)
  })

  it('keeps the notices to one chat in order, though a token is won while the first one waits', async () => {
    await letters(4, 9)
    const deliver = post.deliverer()
    await post.runBells([deliver])
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'first', dedupeKey: 'n1', priority: 9 })
    await post.write({ personId, text: 'second', dedupeKey: 'n2', priority: 9 })
    const hurried = post.deliverer({
      now: () => {
        clock.forward(12)
        return clock.now()
      },
    })
    await hurried({ addressId })
    expect(post.rung.length).toBeGreaterThan(0) // the first one had to wait
    await post.runBells([deliver])
    expect(phone.arrived.filter((m) => m.to === 'a').map((m) => m.text)).toEqual(['first', 'second'])
  })

  it('lets one chat hear three at once and then one a second, in order', async () => {
    const { personId, addressId } = await post.person('a')
    for (let i = 0; i < 6; i++) await post.write({ personId, text: String(i), dedupeKey: `${i}` })
    const deliver = post.deliverer()
    const start = clock.now().getTime()
    await deliver({ addressId })
    await post.runBells([deliver])
    expect(phone.arrived.map((m) => [m.text, m.at - start])).toEqual([
      ['0', 0],
      ['1', 0],
      ['2', 0],
      ['3', 1_000],
      ['4', 2_000],
      ['5', 3_000],
    ])
  })
})
