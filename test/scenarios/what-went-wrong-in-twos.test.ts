import { expect, it } from 'vitest'
import { transaction } from '../../src/store/db.ts'
import { addressOf } from '../../src/store/messages.ts'
import { type Linbang, mondayMorning, startLinbang } from '../harness/linbang.ts'
import { freshStore, seal } from '../harness/store.ts'
import { submits } from '../harness/story.ts'
import { startTelegram } from '../harness/telegram.ts'

/** Failures that neighbouring systems had when things came twice, in two processes, or over a restart. */

const later = (minutes: number) => new Date(mondayMorning.getTime() + minutes * 60_000)

it('an update that Telegram brings four times, also at once, is one message, one request and one answer', async () => {
  const telegram = await startTelegram()
  const port = String(9_700 + Math.floor(Math.random() * 90))
  const linbang = await startLinbang({
    env: {
      TELEGRAM_BOT_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      TELEGRAM_WEBHOOK_SECRET: 'S3cret',
    },
  })
  try {
    const chat = { id: 51, type: 'private' }
    const id = telegram.inject({
      message: { message_id: 1, date: 1, chat, from: { id: 51 }, text: '我爸失能没人照顾' },
    })
    const again = await Promise.all([1, 2, 3].map(() => telegram.deliverAgain(id)))
    expect(again).toEqual([[200], [200], [200]])
    await telegram.phone(51).sees('可以记下吗')
    expect(await linbang.db.inboundMessage.count()).toBe(1)
    expect(await linbang.db.helpRequest.count()).toBe(1)
    expect(telegram.phone(51).screen().length).toBe(1)
  } finally {
    await linbang.stop()
    await telegram.stop()
  }
})

it('five recordings and pictures of somebody new, worked on by two processes, are one request', async () => {
  const store = await freshStore()
  const telegram = await startTelegram()
  const env = { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot }
  const both: Linbang[] = []
  try {
    const start = (ROLES: string) => startLinbang({ on: store, env: { ROLES, ...env } })
    // The one that hears does not work: its bells go to either of the others.
    both.push(...(await Promise.all(['web,channels', 'worker', 'worker'].map(start))))
    for (let i = 0; i < 5; i++) {
      const part = i % 2 === 0 ? { voice: { file_id: `v${i}`, duration: 3 } } : { photo: [{ file_id: `p${i}` }] }
      const chat = { id: 51, type: 'private' }
      telegram.inject({ message: { message_id: i, date: 1, chat, from: { id: 51 }, ...part } })
    }
    await expect
      .poll(() => store.db.inboundMessage.count({ where: { handledAt: { not: null } } }), { timeout: 15_000 })
      .toBe(5)
    expect(await store.db.helpRequest.count()).toBe(1)
    expect(await store.db.person.count({ where: { addresses: { some: { externalId: '51' } } } })).toBe(1)
  } finally {
    for (const linbang of both.reverse()) await linbang.stop()
    await telegram.stop()
    await store.drop()
  }
}, 60_000)

it('nobody is given more than they can carry, though two processes dispatch at the same moment', async () => {
  const store = await freshStore()
  const both: Linbang[] = []
  try {
    const start = (ROLES: string) => startLinbang({ on: store, env: { ROLES } })
    const first = await start('web,channels')
    both.push(first, ...(await Promise.all(['worker', 'worker'].map(start))))
    await store.db.staff.updateMany({ where: { agencyId: { not: null } }, data: { loadLimit: 3 } })
    await new Promise((done) => setTimeout(done, 1_200)) // the directory is a second old at most
    const residents = await Promise.all(Array.from({ length: 8 }, () => first.resident()))
    await Promise.all(residents.map((resident) => submits(resident)))
    await expect
      .poll(() => store.db.helpRequest.count({ where: { status: { in: ['offered', 'queued'] } } }), { timeout: 15_000 })
      .toBe(8)
    const held = await store.db.offer.groupBy({ by: ['staffId'], where: { status: 'open' }, _count: true })
    expect(held.length).toBeGreaterThan(0)
    expect(Math.max(...held.map((h) => h._count))).toBeLessThanOrEqual(3)
    expect(await first.orphans()).toBe(0)
  } finally {
    for (const linbang of both.reverse()) await linbang.stop()
    await store.drop()
  }
}, 60_000)

