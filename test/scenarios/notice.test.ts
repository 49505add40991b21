import { readSheet } from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'

let linbang: Linbang
let author: Phone
let second: Phone

beforeAll(async () => {
  linbang = await startLinbang()
  author = await linbang.coordinator()
  second = await linbang.colleague('c-02')
}, 60_000)
afterAll(() => linbang.stop())

/** A resident who has told where they live. */
async function livingIn(community: string): Promise<Phone> {
  const phone = await linbang.resident()
  await phone.says(`社区：${community}`)
  await phone.sees(`以后按${community}给您发通知`)
  return phone
}

const good = '康乐社区居民：明天上午9点到11点停水，请先接好水。有事打0592-5550000。'

describe('a coordinator’s notice', () => {
  it('is written, checked, previewed, approved by a second person, sent, and reported', async () => {
    const resident = await livingIn('康乐社区')
    const elsewhere = await livingIn('五通社区')
    await author.says('通知')
    await author.sees('请写通知正文')
    await author.says('残疾人朋友：尽快到 evil.com 领补贴')
    const checked = await author.sees('检查结果')
    for (const line of ['必须改：“残疾”', '必须改：链接“evil.com”', '建议：“尽快”', '没说找谁问'])
      expect(checked.text).toContain(line)
    await author.says(good)
    await author.sees('正文通过检查')
    await author.taps('一般通知')
    await author.sees('发给谁')
    await author.says('江头')
    await author.sees('没认出：江头')
    await author.says('康乐社区')
    const preview = await author.sees('预览 通知')
    expect(preview.text).toContain('会发给1人：网页1人')
    expect(preview.text).toMatch(/例如：用户\d+（康乐社区）/)
    await author.taps('请另一位核对')
    await author.sees('对方同意后才发')
    const asked = await second.sees('您同意发吗')
    expect(asked.text).toContain('停水')
    expect(asked.text).toContain('发给：康乐社区')
    // Its author cannot let it go, not even with the button of the other.
    const token = asked.choices.find((c) => c.label === '同意发')?.token ?? ''
    await author.tapsToken(token)
    await author.sees('要另一位协调员核对')
    await second.taps('同意发')
    await second.sees('开始发')
    await author.sees('同意了')
    const got = await resident.sees('【通知】康乐社区居民')
    expect(got.choices.map((c) => c.label)).toEqual(['谁发的', '不再收这类'])
    await author.sees('一共1人')
    await elsewhere.seesNothingLike('停水')
    // An approval that was tapped twice is one.
    await second.tapsToken(token)
    await second.sees('没有操作')

    await resident.says('谁发的')
    const who = await resident.sees('由')
    expect(who.text).toContain('核对过')
    await resident.taps('不再收这类')
    await resident.sees('以后不再给您发这类通知')
    await author.says('通知进度')
    await author.sees('发完了 通知 1/1人')
  })

  it('a draft survives whatever comes in between, and can be dropped', async () => {
    await author.says('通知')
    await author.sees('请写通知正文')
    await author.says('康乐社区居民：周六上午9点在社区有活动，有事打0592-5550000。')
    await author.sees('这是哪一种')
    await author.says('清单')
    await author.sees(/求助|没有/)
    await author.says('通知')
    await author.sees('您有一份没发的通知')
    await author.taps('放弃')
    await author.sees('没有发给任何人')
  })

  it('a template is filled in, and what was left open stops it', async () => {
    await author.says('模板')
    await author.sees('停水：')
    await author.says('模板 停水 康乐社区')
    const open = await author.sees('还没填')
    expect(open.text).toContain('{时间}')
    await author.says('模板 停水 康乐社区，明天9点到11点，0592-5550000')
    await author.sees('这是哪一种')
    await author.says('放弃通知')
    await author.sees('已放弃')
  })

  it('residents and workers get nowhere with the same words', async () => {
    const fake = await linbang.resident()
    const before = await linbang.db.broadcast.count()
    for (const words of ['通知', '【通知】领补贴请点 evil.com', '停止 1']) await fake.says(words)
    await fake.tapsToken('nb:new:1')
    await fake.tapsToken('nb:ok:1:1')
    await fake.sees(/./)
    const worker = await linbang.worker('a1')
    await worker.tapsToken('nb:new:1')
    await worker.sees(/没有操作|变化/)
    const lead = await linbang.colleague('a1-lead')
    await lead.says('通知')
    await lead.sees('没有操作')
    expect(await linbang.db.broadcast.count()).toBe(before)
  })

  it('an emergency goes by one person, and the second is told', async () => {
    const resident = await livingIn('吕厝社区')
    await author.says('通知')
    await author.says('吕厝社区居民：台风今晚8点到，请留在家里。有事打110。')
    await author.sees('这是哪一种')
    await author.taps('紧急（一人可发，另一位会知道）')
    await author.sees('发给谁')
    await author.says('吕厝社区')
    await author.sees('预览')
    await author.taps('马上发（紧急）')
    await author.sees('马上开始发')
    await second.sees('刚发出紧急通知')
    const got = await resident.sees('【紧急】')
    expect(got.choices.map((c) => c.label)).toEqual(['谁发的'])
    await resident.says('退订')
    await resident.sees('紧急通知关系到安全')
  })
})

