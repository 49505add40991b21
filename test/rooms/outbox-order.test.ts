import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, type FarEnd, farEnd, makeClock, makePost } from '../harness/far-end.ts'
import { freshStore, type Store } from '../harness/store.ts'

describe('the outbox', () => {
  let store: Store
  let clock: Clock
  let phone: FarEnd
  let post: ReturnType<typeof makePost>

  beforeEach(async () => {
    store = await freshStore()
    clock = makeClock()
    phone = farEnd(clock)
    post = makePost(store, clock, [phone])
  })
  afterEach(() => store.drop())

  it('keeps the order of every chat, and sends each message once, under four senders', async () => {
    const people = await Promise.all(['a', 'b', 'c'].map((id) => post.person(id)))
    phone.before = () => new Promise((done) => setTimeout(done, Math.random() * 3))
    for (let i = 0; i < 12; i++) {
      for (const { personId } of people) await post.write({ personId, text: String(i), dedupeKey: `${personId}:${i}` })
    }
    const senders = Array.from({ length: 4 }, () => post.deliverer())
    const ring = async () => {
      await Promise.all(senders.flatMap((deliver) => people.map(({ addressId }) => deliver({ addressId }))))
    }
    await ring()
    await ring()
    for (const chat of ['a', 'b', 'c']) {
      const heard = phone.arrived.filter((m) => m.to === chat).map((m) => m.text)
      expect(heard).toEqual(Array.from({ length: 12 }, (_, i) => String(i)))
    }
    expect((await post.rows()).every((row) => row.status === 'sent' && row.attempts === 1)).toBe(true)
  })

  it('sends what is written while it is sending, though that bell finds the address taken', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'one', dedupeKey: '1' })
    const deliver = post.deliverer()
    let bell: Promise<void> | undefined
    phone.before = async (_to, text) => {
      if (text !== 'one') return
      await post.write({ personId, text: 'two', dedupeKey: '2' })
      bell = deliver({ addressId })
    }
    await deliver({ addressId })
    await bell
    expect(phone.arrived.map((m) => m.text)).toEqual(['one', 'two'])
  })

  it('writes a message once, however often it is asked to, and says which it is', async () => {
    const { personId, addressId } = await post.person('a')
    const ids = await Promise.all(
      Array.from({ length: 5 }, () => post.write({ personId, text: 'once', dedupeKey: 'same' }).then((w) => w.id)),
    )
    expect(new Set(ids).size).toBe(1)
    expect(ids[0]).toBeTypeOf('number')
    await post.deliverer()({ addressId })
    expect(phone.arrived).toHaveLength(1)
    expect(phone.arrived[0]?.key).toBe('same')
  })

  it('lets a crisis overtake what waits, and a message for later hold back nobody', async () => {
    const { personId, addressId } = await post.person('a')
    const later = new Date(clock.now().getTime() + 3 * 86_400_000)
    const follow = await post.write({ personId, text: 'in three days', dedupeKey: '0', notBefore: later })
    expect(follow.bells).toEqual([]) // three days ahead is the sweep's work
    await post.write({ personId, text: 'one', dedupeKey: '1' })
    await post.write({ personId, text: 'two', dedupeKey: '2' })
    await post.write({ personId, text: 'crisis', dedupeKey: '3', priority: 0 })
    const deliver = post.deliverer()
    await deliver({ addressId })
    expect(phone.arrived.map((m) => m.text)).toEqual(['crisis', 'one', 'two'])
    clock.to(later)
    await deliver({ addressId })
    expect(phone.arrived.at(-1)?.text).toBe('in three days')
  })

  it('sends again, once and under the same key, what was cut off between sending and recording', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'cut off', dedupeKey: 'k1' })
    await post.write({ personId, text: 'behind it', dedupeKey: 'k2' })
    let comeBack: () => void = () => undefined
    let hung = false
    phone.before = (_to, _text, key) => {
      if (hung) return
      hung = true
      // It arrived; the answer does not come back before the lease is over.
      phone.arrived.push({ to: 'a', text: 'cut off', key, at: clock.now().getTime(), choices: 0 })
      return new Promise((resume) => {
        comeBack = resume
      })
    }
    const first = post.deliverer({ leaseMs: 30_000 })({ addressId })
    await expect.poll(() => phone.arrived.length).toBe(1)
    const second = post.deliverer({ leaseMs: 30_000 })
    await second({ addressId })
    expect(phone.arrived).toHaveLength(1) // the lease holds: nobody else sends here
    clock.forward(31_000)
    await second({ addressId })
    expect(phone.arrived.map((m) => m.key)).toEqual(['k1', 'k1', 'k2'])
    const before = await post.rows()
    expect(before.map((row) => [row.status, row.attempts])).toEqual([
      ['sent', 2],
      ['sent', 1],
    ])
    comeBack() // the first sender wakes up, and must disturb nothing
    await first
    expect(await post.rows()).toEqual(before)
    const address = await store.db.address.findUniqueOrThrow({ where: { id: addressId } })
    expect(address.sendLeaseUntil).toBeNull()
  })

  it('does not let a sender that lost its lease take it back from the one who has it', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'one', dedupeKey: 'k1' })
    await post.write({ personId, text: 'two', dedupeKey: 'k2' })
    const waiting: (() => void)[] = []
    phone.before = () => new Promise((resume) => waiting.push(resume))
    const first = post.deliverer()({ addressId })
    await expect.poll(() => waiting.length).toBe(1)
    clock.forward(31_000)
    const second = post.deliverer()({ addressId })
    await expect.poll(() => waiting.length).toBe(2)
    waiting[0]?.()
    await first
    await post.deliverer()({ addressId })
    expect(waiting).toHaveLength(2) // the second still has the address to itself
    waiting[1]?.()
    await expect.poll(() => waiting.length).toBe(3)
    waiting[2]?.()
    await second
    expect((await post.rows()).map((row) => [row.status, row.attempts])).toEqual([
      ['sent', 2],
      ['sent', 1],
    ])
  })

  it('hears a bell that rings in the very moment it lets the address go', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'one', dedupeKey: '1' })
    const deliver = post.deliverer()
    let letGo: () => void = () => undefined
    let locked: Promise<unknown> = Promise.resolve()
    phone.before = async (_to, text) => {
      if (text !== 'one') return
      // Holds the last statement, which has looked for more already, until a second message is there.
      await new Promise<void>((isLocked) => {
        locked = store.db.$transaction(
          async (tx) => {
            await tx.$executeRaw`SELECT 1 FROM "Address" WHERE id = ${addressId} FOR NO KEY UPDATE`
            isLocked()
            await new Promise<void>((resume) => {
              letGo = resume
            })
          },
          { timeout: 20_000 },
        )
      })
    }
    const sending = deliver({ addressId })
    const stuck = () =>
      store.db.$queryRaw<
        unknown[]
      >`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await expect.poll(async () => (await stuck()).length, { timeout: 10_000 }).toBe(1)
    await post.write({ personId, text: 'two', dedupeKey: '2' })
    await deliver({ addressId }) // answered at once: the one at work will look again
    letGo()
    await Promise.all([locked, sending])
    expect(phone.arrived.map((m) => m.text)).toEqual(['one', 'two'])
  })

  it('counts a far end that never answers as unknown, and tries again', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'hello', dedupeKey: '1' })
    phone.before = () => new Promise(() => undefined)
    const deliver = post.deliverer({ sendWithinMs: 20 })
    await deliver({ addressId })
    expect((await post.rows())[0]).toMatchObject({ status: 'queued', failure: 'transient', attempts: 1 })
    phone.before = () => undefined
    await post.runBells([deliver])
    expect(phone.arrived).toHaveLength(1)
  })
})
