import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits, works } from '../harness/story.ts'

describe('the end of a shift', () => {
  let linbang: Linbang
  let day: Phone
  let evening: Phone
  let lead: Phone

  beforeEach(async () => {
    // A quarter past five on a Monday: the day shift ends at half past, the evening shift begins at six.
    linbang = await startLinbang({ at: new Date('2026-11-23T16:40:00+08:00'), watchEveryMs: 200 })
    for (const { code } of await linbang.db.staff.findMany({ where: { agency: { code: 'a3' } } })) {
      await works(linbang.db, code, [])
    }
    await works(linbang.db, 'a3-sw-01', [{ from: 8, to: 17 }])
    await works(linbang.db, 'a3-sw-02', [{ from: 18, to: 8 }])
    day = await linbang.worker('a3')
    evening = await linbang.colleague('a3-sw-02')
    lead = await linbang.colleague('a3-lead')
  })
  afterEach(() => linbang.stop())

  it('hands over what is urgent only by acceptance: until then it stays where it was and the lead knows', async () => {
    const resident = await linbang.resident()
    const number = await submits(resident)
    await day.sees(`求助${number}`)
    await day.taps('接')
    await resident.sees('已经接下')
    linbang.clock.forward({ minutes: 21 })

    // 17:01: the day shift is over, nobody is on until six.
    const digest = await day.sees('您下班了')
    expect(digest.text).toContain(String(number))
    expect(digest.text).toContain('有人接之前仍由您负责')
    expect((await lead.sees('要交接')).text).toContain(String(number))
    await resident.sees('在找')
    let row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { owner: true } })
    expect(row.owner.code).toBe('a3-sw-01')
    expect(await linbang.orphans()).toBe(0)

    // 18:01: the evening shift is asked at once and accepts.
    linbang.clock.forward({ minutes: 60 })
    await evening.sees(`求助${number}`)
    await evening.taps('接')
    await resident.sees('示例社工丙02')
    await day.sees('示例社工丙02已接下')
    row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { owner: true } })
    expect(row.owner.code).toBe('a3-sw-02')
  })

  it('keeps with the worker what can wait, tells it once, and a lunch break is no end of a shift', async () => {
    const resident = await linbang.resident()
    const number = await submits(resident, '我80岁了一个人住,想请人每周来打扫一次卫生,住金尚社区')
    await day.sees(`求助${number}`)
    await day.taps('接')
    await resident.sees('已经接下')
    linbang.clock.forward({ minutes: 25 })
    await day.sees('您下班了')
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(row.status).toBe('active')
    await day.seesNothingLike('您下班了')
    await lead.seesNothingLike('要交接')
  })

  it('whoever comes on is asked for everything that waits', async () => {
    // The lead of the agency has gone home too: urgent pleas wait with the coordinator told.
    linbang.clock.forward({ minutes: 30 })
    const first = await linbang.resident()
    const second = await linbang.resident()
    const one = await submits(first)
    const two = await submits(second)
    await lead.sees(`求助${one}`)
    await lead.sees(`求助${two}`)
    linbang.clock.forward({ minutes: 12 })
    await expect
      .poll(() => linbang.db.helpRequest.count({ where: { status: { in: ['queued', 'offered'] } } }), {
        timeout: 10_000,
      })
      .toBe(2)
    linbang.clock.forward({ minutes: 40 })
    // Their deadlines come at the same minute as the shift: either may be the first to be offered.
    const cards = [await evening.sees(/求助100[12]/), await evening.sees(/求助100[12]/)].map((card) => card.text)
    for (const number of [one, two]) expect(cards.some((text) => text.includes(`求助${number}`))).toBe(true)
  })

  it('a second plea of the same household goes first to who knows it', async () => {
    await works(linbang.db, 'a3-sw-02', [{ from: 8, to: 20, tier: 'backup' }])
    const resident = await linbang.resident()
    const number = await submits(resident)
    await day.sees(`求助${number}`)
    await day.taps('不接')
    await day.sees('为什么不接')
    await day.taps('手上忙不开')
    await evening.sees(`求助${number}`)
    await evening.taps('接')
    await evening.sees('由您负责')
    await evening.says('记录 探访 30')
    await evening.sees('已记服务')
    await evening.says(`办结 ${number}`)
    await evening.sees('怎么办好的')
    await evening.taps('已解决')
    await resident.sees('解决了吗')
    await resident.taps('解决了')
    await resident.sees('满意吗')
    await resident.taps('满意')
    const again = await submits(resident, '我妈今晚又没人照顾了,住金尚社区')
    const card = await evening.sees(`求助${again}`)
    expect(card.text).toContain('以前服务过这一户')
    await day.seesNothingLike(`求助${again}`)
  })
})