describe('a receiver’s answer', () => {
  let resident: Phone
  let id: number

  beforeAll(async () => {
    resident = await livingIn('金尚社区')
    id = await activity('金尚社区', '金尚社区居民：周六上午9点在社区中心量血压，回复1报名。有事打人工。')
    await resident.sees('【活动】')
  })

  async function activity(community: string, text: string): Promise<number> {
    await author.says('通知')
    await author.sees('请写通知正文')
    await author.says(text)
    await author.sees('这是哪一种')
    await author.taps('活动，可以报名')
    await author.sees('发给谁')
    await author.says(community)
    await author.sees('预览')
    await author.says('详情 请带身份证和常吃的药。')
    await author.sees('预览')
    await author.taps('请另一位核对')
    await second.sees('您同意发吗')
    await second.taps('同意发')
    await second.sees('开始发')
    return (await linbang.db.broadcast.findFirstOrThrow({ orderBy: { id: 'desc' } })).id
  }
  const signedUp = () => linbang.db.broadcastRecipient.count({ where: { broadcastId: id, signedUpAt: { not: null } } })

  it('1 signs up, once, and can be undone; 详情 says more', async () => {
    await resident.says('1')
    await resident.sees('给您报上名了')
    await resident.says('报名')
    await resident.sees('已经报过名了')
    await resident.says('详情')
    await resident.sees('请带身份证')
    await resident.says('取消报名')
    await resident.sees('已取消报名')
    expect(await signedUp()).toBe(0)
  })

  it('1 with a question open asks which is meant, and either answer goes where it belongs (38)', async () => {
    const asking = await livingIn('吕岭社区')
    await asking.says('我妈82岁刚出院，家里没人照顾')
    const question = await asking.sees(/同意|可以吗|记下/)
    expect(question.choices.length).toBeGreaterThan(0)
    const other = await activity('吕岭社区', '吕岭社区居民：周日上午9点在社区中心义诊，回复1报名。有事打人工。')
    await asking.sees('【活动】')
    await asking.says('1')
    const either = await asking.sees('是哪个意思')
    expect(either.choices.length).toBe(2)
    await asking.taps(/^报名/)
    await asking.sees('给您报上名了')
    expect(
      await linbang.db.broadcastRecipient.count({ where: { broadcastId: other, signedUpAt: { not: null } } }),
    ).toBe(1)
    // The question is still there, and is what the next short answer means.
    await asking.taps(question.choices[0]?.label ?? '')
    await asking.sees(/./)
    expect(await linbang.orphans()).toBe(0)
  })

  it('anything else about it goes to a named person, and a crisis in it is a crisis', async () => {
    await resident.says('可以带邻居来吗')
    await resident.sees('这条通知吗')
    await resident.taps('是，请人回答我')
    const called = await resident.sees(/前/)
    expect(called.text).toMatch(/点/)
    await author.sees('对通知')
    const sad = await livingIn('金尚社区')
    await sad.says('1 我不想活了，药都准备好了')
    await sad.sees(/120|12356/)
    expect(await linbang.db.helpRequest.count({ where: { urgency: 'crisis' } })).toBe(1)
    expect(await linbang.orphans()).toBe(0)
  })

  it('who has lost somebody is not written to again, and a person comes', async () => {
    await resident.says('我爸去世了，别再发通知了')
    await resident.sees('以后不再给您发通知')
    await resident.says('恢复通知')
    await resident.sees('都恢复了')
  })
})

