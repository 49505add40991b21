import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { districtFreshMs, type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { works } from '../harness/story.ts'

describe('what will go wrong', () => {
  let linbang: Linbang
  let coordinator: Phone
  const screens = (phone: Phone, text: string) => phone.screen().filter((m) => m.text.includes(text)).length

  beforeEach(async () => {
    linbang = await startLinbang({ at: new Date('2026-11-23T09:30:00+08:00'), watchEveryMs: 200 })
    coordinator = await linbang.coordinator()
  })
  afterEach(() => linbang.stop())

  it('a year without holidays is told loudly, week after week, until it is there', async () => {
    await coordinator.sees('2027年的放假和调休还没有导入')
    await coordinator.seesNothingLike('2027年的放假和调休')
    linbang.clock.forward({ days: 7 })
    await coordinator.sees('2027年的放假和调休还没有导入')
    await linbang.db.calendarDay.create({ data: { date: new Date('2027-01-01'), kind: 'holiday', name: '元旦' } })
    await sleep(2 * districtFreshMs)
    linbang.clock.forward({ days: 7 })
    await coordinator.seesNothingLike('2027年的放假和调休')
  })

  it('a hole in the rota is told before it comes, to the lead and the coordinator, once', async () => {
    const lead = await linbang.colleague('a3-lead')
    for (const { code } of await linbang.db.staff.findMany({ where: { agency: { code: 'a3' } } })) {
      if (code !== 'a3-sw-01') await works(linbang.db, code, [])
    }
    // One person and nobody behind them: thin, all week.
    const thin = await coordinator.sees('只有一人')
    expect(thin.text).toContain('示例三社工服务中心 居家养老')
    await lead.sees('只有一人')
    const worker = await linbang.worker('a3')
    await worker.says('请假 11-26')
    await worker.sees('假已记下')
    const gap = await coordinator.sees('空班 示例三社工服务中心')
    expect(gap.text).toContain('11月26日周四全天')
    await lead.sees('空班 示例三社工服务中心')
    await coordinator.seesNothingLike('空班 示例三')
    expect(screens(coordinator, '空班 示例三')).toBe(1)
    // The week moves on; what was told stays told, what has passed is not told at all.
    linbang.clock.forward({ hours: 5 })
    await coordinator.seesNothingLike('空班 示例三')
  })

  it('a contract’s end is told at 60, 30 and 7 days, once each, to the coordinator and the agency’s lead', async () => {
    const lead = await linbang.colleague('a3-lead')
    await linbang.db.contract.updateMany({
      where: { agency: { code: 'a3' } },
      data: { endsOn: new Date('2027-01-20'), evaluatedOn: [new Date('2026-12-01')] },
    })
    expect((await coordinator.sees('合同快到期')).text).toContain('还剩58天')
    await coordinator.sees('2026-12-01评估')
    await lead.sees('合同快到期')
    linbang.clock.forward({ days: 10 })
    await coordinator.seesNothingLike('合同快到期')
    linbang.clock.forward({ days: 20 })
    expect((await coordinator.sees('合同快到期')).text).toContain('还剩28天')
    linbang.clock.forward({ days: 22 })
    expect((await coordinator.sees('合同快到期')).text).toContain('还剩6天')
    // An extension makes it a new end.
    await linbang.db.contract.updateMany({
      where: { agency: { code: 'a3' } },
      data: { extendedTo: new Date('2027-03-31') },
    })
    await coordinator.seesNothingLike('还剩5天')
  })
})
