import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workingCalendar } from '../../src/store/calendar.ts'
import { transaction } from '../../src/store/db.ts'
import { readDistrict, writeDistrict } from '../../src/store/district.ts'
import { districtFreshMs, type Linbang, root, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits } from '../harness/story.ts'

/** A Friday, ten minutes before one of the agencies closes; its neighbour works on Saturdays, the district does neither. */
describe('an agency with hours of its own', () => {
  let linbang: Linbang
  const shipped = readFileSync(`${root}/prisma/seed/huli.yaml`, 'utf8')
  const five = '{ code: a5, name: 示例五社工服务中心 }'
  const three = '{ code: a3, name: 示例三社工服务中心 }'

  /** The shipped district with these lines of its agencies changed. */
  async function keeps(own: { a3: string; a5: string }): Promise<void> {
    const read = readDistrict(
      shipped.replace(three, three.replace(' }', `, ${own.a3} }`)).replace(five, five.replace(' }', `, ${own.a5} }`)),
    )
    if ('problems' in read) throw new Error(JSON.stringify(read.problems))
    await transaction(linbang.db, (tx) => writeDistrict(tx, read.district))
    await sleep(2 * districtFreshMs)
  }
  /** How many spans an agency keeps, and what the Monday is to it. */
  async function kept(code: 'a3' | 'a5') {
    const { id } = await linbang.db.agency.findUniqueOrThrow({ where: { code } })
    const own = (await workingCalendar(linbang.db, 'Asia/Shanghai')).agencies?.get(id)
    return own && { spans: own.own?.length, monday: own.days.get('2026-11-23') }
  }

  const receiptOf = (phone: Phone) => phone.screen().find((m) => m.text.includes('有人回复您'))?.text

  beforeAll(async () => {
    linbang = await startLinbang({ at: new Date('2026-11-20T16:50:00+08:00') })
    await keeps({
      a3: 'hours: [{ from: "09:00", to: "17:00", validFrom: 2026-01-01 }, { from: "09:00", to: "17:00", validFrom: 2026-01-01, weekdays: [6] }]',
      a5: 'hours: [{ from: "08:30", to: "12:00", validFrom: 2026-01-01 }, { from: "14:30", to: "17:00", validFrom: 2026-01-01 }], days: [{ date: 2026-11-23, kind: holiday, name: 示例学习日 }]',
    })
  })
  afterAll(() => linbang.stop())

  it('is held to them by what it has taken, and by the district’s until somebody has', async () => {
    const saturdays = await linbang.worker('a3')
    const closesAtFive = await linbang.worker('a5')
    const one = await linbang.resident()
    const other = await linbang.resident()
    const elder = await submits(one, '我今年78岁，想找人每天送饭，住康乐')
    const migrant = await submits(other, '厂里拖欠工资，我从四川来，想找律师，住金尚')
    // Nobody answers for it yet: 390 and 240 minutes of the district's time, over its midday and its weekend.
    expect(receiptOf(one)).toMatch(/周一下午4点5\d分/)
    expect(receiptOf(other)).toMatch(/周一上午11点5\d分/)

    await saturdays.taps('接')
    await closesAtFive.taps('接')
    // 780 minutes: ten on Friday, eight hours on Saturday, the rest on Monday without a midday gap.
    expect((await saturdays.sees(`求助${elder}由您负责`)).text).toMatch(/11月23日周一下午1点5\d分/)
    // 390 minutes: ten on Friday until five, not a minute of the Monday they keep free, six hours on Tuesday.
    expect((await closesAtFive.sees(`求助${migrant}由您负责`)).text).toMatch(/11月25日周三上午8点5\d分/)

    // Reminded by the same hours: on Monday at five past two, when the district is at its midday rest; nobody before.
    linbang.clock.forward({ days: 2, hours: 21, minutes: 15 })
    await saturdays.sees(`求助${elder}接下后还没有和居民说话`)
    linbang.clock.forward({ hours: 3 })
    await closesAtFive.seesNothingLike('还没有和居民说话')
    expect(await linbang.orphans()).toBe(0)
  })

  it('has the district’s again when its list is empty; a file that does not speak of it leaves what there is', async () => {
    expect([await kept('a3'), await kept('a5')]).toEqual([{ spans: 2 }, { spans: 2, monday: 'holiday' }])
    await keeps({ a3: 'phone: "0592-0000000"', a5: 'days: []' })
    expect([await kept('a3'), await kept('a5')]).toEqual([{ spans: 2 }, { spans: 2 }])
    await keeps({ a3: 'hours: []', a5: 'hours: []' })
    expect([await kept('a3'), await kept('a5')]).toEqual([undefined, undefined])
  })
})