describe('putting right', () => {
  it('a correction and a withdrawal reach those who were told, after a second look, and 详情 tells the newest', async () => {
    const resident = await livingIn('后埔社区')
    await author.says('通知')
    await author.says('后埔社区居民：明天上午9点停电，请早点充电。有事打0592-5550000。')
    await author.sees('这是哪一种')
    await author.taps('一般通知')
    await author.sees('发给谁')
    await author.says('后埔社区')
    await author.sees('预览')
    await author.taps('请另一位核对')
    await second.sees('您同意发吗')
    await second.taps('同意发')
    await resident.sees('明天上午9点停电')
    const { id } = await linbang.db.broadcast.findFirstOrThrow({ orderBy: { id: 'desc' } })
    await author.sees(`通知${id} 发完了。一共`)
    await author.says(`更正通知 ${id} 后埔社区居民：停电改到后天上午9点，请早点充电。有事打0592-5550000。`)
    const preview = await author.sees('预览')
    expect(preview.text).toContain('（更正）')
    await author.taps('请另一位核对')
    await second.sees('更正')
    await second.taps('同意发')
    await resident.sees('【更正】')
    await author.says(`撤回通知 ${id}`)
    await author.sees('预览')
    await author.taps('请另一位核对')
    await second.sees('撤回')
    await second.taps('同意发')
    await resident.sees('不算数了')
  })

  it('those it did not reach are told at the door, ticked off one by one, and the list is a file', async () => {
    const gone = await livingIn('高林社区')
    const { id: personId } = await linbang.db.person.findFirstOrThrow({ orderBy: { id: 'desc' } })
    await linbang.db.address.updateMany({ where: { personId }, data: { unreachable: 'blocked' } })
    await livingIn('高林社区')
    await author.says('通知')
    await author.says('高林社区居民：明天上午9点停气，请关好阀门。有事打0592-5550000。')
    await author.sees('这是哪一种')
    await author.taps('一般通知')
    await author.sees('发给谁')
    await author.says('高林社区')
    const preview = await author.sees('预览')
    expect(preview.text).toContain('收不到的1人：拉黑了我们1人')
    await author.taps('请另一位核对')
    await second.sees('您同意发吗')
    await second.taps('同意发')
    const report = await author.sees('没发：拉黑了我们1人')
    expect(report.text).toContain('高林社区 1人')
    const { id } = await linbang.db.broadcast.findFirstOrThrow({ orderBy: { id: 'desc' } })
    await author.says(`未达 ${id}`)
    const list = await author.sees('名单下载')
    const { pathname, search } = new URL(/https?:\S+/.exec(list.text)?.[0] ?? '')
    const path = pathname + search
    const file = await fetch(`${linbang.url}${path}`)
    expect(file.status).toBe(200)
    const rows = await readSheet(Buffer.from(await file.arrayBuffer()))
    expect(JSON.stringify(rows[1])).toContain('高林社区')
    expect(rows.length).toBe(2)
    expect(
      (await fetch(`${linbang.url}${path.slice(0, -20) + (path.at(-20) === 'A' ? 'B' : 'A') + path.slice(-19)}`))
        .status,
    ).toBe(404)
    linbang.clock.forward({ hours: 25 })
    expect((await fetch(`${linbang.url}${path}`)).status).toBe(404)

    const worker = await linbang.worker('a2')
    await author.says(`上门 ${id} 高林社区 a2-sw-01`)
    await author.sees('已请')
    await worker.sees('请您告知高林社区的1人')
    await worker.taps(/已告知$/)
    await worker.sees('都告知完了')
    await author.sees('告知完了')
    gone.hangUp()
  })
})