it('a restart in the middle of a wait stops no ladder: an offer, a triage, a plea half told and a crisis all go on', async () => {
  const store = await freshStore()
  let linbang: Linbang | undefined
  try {
    linbang = await startLinbang({ on: store })
    const [offered, half, triage, crisis] = await Promise.all([1, 2, 3, 4].map(() => (linbang as Linbang).resident()))
    if (!offered || !half || !triage || !crisis) throw new Error('four residents')
    const number = await submits(offered)
    await half.says('我有残疾证，想找工作')
    await half.sees('可以记下吗')
    await triage.says('人工')
    await triage.sees('是真人')
    await crisis.says('我不想活了')
    await crisis.sees('很担心您')
    await expect.poll(() => store.db.offer.count({ where: { status: 'open' } }), { timeout: 10_000 }).toBe(3)
    const before = await store.db.offer.count()
    await linbang.stop()
    linbang = undefined

    linbang = await startLinbang({ on: store, at: later(35) })
    const stepsOf = async (where: object) =>
      (await store.db.requestEvent.findMany({ where: { request: where } })).map((event) => event.step)
    await expect.poll(() => store.db.offer.count(), { timeout: 15_000 }).toBeGreaterThan(before + 1)
    await expect.poll(() => stepsOf({ number }), { timeout: 15_000 }).toContain('unanswered')
    await expect.poll(() => stepsOf({ status: 'intake' }), { timeout: 15_000 }).toContain('nudged')
    await expect.poll(() => stepsOf({ status: 'triage' }), { timeout: 15_000 }).toContain('climbed')
    await expect.poll(() => stepsOf({ urgency: 'crisis' }), { timeout: 15_000 }).toContain('climbed')
    expect(await linbang.orphans()).toBe(0)
  } finally {
    await linbang?.stop()
    await store.drop()
  }
}, 60_000)

it('one account number on two bots is two people: nothing of one is told to the other', async () => {
  const store = await freshStore()
  try {
    const at = (account: string) =>
      transaction(store.db, (tx) => addressOf(tx, { channel: 'telegram', account, externalId: '51' }, mondayMorning))
    const [one, two] = [await at('100'), await at('200')]
    expect(one.personId).not.toBe(two.personId)
    expect((await at('100')).personId).toBe(one.personId)
  } finally {
    await store.drop()
  }
})

it('a resident’s phone, account and address leak to no colleague through any field, until one looks and leaves a row', async () => {
  const telegram = await startTelegram()
  const linbang = await startLinbang({
    env: { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot },
  })
  const account = 7_345_678_901
  const secrets = ['13812345678', '138 1234 5678', '35020619900101001X', 'wang@example.com', String(account)]
  try {
    const phone = telegram.phone(account)
    const worker = await linbang.worker('a3')
    await phone.says('我爸78岁刚出院没人照顾，电话13812345678，身份证35020619900101001X')
    await phone.sees('可以记下吗')
    await phone.says('可以')
    await phone.sees('哪个社区')
    await phone.says('没有名字的地方13812345678')
    if ((await phone.sees(/对吗|知道您在帮忙/)).text.includes('知道')) await phone.says('知道')
    await phone.says('对')
    await phone.sees('编号')
    await phone.says('补充一下，邮箱 wang@example.com')
    await phone.sees('已经补充')
    await phone.says('我要找真人，打 138 1234 5678')
    await worker.sees('求助')
    await worker.taps('接')
    await worker.sees('由您负责')
    await phone.sees('已经接下')
    telegram.inject({
      message: {
        message_id: 9,
        date: 1,
        chat: { id: account, type: 'private' },
        from: { id: account, username: 'wang_example' },
        photo: [{ file_id: 'p' }],
        caption: '加我 138 1234 5678',
      },
    })
    await phone.says('一三八一二三四五六七八')
    await worker.sees(/居民\d+：图片/)
    await worker.sees(/号码已隐去/)
    const { number } = await linbang.db.helpRequest.findFirstOrThrow()
    await worker.says('我的')
    await worker.sees(String(number))
    const rows = await linbang.db.outboundMessage.findMany({ where: { person: { staff: { isNot: null } } } })
    expect(rows.length).toBeGreaterThan(5)
    const read = rows.map((row) => JSON.stringify(seal.open(row.bodySealed))).join('\n')
    for (const secret of [...secrets, '一三八一二三四', 'wang_example']) expect(read).not.toContain(secret)
    expect(await linbang.db.accessLog.count()).toBe(0)
    await worker.says(`电话 ${number}`)
    await worker.sees('13812345678')
    expect(await linbang.db.accessLog.count()).toBe(1)
    for (const never of ['forwardMessage', 'copyMessage', 'forwardMessages']) expect(telegram.calls(never)).toEqual([])
  } finally {
    await linbang.stop()
    await telegram.stop()
  }
})
