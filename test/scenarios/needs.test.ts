import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits } from '../harness/story.ts'

/** A father with cancer: nursing, counselling and errands at once, under one lead worker. */
describe('one request with several needs', () => {
  let linbang: Linbang
  let resident: Phone
  let lead: Phone
  let number: number
  beforeEach(async () => {
    linbang = await startLinbang()
    resident = await linbang.resident()
    lead = await linbang.worker('a3')
    number = await submits(resident)
    await lead.sees(`求助${number}`)
    await lead.taps('接')
    await lead.sees('由您负责')
    await linbang.db.helpRequest.update({
      where: { number },
      data: { needs: ['nursing', 'counselling', 'companionship'], programmes: ['elder'] },
    })
  })
  afterEach(() => linbang.stop())

  const row = () =>
    linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { assignee: true, owner: true } })

  it('has one lead and a line for each need: the nurse sees to hers, and the lead stays accountable', async () => {
    const nurse = await linbang.colleague('a3-n-01')
    await lead.says(`分工 ${number}`)
    expect((await lead.sees('的分工')).text).toContain('护理：示例社工丙01（总负责）')
    await lead.taps('护理')
    await lead.sees('请谁来')
    await lead.taps('示例护理丙01（护理）')
    await lead.sees('回话之前还是您办')
    // Asked is not given: nothing can be done on it yet.
    await nurse.sees('想请您办')
    await nurse.says(`备注 ${number} 想看看`)
    await nurse.sees('不归您办')
    await nurse.taps('可以')
    await nurse.sees('由您办')
    await lead.sees('示例护理丙01接下了')
    await nurse.says('您好，我明天上午来换药')
    await resident.sees('您好，我明天上午来换药')
    // The answer reaches who wrote, and the lead reads along; once the lead speaks, it is the lead who is answered.
    await resident.says('好的，要准备热水吗')
    expect((await nurse.sees('要准备热水吗')).text).toContain(`居民${number}：`)
    await lead.sees(`居民${number}（回示例护理丙01的话）：好的，要准备热水吗`)
    await lead.says('我周五来看您')
    await resident.sees('我周五来看您')
    await resident.says('周五我在家')
    await lead.sees(`居民${number}：周五我在家`)
    await nurse.seesNothingLike('周五我在家')
    await nurse.says(`记录 ${number} 探访 40`)
    await nurse.sees('服务的是哪一项')
    await nurse.taps('护理')
    await nurse.sees('已记服务')
    // A need is not the request: closing and handing on stay with the lead.
    await nurse.says(`办结 ${number}`)
    await nurse.sees('不归您办')
    await nurse.says('我的')
    await nurse.sees('分给您的')
    expect((await row()).assignee?.code).toBe('a3-sw-01')
    await nurse.taps('做好了')
    await lead.sees('做好了')
    // Done, the need is the lead's again, and with it every answer.
    await resident.says('谢谢护士，药换好了')
    await lead.sees(`居民${number}：谢谢护士，药换好了`)
    await nurse.seesNothingLike('药换好了')
    const service = await linbang.db.service.findFirstOrThrow({ include: { staff: true } })
    expect([service.staff.code, service.need]).toEqual(['a3-n-01', 'nursing'])
  })

  it('a volunteer sees a task, a time and a name, and nothing else however they ask', async () => {
    const volunteer = await linbang.colleague('a3-v-01')
    await lead.says(`分工 ${number} 陪伴 a3-v-01`)
    await lead.sees('请写三样')
    await lead.says('陪聊天')
    await lead.sees('没看懂')
    await lead.says('陪去买菜，周六上午，陈阿姨')
    await lead.sees('已问示例志愿者丙01')
    await resident.seesNothingLike('陪去买菜')
    const card = await volunteer.sees('想请您帮忙')
    expect(card.text).toBe(
      '示例社工丙01想请您帮忙：陪去买菜\n时间：周六上午\n称呼：陈阿姨\n请在今天上午9点40分前回复'.replace(
        /请在.*前回复/,
        /请在.*前回复/.exec(card.text)?.[0] ?? '',
      ),
    )
    await volunteer.taps('可以')
    await volunteer.sees('谢谢您')
    await lead.sees('示例志愿者丙01接下了')
    for (const asked of ['那位阿姨得的什么病', `电话 ${number}`, `查看 ${number}`, `接 ${number}`, '清单', '我的班']) {
      await volunteer.says(asked)
      expect((await volunteer.sees('这里看不到')).text).not.toMatch(/80岁|出院|金尚|13\d{9}/)
    }
    await lead.sees('志愿者示例志愿者丙01')
    await resident.seesNothingLike('什么病')
    const seen = volunteer.screen().map((m) => m.text)
    expect(seen.filter((text) => /80岁|出院|金尚|我妈/.test(text))).toEqual([])
    await volunteer.says('我的')
    await volunteer.sees('周六上午 陪去买菜，称呼陈阿姨')

    // When the lead has closed it nobody goes there for nothing, and an old button does nothing.
    await lead.says(`办结 ${number}`)
    await lead.taps('已解决')
    await volunteer.sees('不用去了')
    await volunteer.taps('做好了')
    await volunteer.sees('已经不用您办了')
  })

  it('no answer or a no leaves the need with the lead, who hears it', async () => {
    const nurse = await linbang.colleague('a3-n-01')
    const volunteer = await linbang.colleague('a3-v-01')
    await lead.says(`分工 ${number} 陪伴 a3-v-01 陪去买菜，周六上午，陈阿姨`)
    await volunteer.sees('想请您帮忙')
    await volunteer.taps('不行')
    await lead.sees('示例志愿者丙01不能办')
    await lead.says(`分工 ${number} 护理 a3-n-01`)
    await nurse.sees('想请您办')
    await lead.says(`分工 ${number} 护理 a3-n-01`)
    // Asked twice is asked once.
    await expect
      .poll(() => linbang.db.needLine.count({ where: { need: 'nursing', status: 'asked' } }), { timeout: 5000 })
      .toBe(1)
    await lead.says(`分工 ${number} 护理 a4-n-01`)
    await lead.sees('不是同一家机构')
    await nurse.says(`分工 ${number} 护理 a3-v-01`)
    await nurse.sees('不归您办')
    expect(await linbang.orphans()).toBe(0)
  })
})
