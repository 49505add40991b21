import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SendError, type SendFailure } from '../../src/channels/channel.ts'
import type { Undelivered } from '../../src/outbox/deliver.ts'
import { dueAddresses } from '../../src/store/outbox.ts'
import { type Clock, type FarEnd, farEnd, makeClock, makePost } from '../harness/far-end.ts'
import { freshStore, type Store } from '../harness/store.ts'

const hour = 3_600_000

describe('a message that cannot be sent', () => {
  let store: Store
  let clock: Clock
  let phone: FarEnd
  let page: FarEnd
  let post: ReturnType<typeof makePost>
  let lost: Undelivered[]
  const deliverer = () => post.deliverer({ onUndelivered: async (one) => void lost.push(one) })

  beforeEach(async () => {
    store = await freshStore()
    clock = makeClock()
    phone = farEnd(clock)
    page = farEnd(clock, {}, 'web')
    post = makePost(store, clock, [phone, page])
    lost = []
  })
  afterEach(() => store.drop())

  it('waits for hours when the far end says so, and holds up nobody else', async () => {
    const slow = await post.person('slow')
    const other = await post.person('other')
    await post.write({ personId: slow.personId, text: 'one', dedupeKey: 's1' })
    await post.write({ personId: slow.personId, text: 'two', dedupeKey: 's2' })
    await post.write({ personId: other.personId, text: 'hello', dedupeKey: 'o1' })
    const start = clock.now().getTime()
    const retryAfterMs = 10_072_000
    phone.before = ({ externalId }) => {
      if (externalId === 'slow' && clock.now().getTime() < start + retryAfterMs) {
        throw new SendError('rate-limited', 'flood', { retryAfterMs })
      }
    }
    const deliver = deliverer()
    await deliver(slow)
    await deliver(other)
    expect(phone.arrived.map((m) => m.text)).toEqual(['hello'])
    expect(post.rung).toEqual([]) // hours ahead is the sweep's work
    expect(await dueAddresses(store.db, clock.now(), 10)).toEqual([])
    const [row] = await post.rows()
    expect(row).toMatchObject({ status: 'queued', attempts: 0 }) // it was not sent: it does not count
    clock.forward(retryAfterMs)
    expect(await dueAddresses(store.db, clock.now(), 10)).toEqual([slow.addressId])
    await deliver(slow)
    expect(phone.arrived.map((m) => m.text)).toEqual(['hello', 'one', 'two'])
  })

  it('lets a crisis try even where the far end asked for a pause, and rings it again when refused', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'one', dedupeKey: '1' })
    let answer: 'flood' | 'fine' = 'flood'
    const says = () => answer
    phone.before = () => {
      if (says() === 'flood') throw new SendError('rate-limited', 'flood', { retryAfterMs: hour })
    }
    const deliver = deliverer()
    await deliver({ addressId })
    await post.write({ personId, text: 'crisis', dedupeKey: '2', priority: 0 })
    expect(await dueAddresses(store.db, clock.now(), 10)).toEqual([addressId])
    await deliver({ addressId })
    expect(await dueAddresses(store.db, clock.now(), 10)).toEqual([]) // it was refused: no storm of tries
    await post.write({ personId, text: 'second crisis', dedupeKey: '3', priority: 0 })
    answer = 'fine'
    await deliver({ addressId })
    expect(phone.arrived.map((m) => m.text)).toEqual(['second crisis'])
  })

  it('tries again only for the one whom it did not reach: who has the message does not get it twice', async () => {
    const lead = await post.person('lead')
    const coordinator = await post.person('coordinator')
    for (const { personId } of [lead, coordinator]) {
      await post.write({ personId, text: 'nobody has answered', dedupeKey: `told:${personId}` })
    }
    let failing = 3
    phone.before = ({ externalId }) => {
      if (externalId === 'coordinator' && failing-- > 0) throw new SendError('transient', 'connection reset')
    }
    const deliver = deliverer()
    for (let round = 0; round < 6; round++) {
      // What decided to tell them runs again after the failure, as a repeated job does.
      for (const { personId } of [lead, coordinator]) {
        await post.write({ personId, text: 'nobody has answered', dedupeKey: `told:${personId}` })
      }
      await deliver(lead)
      await deliver(coordinator)
      clock.forward(hour)
    }
    expect(phone.arrived.map((m) => m.to).sort()).toEqual(['coordinator', 'lead'])
    expect(failing).toBeLessThan(0)
    expect(lost).toEqual([])
  })

  it('goes, with all that waits behind it, to another address of the person who blocked us', async () => {
    const { personId, addressId } = await post.person('blocks')
    const other = await post.also(personId, 'page', 'web', new Date(clock.now().getTime() - hour))
    const menu = await post.write({ personId, text: 'one', dedupeKey: '1', choices: 2 })
    await post.write({ personId, text: 'two', dedupeKey: '2' })
    phone.before = () => {
      throw new SendError('blocked', 'bot was blocked by the user')
    }
    const deliver = deliverer()
    await deliver({ addressId })
    expect(post.rung).toEqual([{ job: 'deliver', ids: { addressId: other } }])
    await post.runBells([deliver])
    expect(page.arrived.map((m) => [m.to, m.text])).toEqual([
      ['page', 'one'],
      ['page', 'two'],
    ])
    expect((await post.rows()).find((row) => row.id === menu.id)?.choicesOpen).toBe(true)
    expect(lost).toEqual([])
    // A later message does not even try the blocked address, though it was asked for.
    const next = await post.write({ personId, addressId, text: 'three', dedupeKey: '3' })
    expect(next.bells).toEqual([{ job: 'deliver', ids: { addressId: other } }])
  })

  it('fails with the reason, and is told, when there is no other address; writing again opens the address', async () => {
    const { personId, addressId } = await post.person('gone')
    await post.write({ personId, text: 'one', dedupeKey: '1' })
    await post.write({ personId, text: 'two', dedupeKey: '2', choices: 1 })
    await post.write({ personId, text: 'notice', dedupeKey: '3', priority: 9 })
    phone.before = () => {
      throw new SendError('gone', 'chat not found')
    }
    await deliverer()({ addressId })
    const rows = await post.rows()
    expect(rows.map((row) => [row.status, row.failure, row.choicesOpen])).toEqual(
      Array(3).fill(['failed', 'gone', false]),
    )
    expect(new Set(lost.map((one) => one.outboundId))).toEqual(new Set([rows[0]?.id, rows[1]?.id])) // a notice needs no phone call
    expect((await post.write({ personId, text: 'four', dedupeKey: '4' })).id).toBeUndefined()
    await post.person('gone')
    expect((await post.write({ personId, text: 'five', dedupeKey: '5' })).id).toBeTypeOf('number')
  })

  it('is given up after twelve tries that failed for the moment, and the next one goes on', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'never', dedupeKey: '1' })
    await post.write({ personId, text: 'later', dedupeKey: '2' })
    const tries: number[] = []
    phone.before = (_to, text) => {
      if (text !== 'never') return
      tries.push(clock.now().getTime())
      throw new SendError('transient', 'HTTP 502', { outcomeUnknown: true })
    }
    const deliver = deliverer()
    await deliver({ addressId })
    await post.runBells([deliver])
    expect(tries).toHaveLength(12)
    const gaps = tries.slice(1).map((at, i) => (at - (tries[i] ?? 0)) / 1_000)
    expect(gaps).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
    expect((await post.rows()).map((row) => [row.status, row.failure])).toEqual([
      ['failed', 'transient'],
      ['sent', null],
    ])
    expect(phone.arrived.map((m) => m.text)).toEqual(['later'])
    expect(lost).toHaveLength(1)
  })

  it('is given up a day after it was due, whatever the far end promises', async () => {
    const { personId, addressId } = await post.person('a')
    await post.write({ personId, text: 'stale', dedupeKey: '1' })
    phone.before = () => {
      throw new SendError('rate-limited', 'flood', { retryAfterMs: 25 * hour })
    }
    const deliver = deliverer()
    await deliver({ addressId })
    clock.forward(25 * hour)
    await deliver({ addressId })
    expect((await post.rows())[0]).toMatchObject({ status: 'failed', failure: 'rate-limited' })
    expect(lost).toHaveLength(1)
  })

  it.each(['invalid', 'window-closed', 'quota'] as const)(
    'fails at once as %s and the next one goes on',
    async (kind) => {
      const { personId, addressId } = await post.person('a')
      await post.write({ personId, text: 'bad', dedupeKey: '1' })
      await post.write({ personId, text: 'good', dedupeKey: '2' })
      phone.before = (_to, text) => {
        if (text === 'bad') throw new SendError(kind, 'no')
      }
      await deliverer()({ addressId })
      expect((await post.rows()).map((row) => [row.status, row.failure])).toEqual([
        ['failed', kind],
        ['sent', null],
      ])
    },
  )

  it('waits for the operator when its channel is not here', async () => {
    const { personId } = await post.person('a')
    const elsewhere = await post.also(personId, 'w', 'wechat', new Date(clock.now().getTime() + 1_000))
    await post.write({ personId, addressId: elsewhere, text: 'hello', dedupeKey: '1' })
    await deliverer()({ addressId: elsewhere })
    expect((await post.rows())[0]).toMatchObject({ status: 'queued', failure: 'auth' })
  })

  it('is never lost from the count: sent, failed and skipped add up to what was written', async () => {
    const kinds: SendFailure[] = [
      'rate-limited',
      'blocked',
      'gone',
      'window-closed',
      'quota',
      'invalid',
      'auth',
      'transient',
    ]
    const written = 120
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * below)
    }
    const accepted: string[] = []
    const wrap = (end: FarEnd) => {
      end.before = (_to, _text, key) => {
        const fault = random(4) === 0 ? kinds[random(kinds.length)] : undefined
        if (fault === 'transient' && random(2) === 0) throw new Error('a bug in a channel')
        if (fault) throw new SendError(fault, 'random fault', { retryAfterMs: random(20_000) })
        accepted.push(key)
      }
    }
    wrap(phone)
    wrap(page)
    const people = await Promise.all(Array.from({ length: 12 }, (_, i) => post.person(`p${i}`)))
    for (const [i, { personId }] of people.entries()) {
      if (i % 2 === 0) await post.also(personId, `w${i}`, 'web', new Date(clock.now().getTime() - hour))
    }
    let made = 0
    for (let i = 0; i < written; i++) {
      const { personId } = people[i % people.length] ?? { personId: 0 }
      const priority = ([0, 1, 2, 9] as const)[random(4)] ?? 1
      const { id, bells } = await post.write({ personId, text: String(i), dedupeKey: `k${i}`, priority })
      if (id !== undefined) made++
      post.rung.push(...bells)
    }
    const senders = [deliverer(), deliverer()]
    for (let round = 0; round < 60; round++) {
      await post.runBells(senders)
      const due = await dueAddresses(store.db, clock.now(), 1_000)
      post.rung.push(...due.map((addressId) => ({ job: 'deliver' as const, ids: { addressId } })))
      if (due.length === 0) clock.forward(20 * 60_000)
    }
    const rows = await post.rows()
    const count = (status: string) => rows.filter((row) => row.status === status).length
    expect(rows).toHaveLength(made)
    expect(made).toBe(written)
    expect(count('sent') + count('failed') + count('skipped')).toBe(written)
    expect(count('failed')).toBeGreaterThan(0)
    expect(rows.filter((row) => row.status === 'failed').every((row) => row.failure !== null)).toBe(true)
    // What the far end took is what the rows say was sent: nothing twice, nothing claimed that did not arrive.
    const sent = rows.filter((row) => row.status === 'sent').map((row) => row.dedupeKey)
    expect(new Set(accepted)).toEqual(new Set(sent))
    expect(accepted).toHaveLength(sent.length)
    const told = rows.filter((row) => row.status === 'failed' && row.priority !== 9).map((row) => row.id)
    expect(lost.map((one) => one.outboundId).sort((a, b) => a - b)).toEqual(told)
  })
})
