import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SendError } from '../../src/channels/channel.ts'
import { makeBounced } from '../../src/outbox/bounce.ts'
import type { Undelivered } from '../../src/outbox/deliver.ts'
import { enqueue } from '../../src/outbox/enqueue.ts'
import { reopen } from '../../src/outbox/reopen.ts'
import type { Bell } from '../../src/queue/jobs.ts'
import { transaction } from '../../src/store/db.ts'
import { handPhoneTo } from '../../src/store/linking.ts'
import { agreeToNotices } from '../../src/store/notice-agreements.ts'
import { replyGrants } from '../../src/store/reply-windows.ts'
import { say as inWords } from '../../src/texts/say.ts'
import { voiced } from '../../src/texts/voice.ts'
import { type Clock, type FarEnd, farEnd, makeClock, makePost } from '../harness/far-end.ts'
import { freshStore, type Store } from '../harness/store.ts'

const hour = 3_600_000
const five = { kind: 'message', replies: 5, withinMs: 48 * hour } as const
const counts = { choices: 'numbers', edit: false, proactive: 'window', maxTextChars: 60 } as const

describe('a channel that counts replies', () => {
  let store: Store
  let clock: Clock
  let wechat: FarEnd
  let post: ReturnType<typeof makePost>
  let lost: Undelivered[]
  let who: { personId: number; addressId: number }
  const deliver = () => post.deliverer({ onUndelivered: async (one) => void lost.push(one) })(who)
  const writes = (sentAt = clock.now()) =>
    transaction(store.db, (tx) => reopen(tx, who.addressId, five, sentAt, clock.now()))
  const left = async () => (await replyGrants(store.db, who.addressId)).map((grant) => grant.left)
  const say = (text: string, more: { priority?: 0 | 1 | 2 | 9; choices?: number; relayFrom?: 'worker' } = {}) =>
    post.write({ personId: who.personId, text, dedupeKey: text, ...more })
  const rows = async () => (await post.rows()).map((row) => [row.status, row.failure])

  beforeEach(async () => {
    store = await freshStore()
    clock = makeClock()
    wechat = farEnd(clock, counts, 'wechat')
    post = makePost(store, clock, [wechat])
    lost = []
    who = await post.person('o1', 'wechat')
  })
  afterEach(() => store.drop())

  it('makes a turn one message, choices last, and counts it once', async () => {
    await writes()
    await say('一')
    await say('二')
    await say('三', { choices: 2 })
    await say('四')
    await deliver()
    expect(wechat.arrived.map((m) => [m.text, m.choices])).toEqual([
      ['一\n\n二\n\n三', 2],
      ['四', 0],
    ])
    expect(await rows()).toEqual(Array(4).fill(['sent', null]))
    expect((await post.rows()).map((row) => row.externalId)).toEqual(['m1', 'm1', 'm1', 'm2'])
    expect(await left()).toEqual([3])
  })

  it('joins only what fits in one part, and counts the parts of what does not', async () => {
    await writes()
    await say('长'.repeat(50))
    await say('句'.repeat(50))
    await say('很'.repeat(100))
    await deliver()
    expect(wechat.arrived).toHaveLength(3)
    expect(await left()).toEqual([1])
  })

  it('measures what its reader is sent, not what is stored', async () => {
    // In English, and in plain words a line each, a text has another length than in the catalogue.
    await store.db.person.update({ where: { id: who.personId }, data: { language: 'en' } })
    const added = inWords('added', { number: 12 })
    const English = voiced(added, { language: 'en', plainWords: false, slowly: false, textOnly: false })
    expect([added.length < 60, English.length > 20]).toEqual([true, true])
    await writes()
    await say(added)
    await say('y'.repeat(58 - English.length))
    await deliver()
    expect(wechat.arrived.map((m) => m.text)).toEqual([`${English}\n\n${'y'.repeat(58 - English.length)}`])
    expect(await left()).toEqual([4])
    await post.write({ personId: who.personId, text: added, dedupeKey: 'again' })
    await say('z'.repeat(59 - English.length))
    await deliver()
    expect(wechat.arrived).toHaveLength(3)
    // One that takes two parts in English and one in Chinese is counted as two.
    await say(inWords('feedback.reopened', { owner: '陈督导', by: '今天下午5点' }))
    await deliver()
    expect(await left()).toEqual([0])
  })

  it('joins nothing for two people who share a phone', async () => {
    await writes()
    const second = await transaction(store.db, (tx) => handPhoneTo(tx, who.addressId, 'new'))
    await say('一')
    await post.write({ personId: second?.personId ?? 0, text: '别人的', dedupeKey: 'other' })
    await say('二')
    await deliver()
    expect(wechat.arrived.map((m) => m.text)).toEqual(['【给第1位】一\n\n二', '别人的'])
    expect(await left()).toEqual([3])
  })

  it('never sends a sixth: it is 未送达, once told, and the next message of the person opens it again', async () => {
    await writes()
    for (let i = 0; i < 6; i++) {
      await say(`第${i}句`)
      await deliver()
    }
    expect(wechat.arrived).toHaveLength(5)
    expect((await rows()).at(-1)).toEqual(['failed', 'quota'])
    expect(lost.map((one) => one.failure)).toEqual(['quota'])
    clock.forward(hour)
    await writes()
    await say('好的')
    await deliver()
    expect(wechat.arrived.at(-1)?.text).toBe('好的')
  })

  it('keeps the last for a result: a reminder waits, and goes with it', async () => {
    await writes()
    for (let i = 0; i < 4; i++) {
      await say(`第${i}句`)
      await deliver()
    }
    await say('还在找人', { priority: 2 })
    await deliver()
    expect(await rows()).toContainEqual(['queued', 'kept'])
    expect(wechat.arrived).toHaveLength(4)
    await say('有人接了')
    await deliver()
    expect(wechat.arrived.at(-1)?.text).toBe('有人接了\n\n还在找人')
    expect(await left()).toEqual([0])
    expect(lost).toEqual([])
  })

  it('gives the kept one to the reminder an hour before the end, when nothing better came', async () => {
    await writes()
    for (let i = 0; i < 4; i++) {
      await say(`第${i}句`)
      await deliver()
    }
    await say('解决了吗', { priority: 2 })
    await deliver()
    clock.forward(46 * hour)
    await deliver()
    expect(wechat.arrived).toHaveLength(4)
    clock.forward(hour)
    await deliver()
    expect(wechat.arrived.at(-1)?.text).toBe('解决了吗')
  })

  it('lets a crisis take the last, and go before what waits', async () => {
    await writes()
    for (let i = 0; i < 4; i++) {
      await say(`第${i}句`)
      await deliver()
    }
    await say('还在找人', { priority: 2 })
    await say('请打110', { priority: 0 })
    await deliver()
    expect(wechat.arrived.at(-1)?.text).toBe('请打110\n\n还在找人')
  })

  it('after 48 hours asks the far end nothing; a colleague’s words go out when the person writes again, in one message', async () => {
    await writes()
    clock.forward(49 * hour)
    await say('李社工:明天上午来看您', { relayFrom: 'worker' })
    await say('还在找人', { priority: 2 })
    let asked = 0
    wechat.before = () => {
      asked++
    }
    await deliver()
    expect(asked).toBe(0)
    expect(await rows()).toEqual(Array(2).fill(['failed', 'window-closed']))
    expect(lost).toHaveLength(2)
    clock.forward(hour)
    await writes()
    await say('您好')
    await deliver()
    expect(wechat.arrived.map((m) => m.text)).toEqual(['李社工:明天上午来看您\n\n您好'])
  })

  it('opens nothing for a message that was written 48 hours ago and came late, and nothing anew for one that was overtaken', async () => {
    await writes(new Date(clock.now().getTime() - 49 * hour))
    await say('您好')
    await deliver()
    expect(await rows()).toEqual([['failed', 'window-closed']])
    const first = clock.now()
    await writes(first)
    await say('一')
    await deliver()
    await writes(new Date(first.getTime() - hour)) // an older one that was overtaken
    expect(await left()).toEqual([4])
  })

  it('opens anew for the next message within the same second of the far end’s clock', async () => {
    const second = clock.now()
    await writes(second)
    await say('一')
    await deliver()
    await writes(second)
    expect(await left()).toEqual([5])
  })

  it('believes the far end when it counts otherwise', async () => {
    await writes()
    wechat.before = () => {
      throw new SendError('quota', '45047')
    }
    await say('一')
    await deliver()
    expect(await left()).toEqual([0])
    expect(lost.map((one) => one.failure)).toEqual(['quota'])
  })

  it('gives the reply back when a message surely did not go, and keeps it spent when nobody knows', async () => {
    await writes()
    let answer = new SendError('rate-limited', 'slow', { retryAfterMs: 1_000 })
    wechat.before = () => {
      throw answer
    }
    await say('一')
    await say('二')
    await deliver()
    expect(await left()).toEqual([5])
    expect(await rows()).toEqual([
      ['queued', 'rate-limited'],
      ['queued', null],
    ])
    answer = new SendError('transient', 'cut off', { outcomeUnknown: true })
    clock.forward(1_000)
    await deliver()
    expect(await left()).toEqual([4])
    // What was joined stays joined: the same words under the same name, also when more is waiting by now.
    await say('三')
    wechat.before = () => undefined
    clock.forward(10_000)
    await deliver()
    expect(wechat.arrived.map((m) => m.text)).toEqual(['一\n\n二', '三'])
  })

  it('a choice that carries too much fails alone, and holds up nothing', async () => {
    await writes()
    const choices = [{ token: 'x'.repeat(65), label: '太长' }]
    wechat.before = (_to, text) => {
      if (text === '坏的') throw new SendError('invalid', 'a choice carries too much')
    }
    const bells: Bell[] = []
    const bad = { personId: who.personId, dedupeKey: 'bad', priority: 1, outbound: { text: '坏的', choices } } as const
    await transaction(store.db, (tx) => enqueue(tx, bells, store.seal, bad, clock.now()))
    await say('好的')
    await deliver()
    expect(await rows()).toEqual([
      ['failed', 'invalid'],
      ['sent', null],
    ])
    expect(await left()).toEqual([4])
  })

  it('two senders at once spend each reply once', async () => {
    await writes()
    const others = await Promise.all(Array.from({ length: 6 }, (_, i) => post.person(`p${i}`, 'wechat')))
    for (const other of others) {
      await transaction(store.db, (tx) => reopen(tx, other.addressId, five, undefined, clock.now()))
      for (let i = 0; i < 7; i++) {
        await post.write({ personId: other.personId, text: `${i}`, dedupeKey: `${other.personId}:${i}`, choices: 1 })
      }
    }
    const senders = [post.deliverer(), post.deliverer()]
    await Promise.all(others.flatMap((other) => senders.map((deliver) => deliver(other))))
    for (const { addressId, personId } of others) {
      const ended = (await post.rows()).filter((row) => row.personId === personId).map((row) => row.status)
      expect(ended.filter((status) => status === 'sent')).toHaveLength(5)
      expect(ended.filter((status) => status === 'failed')).toHaveLength(2)
      expect(await replyGrants(store.db, addressId)).toMatchObject([{ left: 0 }])
    }
  })

  describe('where the person has agreed to be told that there is news', () => {
    let noticed: string[]
    let refuse: SendError | undefined
    const opens = (notice: 'once' | 'standing') => {
      Object.assign(wechat.channel.capabilities, { notice })
      Object.assign(wechat.channel, {
        notify: async (to: { externalId: string }) => {
          if (refuse) throw refuse
          noticed.push(to.externalId)
        },
      })
    }
    const agrees = () => transaction(store.db, (tx) => agreeToNotices(tx, who.addressId))
    const agreements = async () => (await store.db.noticeAgreement.findFirst())?.left
    const hears = async () => {
      clock.forward(60_000)
      await post.person('o1', 'wechat')
      await writes()
    }
    beforeEach(() => {
      noticed = []
      refuse = undefined
    })

    it('one agreement is one notice: what waits, waits for the answer, and goes out with it once', async () => {
      opens('once')
      await agrees()
      await hears()
      clock.forward(49 * hour)
      await say('社工：明天来看您', { relayFrom: 'worker' })
      await deliver()
      await say('解决了吗', { choices: 2 })
      await deliver()
      expect(noticed).toEqual(['o1'])
      expect(await rows()).toEqual(Array(2).fill(['queued', 'noticed']))
      expect(lost.map((one) => one.failure)).toEqual(['noticed', 'noticed'])
      expect([wechat.arrived, await agreements()]).toEqual([[], 0])
      clock.forward(hour)
      await hears()
      await deliver()
      await deliver()
      expect(wechat.arrived.map((m) => [m.text, m.choices])).toEqual([['社工：明天来看您\n\n解决了吗', 2]])
      // Used up: the next silence is 未送达 at once.
      clock.forward(49 * hour)
      await say('还在吗')
      await deliver()
      expect(noticed).toEqual(['o1'])
      expect(lost.at(-1)?.failure).toBe('window-closed')
    })

    it('not answered in two hours it is 未送达, and an answer after that still brings a colleague’s words', async () => {
      opens('once')
      await agrees()
      await hears()
      clock.forward(49 * hour)
      await say('社工：明天来看您', { relayFrom: 'worker' })
      await deliver()
      clock.forward(hour)
      await deliver()
      expect(await rows()).toEqual([['queued', 'noticed']])
      clock.forward(hour + 1)
      await deliver()
      expect(await rows()).toEqual([['failed', 'window-closed']])
      expect(lost.map((one) => one.failure)).toEqual(['noticed', 'window-closed'])
      expect(noticed).toHaveLength(1)
      await hears()
      await deliver()
      expect(wechat.arrived.map((m) => m.text)).toEqual(['社工：明天来看您'])
    })

    it('a crisis waits for nobody: the notice goes, and a person is told at once', async () => {
      opens('standing')
      await agrees()
      await hears()
      clock.forward(49 * hour)
      await say('您现在安全吗', { priority: 0 })
      await deliver()
      expect([noticed, lost.map((one) => one.failure)]).toEqual([['o1'], ['window-closed']])
    })

    it('a standing agreement is good for every silence, until the far end says that it was taken back', async () => {
      opens('standing')
      await agrees()
      for (const text of ['一', '二']) {
        await hears()
        clock.forward(49 * hour)
        await say(text)
        await deliver()
      }
      expect(noticed).toHaveLength(2)
      await hears()
      clock.forward(49 * hour)
      refuse = new SendError('blocked', '43101')
      await say('三')
      await deliver()
      expect([lost.at(-1)?.failure, await agreements()]).toEqual(['window-closed', 0])
    })

    it('without an agreement, or when the notice cannot go, nothing waits; an agreement not used is kept', async () => {
      opens('once')
      await hears()
      clock.forward(49 * hour)
      await say('一')
      await deliver()
      expect([noticed, lost.map((one) => one.failure)]).toEqual([[], ['window-closed']])
      await agrees()
      refuse = new SendError('rate-limited', 'slow', { retryAfterMs: 1_000 })
      await say('二')
      await deliver()
      expect([lost.at(-1)?.failure, await agreements()]).toEqual(['window-closed', 1])
      // Nobody knows whether it went: it counts as gone, and is not sent twice.
      refuse = new SendError('transient', 'cut off', { outcomeUnknown: true })
      await say('三')
      await deliver()
      expect([(await rows()).at(-1), await agreements()]).toEqual([['queued', 'noticed'], 0])
    })
  })

  describe('and another chat of the same person', () => {
    let telegram: FarEnd
    beforeEach(async () => {
      telegram = farEnd(clock, {}, 'telegram')
      post = makePost(store, clock, [wechat, telegram])
    })
    const everywhere = async () => {
      const sending = post.deliverer({ onUndelivered: async (one) => void lost.push(one) })
      for (const { id: addressId } of await store.db.address.findMany({ orderBy: { id: 'asc' } })) {
        await sending({ addressId })
      }
    }

    it('what may not be said here is said there, once, in order, and costs no reply', async () => {
      await post.also(who.personId, 't1', 'telegram', clock.now())
      await writes()
      for (let i = 0; i < 5; i++) {
        await say(`第${i}句`)
        await deliver()
      }
      const here = { personId: who.personId, addressId: who.addressId }
      await post.write({ ...here, text: '第六句', dedupeKey: '6' })
      await post.write({ ...here, text: '第七句', dedupeKey: '7' })
      await everywhere()
      await everywhere()
      expect(wechat.arrived).toHaveLength(5)
      expect(telegram.arrived.map((m) => [m.to, m.text])).toEqual([
        ['t1', '第六句'],
        ['t1', '第七句'],
      ])
      expect([await left(), lost]).toEqual([[0], []])
      // Writing again brings nothing a second time.
      await writes()
      await everywhere()
      expect([wechat.arrived.length, telegram.arrived.length, await left()]).toEqual([5, 2, [5]])
    })

    it('two closed chats are 未送达 once, and nothing goes round in circles', async () => {
      const other = await post.also(who.personId, 'o2', 'wechat', clock.now())
      await writes()
      await transaction(store.db, (tx) => reopen(tx, other, five, clock.now(), clock.now()))
      clock.forward(49 * hour)
      await post.write({ personId: who.personId, addressId: who.addressId, text: '在吗', dedupeKey: 'x' })
      for (let i = 0; i < 3; i++) await everywhere()
      expect([wechat.arrived, telegram.arrived]).toEqual([[], []])
      expect([await rows(), lost.length]).toEqual([[['failed', 'window-closed']], 1])
    })

    it('is used before the notice, and a blocked one is not used at all', async () => {
      const noticed: string[] = []
      Object.assign(wechat.channel.capabilities, { notice: 'standing' })
      Object.assign(wechat.channel, { notify: async () => void noticed.push('x') })
      await transaction(store.db, (tx) => agreeToNotices(tx, who.addressId))
      const other = await post.also(who.personId, 't1', 'telegram', clock.now())
      await writes()
      clock.forward(49 * hour)
      const here = { personId: who.personId, addressId: who.addressId }
      await post.write({ ...here, text: '一', dedupeKey: '1' })
      await everywhere()
      expect([telegram.arrived.map((m) => m.text), noticed]).toEqual([['一'], []])
      await store.db.address.update({ where: { id: other }, data: { unreachable: 'blocked' } })
      await post.write({ ...here, text: '二', dedupeKey: '2' })
      await everywhere()
      expect([telegram.arrived.length, noticed, (await rows()).at(-1)]).toEqual([1, ['x'], ['queued', 'noticed']])
    })
  })

  it('takes back "sent" when the far end says later that it did not arrive', async () => {
    await writes()
    await say('一', { choices: 1 })
    await deliver()
    const log = pino({ level: 'silent' })
    const bounced = makeBounced({ db: store.db, log, onUndelivered: async (one) => void lost.push(one) })
    const to = { channel: 'wechat', account: '100', externalId: 'o1' } as const
    await bounced({ to, externalId: 'm1', failure: 'quota' })
    await bounced({ to, externalId: 'm1', failure: 'quota' })
    await bounced({ to, externalId: 'm9', failure: 'quota' })
    expect(lost).toHaveLength(1)
    expect((await post.rows())[0]).toMatchObject({ status: 'failed', failure: 'quota', choicesOpen: false })
  })
})
