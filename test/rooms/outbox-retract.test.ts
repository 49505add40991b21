import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SendError } from '../../src/channels/channel.ts'
import { retract } from '../../src/outbox/retract.ts'
import type { Bell } from '../../src/queue/jobs.ts'
import { transaction } from '../../src/store/db.ts'
import { closeMenus, openMenus, requestOfMessage } from '../../src/store/outbox.ts'
import { type Clock, type FarEnd, farEnd, makeClock, makePost } from '../harness/far-end.ts'
import { freshStore, type Store } from '../harness/store.ts'

describe('choices that are over', () => {
  let store: Store
  let clock: Clock
  let phone: FarEnd
  let post: ReturnType<typeof makePost>

  const open = async (edit: boolean) => {
    store = await freshStore()
    clock = makeClock()
    phone = farEnd(clock, { edit })
    post = makePost(store, clock, [phone])
  }
  const takeBack = async (ids: (number | undefined)[]) => {
    const bells: Bell[] = []
    const known = ids.filter((id) => id !== undefined)
    await transaction(store.db, (tx) => retract(tx, bells, store.seal, known, '(已由他人接下)', clock.now()))
    return bells
  }
  beforeEach(() => open(true))
  afterEach(() => store.drop())

  it('leave with the message when it has not been sent', async () => {
    const { personId, addressId } = await post.person('a')
    const { id } = await post.write({ personId, text: '要接吗?', dedupeKey: '1', choices: 2 })
    expect(await takeBack([id])).toEqual([])
    await post.deliverer()({ addressId })
    expect(phone.arrived).toMatchObject([{ text: '要接吗?\n(已由他人接下)', choices: 0 }])
    expect(phone.edited).toEqual([])
  })

  it('are taken off the phone when it has been sent, once', async () => {
    const { personId, addressId } = await post.person('a')
    const { id } = await post.write({ personId, text: '要接吗?', dedupeKey: '1', choices: 2 })
    const deliver = post.deliverer()
    await deliver({ addressId })
    expect(await takeBack([id])).toEqual([{ job: 'deliver', ids: { addressId } }])
    expect(await takeBack([id])).toEqual([])
    await deliver({ addressId })
    expect(phone.edited).toEqual([{ externalId: 'm1', text: '要接吗?\n(已由他人接下)', choices: 0 }])
    expect((await post.rows()).map((row) => [row.kind, row.status])).toEqual([
      ['send', 'sent'],
      ['edit', 'sent'],
    ])
  })

  it('are taken off a message that is on its way at this moment', async () => {
    const { personId, addressId } = await post.person('a')
    const { id } = await post.write({ personId, text: '要接吗?', dedupeKey: '1', choices: 2 })
    phone.before = async (_to, _text, key) => {
      if (key === '1') await takeBack([id])
    }
    await post.deliverer()({ addressId })
    expect(phone.arrived).toMatchObject([{ choices: 2 }])
    expect(phone.edited).toMatchObject([{ externalId: 'm1', choices: 0 }])
  })

  it('stay where the channel cannot edit, and the row says so', async () => {
    await store.drop()
    await open(false)
    const { personId, addressId } = await post.person('a')
    const { id } = await post.write({ personId, text: '要接吗?', dedupeKey: '1', choices: 2 })
    const deliver = post.deliverer()
    await deliver({ addressId })
    await takeBack([id])
    await deliver({ addressId })
    expect((await post.rows())[1]).toMatchObject({ kind: 'edit', status: 'skipped', failure: 'no-edit' })
    expect(await openMenus(store.db, personId)).toEqual([])
  })

  it('are not edited on a message that never arrived', async () => {
    const { personId, addressId } = await post.person('a')
    const { id } = await post.write({ personId, text: '要接吗?', dedupeKey: '1', choices: 2 })
    phone.before = async (_to, _text, key) => {
      if (key !== '1') return
      await takeBack([id])
      throw new SendError('invalid', 'no')
    }
    await post.deliverer()({ addressId })
    expect((await post.rows()).map((row) => [row.status, row.failure])).toEqual([
      ['failed', 'invalid'],
      ['skipped', 'never-sent'],
    ])
  })

  it('are listed newest first while they are open, and a reply finds the request of its message', async () => {
    const { personId, addressId } = await post.person('a')
    const first = await post.write({ personId, text: 'one', dedupeKey: '1', choices: 1, requestId: 41 })
    const second = await post.write({ personId, text: 'two', dedupeKey: '2', choices: 1 })
    await post.write({ personId, text: 'no choices', dedupeKey: '3' })
    await post.deliverer()({ addressId })
    expect((await openMenus(store.db, personId)).map((menu) => menu.id)).toEqual([second.id, first.id])
    expect(await requestOfMessage(store.db, addressId, 'm1')).toBe(41)
    expect(await requestOfMessage(store.db, addressId, 'm2')).toBeUndefined()
    await transaction(store.db, async (tx) => closeMenus(tx, [second.id ?? 0]))
    expect((await openMenus(store.db, personId)).map((menu) => menu.id)).toEqual([first.id])
  })
})
