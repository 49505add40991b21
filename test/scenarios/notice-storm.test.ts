import { readSheet } from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'

let linbang: Linbang
let author: Phone
let second: Phone
let third: Phone

beforeAll(async () => {
  linbang = await startLinbang()
  author = await linbang.coordinator()
  second = await linbang.colleague('c-02')
  await linbang.db.staff.create({
    data: { code: 'c-09', name: '示例 协调员九', role: 'coordinator', skills: [], languages: [] },
  })
  third = await linbang.colleague('c-09')
}, 60_000)
afterAll(() => linbang.stop())

const newest = () => linbang.db.broadcast.findFirstOrThrow({ orderBy: { id: 'desc' } })

/** People who live there, known by a web chat; the first `lost` of them can be reached no longer. */
async function residentsOf(community: string, many: number, lost: number): Promise<void> {
  const { id } = await linbang.db.community.findFirstOrThrow({ where: { name: community } })
  await linbang.db.$executeRaw`
    WITH p AS (INSERT INTO "Person" (language, "communityId") SELECT 'zh', ${id} FROM generate_series(1, ${many}::int) RETURNING id),
    n AS (SELECT id, row_number() OVER () AS n FROM p)
    INSERT INTO "Address" ("personId", channel, account, "externalId", "lastHeardAt", unreachable)
    SELECT id, 'web', 'web', 'storm-' || id, ${linbang.clock.now()}::timestamptz, CASE WHEN n <= ${lost}::int THEN CASE WHEN n % 2 = 0 THEN 'gone' ELSE 'blocked' END END FROM n`
}

async function written(words: string, kind: string, audience: string) {
  await author.says('通知')
  await author.sees('请写通知正文')
  await author.says(words)
  await author.sees('这是哪一种')
  await author.taps(kind)
  await author.sees('发给谁')
  await author.says(audience)
}

describe('a typhoon comes to 吕岭 (28)', () => {
  it('380 are told at once, the 41 left over are a list by community and doors that are ticked off, and a mistake is put right', async () => {
    await residentsOf('吕岭社区', 380, 41)
    await residentsOf('康乐社区', 20, 20)
    await written(
      '吕岭社区居民：台风今晚8点到，请留在家里，关好门窗。有事打110。',
      '紧急（一人可发，另一位会知道）',
      '吕岭社区',
    )
    const preview = await author.sees('预览 通知')
    expect(preview.text).toContain('会发给339人')
    expect(preview.text).toContain('收不到的41人')
    await author.taps('马上发（紧急）')
    await author.sees('马上开始发')
    await second.sees('刚发出紧急通知')
    const report = await author.sees(/发完了。一共380人/)
    expect(report.text).toContain('已发出339人')
    expect(report.text).toContain('吕岭社区 41人')
    expect(report.text).not.toContain('康乐社区')
    const { id } = await newest()

    await author.says(`未达 ${id}`)
    const list = await author.sees('名单下载')
    const { pathname, search } = new URL(/https?:\S+/.exec(list.text)?.[0] ?? '')
    const rows = await readSheet(Buffer.from(await (await fetch(`${linbang.url}${pathname}${search}`)).arrayBuffer()))
    expect(rows.length).toBe(42)
    expect(rows.slice(1).every((row) => row.includes('吕岭社区'))).toBe(true)
    const whole = JSON.stringify(rows)
    expect(whole).toContain('拉黑了我们')
    expect(whole).not.toMatch(/storm-|1\d{10}/)

    const grid = await linbang.worker('a2')
    await author.says(`上门 ${id} 吕岭社区 a2-sw-01`)
    await author.sees('已请')
    const task = await grid.sees('请您告知吕岭社区的41人')
    expect(task.choices.length).toBe(8)
    const [first] = task.choices
    await grid.tapsToken(first?.token ?? '')
    await grid.sees('还有40人没告知')
    // Ticked twice it counts once, and nobody else can tick it.
    await grid.tapsToken(first?.token ?? '')
    await grid.sees('已经处理过')
    await second.tapsToken(task.choices[1]?.token ?? '')
    await second.sees('已经处理过')
    await author.says(`未达 ${id}`)
    await author.sees('吕岭社区 41人（已告知1人）')

    await author.says(`更正通知 ${id} 吕岭社区居民：台风改到明早6点到，今晚请留在家里。有事打110。`)
    const right = await author.sees('预览 通知')
    expect(right.text).toContain('（更正）')
    expect(right.text).toContain('会发给339人')
    await author.taps('马上发（紧急）')
    await author.sees('马上开始发')
    await author.sees(/发完了。一共380人/)
    const correction = await newest()
    expect(correction).toMatchObject({ correctsId: id, sent: 339, skipped: 41 })
    // What was told at the door of the first has to be told anew of what corrects it: its own list has all 41.
    await author.says(`未达 ${correction.id}`)
    await author.sees('吕岭社区 41人')
  }, 60_000)
})

