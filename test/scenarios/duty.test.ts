import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onDuty } from '../../src/domain/duty.ts'
import { workingCalendar } from '../../src/store/calendar.ts'
import { dutyFacts } from '../../src/store/staff.ts'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits, works } from '../harness/story.ts'

describe('duty in chat', () => {
  let linbang: Linbang
  let one: Phone
  let other: Phone
  let lead: Phone
  const names = { one: '示例社工丙01', other: '示例社工丙02' }

  /** Names of an agency's frontline on duty at a moment, by the rota as it stands. */
  async function onDutyAt(iso: string): Promise<string[]> {
    const now = new Date(`${iso}+08:00`)
    const facts = await dutyFacts(linbang.db, now, 'Asia/Shanghai')
    const calendar = await workingCalendar(linbang.db, 'Asia/Shanghai')
    const there = new Set(onDuty(facts, calendar, now).map((d) => d.staffId))
    return facts.directory.filter((s) => there.has(s.id) && s.code.startsWith('a3-sw')).map((s) => s.name)
  }

  beforeAll(async () => {
    linbang = await startLinbang()
    for (const { code } of await linbang.db.staff.findMany({ where: { agency: { code: 'a3' } } })) {
      await works(linbang.db, code, [])
    }
    await works(linbang.db, 'a3-sw-01', [
      { from: 8, to: 12 },
      { from: 14, to: 18 },
    ])
    await works(linbang.db, 'a3-sw-02', [{ from: 18, to: 8 }])
    one = await linbang.worker('a3')
    other = await linbang.colleague('a3-sw-02')
    lead = await linbang.colleague('a3-lead')
  })
  afterAll(() => linbang.stop())

  it('我的班 shows the coming week, 值班 who is on now and why', async () => {
    await one.says('我的班')
    const mine = await one.sees('您七天内的班')
    expect(mine.text).toContain('今天下午2点到18点')
    expect(mine.text).toContain('明天上午8点到12点')
    await other.says('我的班')
    expect((await other.sees('您七天内的班')).text).toContain('今天晚上6点到明天上午8点')
    await one.says('值班')
    expect((await one.sees('现在值班')).text).toContain(`${names.one} 值班 8:00–12:00`)
  })

  it('a swap that was only asked for changes nothing; accepted it changes every minute of it, and both and the lead know', async () => {
    await one.says('换班 周六 a3-sw-02')
    await one.sees('对方同意之前')
    const asked = await other.sees('想请您替班')
    expect(asked.text).toContain('11月28日周六上午8点到18点')
    expect(await onDutyAt('2026-11-28T09:00:00')).toEqual([names.one])
    await other.taps('同意')
    for (const phone of [one, other, lead]) await phone.sees('换班成了')
    expect(await onDutyAt('2026-11-28T07:59:00')).toEqual([names.other])
    expect(await onDutyAt('2026-11-28T08:00:00')).toEqual([names.other])
    expect(await onDutyAt('2026-11-28T17:59:00')).toEqual([names.other])
    expect(await onDutyAt('2026-11-29T09:00:00')).toEqual([names.one])

    // The old button, and the same shift given away a second time, change nothing.
    expect(await other.tapsToken(asked.choices[1]?.token ?? '')).toBe(202)
    await other.sees('没有改动')
    await one.says('换班 周六 a3-sw-02')
    await one.sees('没有您的班')
  })

  it('the one who stands in can undo it too, and everybody hears', async () => {
    await other.taps('撤销换班')
    for (const phone of [one, other, lead]) await phone.sees('换班已撤销')
    expect(await onDutyAt('2026-11-28T09:00:00')).toEqual([names.one])
  })

  it('two swaps of one shift accepted at the same moment: one holds, the other is told', async () => {
    const third = await linbang.colleague('a3-sw-03')
    await one.says('换班 11-29 a3-sw-02')
    await one.says('换班 11-29 a3-sw-03')
    await other.sees('想请您替班')
    await third.sees('想请您替班')
    await Promise.all([other.taps('同意'), third.taps('同意')])
    await Promise.race([other.sees('没有改动'), third.sees('没有改动')])
    const accepted = await linbang.db.swap.count({ where: { status: 'accepted' } })
    expect(accepted).toBe(1)
  })

  it('a colleague of another agency, or one on leave, cannot stand in; a worker cannot plan for others, the lead can', async () => {
    await one.says('换班 12-1 a1-sw-01')
    await one.sees('不是同一家机构')
    await other.says('请假 12-1到12-2')
    await other.sees('假已记下')
    expect((await lead.sees('请假：')).text).toContain('12月1日周二到12月2日周三全天')
    await one.says('换班 12-1 a3-sw-02')
    await one.sees('那时请了假')
    await one.says('代换班 12-3 a3-sw-02 a3-sw-01')
    await one.sees('没有操作')
    await lead.says('代换班 12-3 a3-sw-01 a3-sw-02')
    for (const phone of [one, other, lead]) await phone.sees('安排换班')
    expect(await onDutyAt('2026-12-03T09:00:00')).toEqual([names.other])
    await other.says('销假')
    await other.sees('已销假')
  })

  it('顶班 takes the place this minute: the next plea goes to who stands in', async () => {
    await other.says('顶班 a3-sw-01')
    for (const phone of [one, other, lead]) await phone.sees('现在起顶班')
    // Dispatch reads the rota anew within half a second.
    const resident = await linbang.resident()
    const number = await submits(resident)
    const card = await other.sees(`求助${number}`)
    expect(card.text).toContain('替班')
    await one.seesNothingLike(`求助${number}`)
  })

  it('leave that leaves nobody is told to the lead with the hole it makes', async () => {
    await other.says('请假 12-5')
    await other.sees('假已记下')
    const told = await lead.sees('请假后有空班')
    expect(told.text).toContain('12月5日周六')
  })

  it('what cannot be understood, is past or names nobody gets a clear answer', async () => {
    await one.says('换班')
    await one.sees('换班请打')
    await one.says('换班 2-30 a3-sw-02')
    await one.sees('换班请打')
    await one.says('换班 12-8 没有这个人')
    await one.sees('没有工号或姓名是')
    await one.says('请假 昨天')
    await one.sees('请假请打')
    await one.says('请假 今天 1:00-2:00')
    await one.sees('已经过了')
    await one.says('顶班 a3-sw-03')
    await one.sees('没有示例社工丙03的班')
  })
})
