import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SendError } from '../../src/channels/channel.ts'
import { followClockBack } from '../../src/store/clock-set-back.ts'
import { transaction } from '../../src/store/db.ts'
import { handPhoneTo, mergePeople } from '../../src/store/linking.ts'
import { optOut, signUp, unreached } from '../../src/store/recipients.ts'
import { type Clock, type FarEnd, farEnd, makeClock } from '../harness/far-end.ts'
import { everybody, makeNotices, outcomes } from '../harness/notices.ts'
import { freshStore, type Store } from '../harness/store.ts'

/** 10:00 in Xiamen, a Tuesday. */
const morning = '2026-11-24T02:00:00Z'

let store: Store
let clock: Clock
let telegram: FarEnd
let web: FarEnd
let notices: ReturnType<typeof makeNotices>
let by: Awaited<ReturnType<typeof notices.coordinators>>

beforeEach(async () => {
  store = await freshStore()
  clock = makeClock(morning)
  telegram = farEnd(clock, { pace: { perSecond: 25, chatGapMs: 1_000 } })
  web = farEnd(clock, {}, 'web')
  notices = makeNotices(store, clock, [telegram, web])
  by = await notices.coordinators()
})
afterEach(() => store.drop())

const conversation = (personId: number) => store.db.conversation.create({ data: { personId } })
const notified = () => [...telegram.arrived, ...web.arrived].filter(({ text }) => text.startsWith('【通知】'))

describe('a person who links two chats in the middle of a notice', () => {
  /** Two chats, each still a person of its own: the one on Telegram, and `other` on the web page. */
  async function twoChats() {
    const [first = 0] = await notices.people(1)
    await notices.people(59, 'telegram-filler')
    const { id: second } = await store.db.person.create({
      data: {
        addresses: { create: { channel: 'web', account: '100', externalId: 'second', lastHeardAt: clock.now() } },
      },
    })
    for (const id of [first, second]) await conversation(id)
    return { first, second }
  }
  const link = (from: number, into: number) => transaction(store.db, (tx) => mergePeople(tx, from, into, clock.now()))
  const rowsOf = (id: number, ...people: number[]) =>
    store.db.broadcastRecipient.findMany({ where: { broadcastId: id, personId: { in: people } } })

  it('is told once and counted once when both were still waiting', async () => {
    const { first, second } = await twoChats()
    const id = await notices.approved(by)
    await notices.feed()
    await outcomes(store, id)
    await link(second, first)
    expect((await rowsOf(id, first, second)).length).toBe(1)
    await notices.run(5)
    expect(await outcomes(store, id)).toMatchObject({ sent: 1 })
    expect(notified().length).toBe(1)
  })

  it('is not told again in the chat that was still waiting, and keeps the place signed up for', async () => {
    const { first, second } = await twoChats()
    const id = await notices.approved(by, { kind: 'activity' })
    web.before = () => {
      throw new SendError('transient', 'down')
    }
    await notices.run(2)
    expect((await rowsOf(id, first))[0]?.outcome).toBe('sent')
    await transaction(store.db, (tx) => signUp(tx, id, first, clock.now()))
    await link(first, second)
    web.before = () => undefined
    await notices.run(60)
    const [row, ...more] = await rowsOf(id, first, second)
    expect(more).toEqual([])
    expect(row).toMatchObject({ personId: second, outcome: 'sent' })
    expect(row?.signedUpAt).not.toBeNull()
    await outcomes(store, id)
    expect([...telegram.arrived, ...web.arrived].filter(({ text }) => text.startsWith('【活动】')).length).toBe(1)
  })

  it('hears it all the same when one of the two had failed: the key of the lost message is not in the way', async () => {
    const { first, second } = await twoChats()
    telegram.before = ({ externalId }) => {
      if (externalId === 'telegram-0') throw new SendError('invalid', 'no such chat')
    }
    web.before = () => {
      throw new SendError('transient', 'down')
    }
    const id = await notices.approved(by)
    await notices.run(1)
    expect((await rowsOf(id, first))[0]?.outcome).toBe('failed')
    expect((await rowsOf(id, second))[0]?.outcome).toBe('queued')
    web.before = () => undefined
    await link(second, first)
    await notices.run(5)
    const rows = await rowsOf(id, first, second)
    expect(rows.length).toBe(1)
    expect(rows[0]?.outcome).toBe('sent')
    await outcomes(store, id)
    expect((await notices.row(id)).status).toBe('done')
  })

  it('a no said in either chat holds for what still waits', async () => {
    const { first, second } = await twoChats()
    const id = await notices.approved(by)
    await notices.feed()
    await transaction(store.db, (tx) => optOut(tx, second, ['notice'], clock.now()))
    await link(second, first)
    await notices.run(5)
    const [row] = await rowsOf(id, first, second)
    expect(row).toMatchObject({ outcome: 'skipped', reason: 'opted_out' })
    expect(notified().length).toBe(0)
    await outcomes(store, id)
  })

  it('many link while it is sent: the sum holds at every step, and nobody has it twice', async () => {
    const people = await notices.people(60)
    for (const id of people) await conversation(id)
    const id = await notices.approved(by)
    for (let i = 0; i < 20; i++) {
      await Promise.all([notices.feed(), link(people[2 * i] ?? 0, people[2 * i + 1] ?? 0)])
      await notices.answerBells(200)
      await outcomes(store, id)
    }
    await notices.run(6)
    const rows = await notices.recipients(id)
    expect(rows.map(({ outcome, reason }) => reason ?? outcome)).toEqual(Array(40).fill('sent'))
  })
})

