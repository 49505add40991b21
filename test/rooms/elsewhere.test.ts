import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SendError } from '../../src/channels/channel.ts'
import type { Undelivered } from '../../src/outbox/deliver.ts'
import { transaction } from '../../src/store/db.ts'
import { handPhoneTo, setAnswersAt } from '../../src/store/linking.ts'
import { type Clock, type FarEnd, farEnd, makeClock, makePost } from '../harness/far-end.ts'
import { freshStore, type Store } from '../harness/store.ts'

describe('a person with two chats', () => {
  let store: Store
  let clock: Clock
  let phone: FarEnd
  let page: FarEnd
  let post: ReturnType<typeof makePost>
  let lost: Undelivered[]
  beforeEach(async () => {
    store = await freshStore()
    clock = makeClock()
    phone = farEnd(clock)
    page = farEnd(clock, {}, 'web')
    post = makePost(store, clock, [phone, page])
    lost = []
  })
  afterEach(() => store.drop())

  it('is answered in the other one when the far end lets nothing more be said here, and only once', async () => {
    const someone = await post.person('chat')
    await post.also(someone.personId, 'page', 'web', new Date(clock.now().getTime() - 1_000))
    phone.before = () => {
      throw new SendError('window-closed', 'after 48 hours')
    }
    const deliver = post.deliverer({ onUndelivered: async (one) => void lost.push(one) })
    await post.write({ personId: someone.personId, text: 'the result', dedupeKey: 'r' })
    await deliver(someone)
    await post.runBells([deliver])
    expect(page.arrived.map((m) => m.text)).toEqual(['the result'])
    expect(lost).toEqual([])

    page.before = () => {
      throw new SendError('quota', 'five a window')
    }
    await post.write({ personId: someone.personId, text: 'one more', dedupeKey: 'r2' })
    await deliver(someone)
    await post.runBells([deliver])
    // Neither chat takes it: it does not go round in circles, a person hears of it.
    expect(lost.length).toBe(1)
    expect((await post.rows()).at(-1)?.status).toBe('failed')
  })

  it('is answered where they asked to be, whatever they used last', async () => {
    const someone = await post.person('chat')
    const other = await post.also(someone.personId, 'page', 'web', new Date(clock.now().getTime() - 3_600_000))
    await transaction(store.db, (tx) => setAnswersAt(tx, someone.personId, other))
    const deliver = post.deliverer()
    await post.write({ personId: someone.personId, text: 'here', dedupeKey: 'h' })
    await deliver({ addressId: other })
    expect(page.arrived.map((m) => m.text)).toEqual(['here'])
    await store.db.address.update({ where: { id: other }, data: { unreachable: 'blocked' } })
    await post.write({ personId: someone.personId, text: 'then there', dedupeKey: 't' })
    await deliver(someone)
    expect(phone.arrived.map((m) => m.text)).toEqual(['then there'])
  })

  it('a phone in other hands still receives, and says for whom', async () => {
    const first = await post.person('shared')
    const second = await transaction(store.db, (tx) => handPhoneTo(tx, first.addressId, 'new'))
    const deliver = post.deliverer()
    await post.write({ personId: first.personId, text: '给第一个人的话', dedupeKey: 'a' })
    await post.write({ personId: second?.personId ?? 0, text: '给第二个人的话', dedupeKey: 'b' })
    await deliver(first)
    expect(phone.arrived.map((m) => m.text)).toEqual(['【给第1位】给第一个人的话', '给第二个人的话'])
  })
})
