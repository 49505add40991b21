import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Linbang } from '../harness/linbang.ts'
import { type OfficialAccount, startOfficialAccount } from '../harness/official-account.ts'
import type { Phone } from '../harness/phone.ts'
import type { WechatPhone } from '../harness/wechat.ts'

/** Notices to those who follow the 服务号, where figures are the only buttons and silence closes the door. */
describe('a notice over the 服务号', () => {
  let account: OfficialAccount
  let linbang: Linbang
  let author: Phone
  let second: Phone
  beforeAll(async () => {
    account = await startOfficialAccount()
    ;({ linbang } = account)
    author = await linbang.coordinator()
    second = await linbang.colleague('c-02')
  })
  afterAll(async () => {
    expect(await linbang.orphans()).toBe(0)
    await account.stop()
  })

  async function livingIn(openid: string, community: string): Promise<WechatPhone> {
    const phone = account.phone(openid)
    await phone.says(`社区：${community}`)
    await phone.sees(`以后按${community}给您发通知`)
    return phone
  }
  async function sends(community: string, kind: string, text: string): Promise<number> {
    await author.says('通知')
    await author.sees('请写通知正文')
    await author.says(text)
    await author.sees('这是哪一种')
    await author.taps(kind)
    await author.sees('发给谁')
    await author.says(community)
    await author.sees('预览')
    await author.taps('请另一位核对')
    await second.sees('您同意发吗')
    await second.taps('同意发')
    await second.sees('开始发')
    return (await linbang.db.broadcast.findFirstOrThrow({ orderBy: { id: 'desc' } })).id
  }

  it('who has been silent for 48 hours (28) is on the list for the door before it is sent, and is not tried', async () => {
    await livingIn('n28silent', '后埔社区')
    linbang.clock.forward({ hours: 49 })
    const there = await livingIn('n28', '后埔社区')
    const asked = account.wechat.calls('message/custom/send').length
    const id = await sends('后埔社区', '一般通知', '后埔社区居民：台风要来，请收好花盆。有事打0592-5550000。')
    expect(author.screen().some(({ text }) => text.includes('收不到的1人：微信过了48小时不让发1人'))).toBe(true)
    await there.sees('台风要来')
    await author.sees('没发：微信过了48小时不让发1人')
    expect(
      account
        .phone('n28silent')
        .screen()
        .some(({ text }) => text.includes('台风')),
    ).toBe(false)
    expect(account.wechat.calls('message/custom/send')).toHaveLength(asked + 1)
    await author.says(`未达 ${id}`)
    await author.sees('名单下载')
    // Put right: whoever was told is told again, within the same replies.
    await author.says(`更正通知 ${id} 后埔社区居民：台风明晚才到，请收好花盆。有事打0592-5550000。`)
    await author.sees('预览')
    await author.taps('请另一位核对')
    await second.sees('更正')
    await second.taps('同意发')
    expect((await there.sees('【更正】')).text).toContain('明晚才到')
  })

  it('“1” to a notice with a question open, whose 1 means yes (38): which is meant is asked, and neither is lost', async () => {
    const asking = await livingIn('n38', '康乐社区')
    await asking.says('我妈82岁刚出院，家里没人照顾')
    expect((await asking.sees('可以记下吗')).text).toMatch(/^1 可以$/m)
    const id = await sends('康乐社区', '活动，可以报名', '康乐社区居民：周日上午9点义诊，回复1报名。有事打人工。')
    await asking.sees('【活动】')
    await asking.says('1')
    await asking.sees('是哪个意思')
    const signedUp = () =>
      linbang.db.broadcastRecipient.count({ where: { broadcastId: id, signedUpAt: { not: null } } })
    expect([await signedUp(), await linbang.db.consent.count()]).toEqual([0, 0])
    await asking.taps('报名.*')
    await asking.sees('给您报上名了')
    expect(await signedUp()).toBe(1)
    await asking.says('可以')
    await asking.sees(/社区|怎么找您/)
    expect(await linbang.db.consent.count({ where: { given: true } })).toBe(1)
  })

  it('“把我的记录都删掉” while people look after a child in danger (29): a person answers, and that stays open', async () => {
    const girl = account.phone('n29')
    await girl.says('继父天天打我，我11岁')
    await girl.sees('不是你的错')
    await girl.says('把我的记录都删掉')
    await expect
      .poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 15_000 })
      .toBe(0)
    const request = await linbang.db.helpRequest.findFirstOrThrow({
      where: { requester: { addresses: { some: { externalId: 'n29' } } } },
    })
    expect([request.urgency, request.status]).toEqual(['crisis', 'offered'])
    expect(JSON.stringify(linbang.seal.open(request.detailsSealed))).toContain('记录都删掉')
    expect(girl.screen().some(({ text }) => /已经删除|删好了/.test(text))).toBe(false)
  })

  it('“我爸去世了，别再发通知了” (29): no notice any more, at once', async () => {
    const son = await livingIn('n29b', '吕岭社区')
    await sends('吕岭社区', '一般通知', '吕岭社区居民：明天上午9点停水，请接好水。有事打0592-5550000。')
    await son.sees('停水')
    await son.says('我爸去世了，别再发通知了')
    await son.sees('以后不再给您发通知')
    expect(await linbang.db.noticeOptOut.count()).toBeGreaterThan(0)
  })
})
