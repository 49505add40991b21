import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Linbang } from '../harness/linbang.ts'
import { noticeTemplate, type OfficialAccount, startOfficialAccount } from '../harness/official-account.ts'
import type { Phone } from '../harness/phone.ts'
import { submits as tells } from '../harness/story.ts'
import type { FakeWechat, WechatPhone } from '../harness/wechat.ts'

const plea = '我妈80岁刚出院,今晚没人照顾,住金尚社区'

describe('over a 服务号', () => {
  let account: OfficialAccount
  let linbang: Linbang
  let wechat: FakeWechat
  let worker: Phone
  let alice: WechatPhone

  beforeEach(async () => {
    account = await startOfficialAccount()
    ;({ linbang, wechat } = account)
    alice = account.phone('oALICE')
    worker = await linbang.worker('a3')
  })
  afterEach(async () => {
    expect(await linbang.orphans()).toBe(0)
    await account.stop()
  })

  /** Everything the resident says is brought three times, as when our answers were lost. */
  const thrice = async (said: Promise<unknown>) => {
    await said
    await alice.again()
    await alice.again()
  }
  const submits = (words: string) =>
    tells(
      {
        says: (text) => thrice(alice.says(text)),
        taps: (label) => thrice(alice.taps(label)),
        sees: alice.sees,
      },
      words,
    )
  async function accepted(words = plea): Promise<number> {
    const number = await submits(words)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    await alice.sees('已经接下')
    return number
  }
  const request = (number: number) => linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
  const steps = async (number: number) => {
    const { id } = await request(number)
    const rows = await linbang.db.requestEvent.findMany({ where: { requestId: id }, orderBy: { id: 'asc' } })
    return rows.map((row) => row.step)
  }

  it('a call brought three times and a choice tapped twice are one request, and each answer is one message', async () => {
    const number = await accepted()
    expect(await linbang.db.helpRequest.count()).toBe(1)
    const heard = await linbang.db.inboundMessage.count({ where: { address: { channel: 'wechat' } } })
    // One answer to each thing that was said, and the word that somebody has it.
    expect(alice.screen().length).toBeLessThanOrEqual(heard + 1)
    await Promise.all([alice.taps('对'), alice.taps('对')])
    await expect
      .poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 10_000 })
      .toBe(0)
    expect(await linbang.db.helpRequest.count()).toBe(1)
    expect((await request(number)).status).toBe('active')
  })

  it('words at hour 49 are 未送达: a phone task with a time, and they arrive when the resident writes again', async () => {
    const number = await accepted()
    await worker.says('您好,我在路上')
    await alice.sees('我在路上')
    linbang.clock.forward({ hours: 49 })
    const asked = wechat.calls('message/custom/send').length
    await worker.says('我明天上午到')
    const told = await worker.sees('未送达')
    expect(told.text).toContain(`居民${number}`)
    expect(told.text).toMatch(/请在.*点.*前打电话或上门/)
    expect(wechat.calls('message/custom/send')).toHaveLength(asked) // not even tried
    expect(wechat.calls('message/subscribe/bizsend')).toEqual([]) // nobody agreed to it
    expect(await steps(number)).toContain('not_reached')
    expect(await request(number)).toMatchObject({ status: 'active', deadlineKind: 'first_contact' })
    await alice.says('在吗')
    await alice.sees('我明天上午到')
  })

  it('who has agreed to be told is asked to write, in words that tell a bystander nothing, and then reads what waited', async () => {
    const number = await accepted()
    await alice.agrees(noticeTemplate)
    linbang.clock.forward({ hours: 49 })
    await worker.says('我明天上午到')
    const told = await worker.sees('还没送到')
    expect(told.text).toContain(`居民${number}`)
    expect(alice.notices()).toEqual(['您有一条新消息 回复任意字查看'])
    expect(await steps(number)).not.toContain('not_reached')
    await alice.says('嗯')
    await alice.sees('我明天上午到')
    // Agreed once is told once: after another silence it is a call again, and nothing is lost without a word.
    linbang.clock.forward({ hours: 49 })
    await worker.says('药我带来了')
    await worker.sees('未送达')
    expect(await steps(number)).toContain('not_reached')
    expect(alice.notices()).toHaveLength(1)
  })

  it('who is asked to write and does not within two hours is phoned or visited after all', async () => {
    const number = await accepted()
    await alice.agrees(noticeTemplate)
    linbang.clock.forward({ hours: 49 })
    await worker.says('我明天上午到')
    await worker.sees('还没送到')
    linbang.clock.forward({ hours: 2 })
    expect((await worker.sees('未送达')).text).toMatch(/前打电话或上门/)
    expect(await steps(number)).toContain('not_reached')
  })

  it('a deaf resident is never phoned instead: a text message or a visit', async () => {
    const number = await submits('我妈80岁刚出院,今晚没人照顾,住金尚社区。只能打字,别打电话')
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    linbang.clock.forward({ hours: 49 })
    await worker.says('我明天上午到')
    const told = await worker.sees('未送达')
    expect(told.text).toContain('不要打电话')
    expect(told.text).toMatch(/发短信或上门/)
    expect(told.text).not.toMatch(/前打电话|看号码/)
  })

  it('the question whether it is solved, after the window has closed, is a call instead of silence', async () => {
    const number = await accepted()
    linbang.clock.forward({ hours: 49 })
    await worker.says(`办结 ${number}`)
    await worker.sees('怎么办好的')
    await worker.taps('已解决')
    const told = await worker.sees('未送达')
    expect(told.text).toContain(`居民${number}`)
    expect(await request(number)).toMatchObject({ status: 'resolved', deadlineKind: 'feedback' })
    const [question] = await linbang.db.outboundMessage.findMany({ where: { failure: 'window-closed' } })
    expect(question).toMatchObject({ status: 'failed', choicesOpen: false })
  })

  it('says its five and no sixth: who wrote it is told, and what was said too much arrives with the next answer', async () => {
    await accepted() // the receipt was the first answer to the last word, this the second
    for (const words of ['第三句', '第四句', '第五句']) {
      await worker.says(words)
      await alice.sees(words)
    }
    await worker.says('第六句')
    await worker.sees('未送达')
    expect(alice.screen().some(({ text }) => text.includes('第六句'))).toBe(false)
    await alice.says('好的')
    await alice.sees('第六句')
  })

  it('what was written hours ago and comes late is not dropped, and stands under its own time', async () => {
    const threeHoursAgo = new Date(linbang.clock.now().getTime() - 3 * 3_600_000)
    await alice.says('救命,我想死,药都准备好了', threeHoursAgo)
    await alice.sees(/110|120|12356/)
    await alice.again()
    const [row, ...more] = await linbang.db.inboundMessage.findMany({ where: { address: { channel: 'wechat' } } })
    expect(more).toEqual([])
    expect(Math.abs((row?.sentAt?.getTime() ?? 0) - threeHoursAgo.getTime())).toBeLessThan(2_000)
    expect(await linbang.db.helpRequest.count({ where: { urgency: 'crisis' } })).toBe(1)
  })
})