describe('somebody in a coordinator’s chat who should not be (27)', () => {
  it('a link to “领补贴” stops, in the words, in 详情 and behind a picture’s line; without it a second person has to agree', async () => {
    const before = await linbang.db.outboundMessage.count({ where: { priority: 9 } })
    await author.says('通知')
    await author.sees('请写通知正文')
    await author.says('金山社区居民：今天下午5点前到 linbang-butie.com 领补贴。有事打0592-5550000。')
    await author.sees('必须改：链接“linbang-butie.com”')
    await author.says('金山社区居民：今天下午5点前在社区中心领补贴。有事打0592-5550000。')
    await author.sees('这是哪一种')
    await author.says('详情 请加微信，付保证金后领')
    await author.sees('像骗子的话')
    await author.says('详情 带身份证。')
    await author.sees('这是哪一种')
    await author.taps('一般通知')
    await author.sees('发给谁')
    await author.says('全部居民')
    await author.sees('预览 通知')
    // Forged: the button of an emergency on what is none.
    const { id, version } = await newest()
    await author.tapsToken(`nb:now:${id}`)
    await author.sees('对方同意后才发')
    await author.tapsToken(`nb:ok:${id}:${version}`)
    await author.sees('要另一位协调员核对')
    await second.sees('您同意发吗')
    await second.tapsToken(`nb:no:${id}:${version}`)
    await second.sees('退回给')
    await author.sees('不同意发通知')
    await third.tapsToken(`nb:ok:${id}:${version}`)
    await third.sees('没有操作')
    expect(await linbang.db.outboundMessage.count({ where: { priority: 9 } })).toBe(before)
    await author.says('放弃通知')
    await author.sees('已放弃')
  })
})

describe('who approves', () => {
  it('two coordinators who agree at the same moment let it go once', async () => {
    await residentsOf('后坑社区', 5, 0)
    await written('后坑社区居民：明天上午9点停水，请先接好水。有事打0592-5550000。', '一般通知', '后坑社区')
    await author.sees('预览 通知')
    await author.taps('请另一位核对')
    await author.sees('对方同意后才发')
    const { id, version } = await newest()
    await Promise.all([second, third].map((one) => one.tapsToken(`nb:ok:${id}:${version}`)))
    await author.sees('一共5人')
    expect(await linbang.db.broadcast.findUniqueOrThrow({ where: { id } })).toMatchObject({ sent: 5, audienceCount: 5 })
    expect(await linbang.db.outboundMessage.count({ where: { dedupeKey: { startsWith: `notice:${id}:` } } })).toBe(5)
  })

  it('nobody left to tell is said before anything is approved, and again when they have gone meanwhile', async () => {
    await written('塘边社区居民：明天上午9点停水，请先接好水。有事打0592-5550000。', '一般通知', '塘边社区')
    const empty = await author.sees('预览 通知')
    expect(empty.text).toContain('一个人也没有')
    expect(empty.choices.map(({ label }) => label)).toEqual(['放弃'])
    await residentsOf('塘边社区', 1, 0)
    const { id } = await newest()
    await author.tapsToken(`nb:propose:${id}`)
    await author.sees('对方同意后才发')
    await linbang.db.address.updateMany({
      where: { externalId: { startsWith: 'storm-' } },
      data: { unreachable: 'gone' },
    })
    const { version } = await newest()
    await second.tapsToken(`nb:ok:${id}:${version}`)
    await second.sees('没有一个人能收到')
    expect((await newest()).status).toBe('proposed')
    await author.says(`收回通知 ${id}`)
    await author.says('放弃通知')
    await author.sees('已放弃')
  })

  it('a language nobody can be found by is named, never silently nobody', async () => {
    await written('全区居民：明天上午9点停水，请先接好水。有事打0592-5550000。', '一般通知', '说粤语')
    const said = await author.sees('没认出')
    expect(said.text).toContain('说粤语')
    expect(said.text).toContain('语言只认得')
    await author.says('放弃通知')
    await author.sees('已放弃')
  })

  it('the author who left before it was agreed takes it along: nobody stands for it alone', async () => {
    await residentsOf('围里社区', 3, 0)
    await written('围里社区居民：明天上午9点停水，请先接好水。有事打0592-5550000。', '一般通知', '围里社区')
    await author.sees('预览 通知')
    await author.taps('请另一位核对')
    await author.sees('对方同意后才发')
    const { id, version, authorId } = await newest()
    await linbang.db.staff.update({ where: { id: authorId }, data: { active: false } })
    await second.tapsToken(`nb:ok:${id}:${version}`)
    await second.sees('已经不在岗了')
    expect((await newest()).status).toBe('proposed')
    await linbang.db.staff.update({ where: { id: authorId }, data: { active: true } })
  })
})