it('who says no while it is on its way is not sent it any more', async () => {
  const people = await notices.people(150)
  const last = people.at(-1) ?? 0
  const id = await notices.approved(by)
  await notices.run(2)
  await transaction(store.db, (tx) => optOut(tx, last, ['notice'], clock.now()))
  await notices.run(8)
  expect(await outcomes(store, id)).toEqual({ sent: 149, 'skipped:opted_out': 1 })
})

describe('several people on one phone', () => {
  /** The grandmother speaks there now; her grandson was there before. */
  async function shared() {
    const [first = 0] = await notices.people(1)
    await conversation(first)
    const { id: addressId } = await store.db.address.findFirstOrThrow({ where: { personId: first } })
    const second = await transaction(store.db, (tx) => handPhoneTo(tx, addressId, 'new'))
    return { first, second: second?.personId ?? 0, addressId }
  }

  it('hear it once: the phone gets one message, and each of them is a row with what became of it', async () => {
    const { first, second } = await shared()
    const id = await notices.approved(by)
    await notices.run(3)
    expect(await outcomes(store, id)).toEqual({ sent: 1, 'skipped:same_phone': 1 })
    expect(notified().length).toBe(1)
    const rows = await notices.recipients(id)
    expect(rows.find(({ personId }) => personId === second)?.outcome).toBe('sent')
    // Nobody has to knock at their door, and whoever of them picks the phone up may sign up.
    expect(await unreached(store.db, id)).toEqual([])
    expect(rows.find(({ personId }) => personId === first)?.reason).toBe('same_phone')
  })

  it('the one who does not speak there now is reached there too, and it says for whom it is', async () => {
    const { first, second } = await shared()
    await store.db.noticeOptOut.create({ data: { personId: second, topic: 'notice', at: clock.now() } })
    const id = await notices.approved(by)
    await notices.run(3)
    expect(await outcomes(store, id)).toEqual({ sent: 1, 'skipped:opted_out': 1 })
    const rows = await notices.recipients(id)
    expect(rows.find(({ personId }) => personId === first)?.outcome).toBe('sent')
    expect(telegram.arrived[0]?.text).toMatch(/第1位|1/)
    expect(telegram.arrived[0]?.text).not.toMatch(/^【通知】/)
  })

  it('when the phone cannot be reached, all of them are on the list for the door', async () => {
    await shared()
    telegram.before = () => {
      throw new SendError('invalid', 'no such chat')
    }
    const id = await notices.approved(by)
    await notices.run(3)
    expect(await outcomes(store, id)).toEqual({ 'failed:invalid': 1, 'skipped:same_phone': 1 })
    expect((await unreached(store.db, id)).length).toBe(2)
  })

  it('a phone of its own comes before a shared one', async () => {
    const { first } = await shared()
    await store.db.address.create({
      data: { personId: first, channel: 'web', account: '100', externalId: 'own', lastHeardAt: new Date(0) },
    })
    await store.db.address.updateMany({ where: { externalId: 'telegram-0' }, data: { lastHeardAt: new Date(0) } })
    await store.db.person.update({
      where: { id: first },
      data: { answersAtId: (await store.db.address.findFirstOrThrow({ where: { externalId: 'own' } })).id },
    })
    const id = await notices.approved(by, { audience: everybody })
    await notices.run(3)
    expect(await outcomes(store, id)).toEqual({ sent: 2 })
    expect(web.arrived.some(({ to }) => to === 'own')).toBe(true)
  })
})

describe('what else may go wrong on the way', () => {
  it('one person who can only be tried again in minutes puts off nobody else', async () => {
    await notices.people(150)
    let failed = 0
    telegram.before = ({ externalId }) => {
      if (externalId !== 'telegram-3') return
      failed++
      throw new SendError('transient', 'down for them')
    }
    const id = await notices.approved(by)
    await notices.run(9)
    expect(failed).toBeGreaterThan(1)
    // Six seconds' worth at the account's pace, and a little for the beginning.
    expect((await outcomes(store, id)).sent).toBe(149)
  })

  it('a clock that is set back in the middle doubles nothing, and nobody waits until it has caught up', async () => {
    await notices.people(200)
    const id = await notices.approved(by)
    await notices.run(2)
    await notices.feed()
    expect((await outcomes(store, id)).queued).toBeGreaterThan(0)
    clock.forward(-3_600_000)
    notices.rung.length = 0
    // What the sweep does when it sees the clock go back.
    await followClockBack(store.db, clock.now(), { skewMs: 2_000, leaseMs: 30_000, restMs: 86_400_000, ownWaitMs: 0 })
    await notices.run(20)
    expect(await outcomes(store, id)).toEqual({ sent: 200 })
    expect(new Set(telegram.arrived.map(({ to }) => to)).size).toBe(200)
    expect(telegram.arrived.length).toBe(200)
  })

  it('a hundred thousand who said no are a hundred thousand rows with that reason, and one message leaves', async () => {
    await store.db.$executeRaw`
      WITH p AS (INSERT INTO "Person" (language) SELECT 'zh' FROM generate_series(1, 100000) RETURNING id),
      a AS (INSERT INTO "Address" ("personId", channel, account, "externalId", "lastHeardAt")
        SELECT id, 'telegram', '100', 'many-' || id, ${clock.now()}::timestamptz FROM p)
      INSERT INTO "NoticeOptOut" ("personId", topic, at) SELECT id, 'notice', ${clock.now()}::timestamptz FROM p`
    await notices.people(1)
    const id = await notices.approved(by)
    await notices.run(3)
    expect(await outcomes(store, id)).toEqual({ sent: 1, 'skipped:opted_out': 100_000 })
    expect(telegram.arrived.length).toBe(1)
    expect((await notices.row(id)).status).toBe('done')
    expect(await unreached(store.db, id)).toEqual([])
  }, 60_000)

  it('whoever approved it reads on when its author has left, and the author is told nothing more of residents', async () => {
    await notices.people(60)
    const id = await notices.approved(by)
    await notices.run(1)
    await store.db.staff.update({ where: { id: by[0].id }, data: { active: false } })
    const told = web.arrived.length
    await notices.run(6)
    expect(await outcomes(store, id)).toEqual({ sent: 60 })
    const after = web.arrived.slice(told)
    expect(after.filter(({ to }) => to === 'c-01')).toEqual([])
    expect(after.some(({ to, text }) => to === 'c-02' && text.includes('一共60人'))).toBe(true)
  })
})
