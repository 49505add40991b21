import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { submits } from '../harness/story.ts'

describe('how somebody wants to be spoken to', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('the last question is said again, and again in simple words, and its choices still count', async () => {
    const resident = await linbang.resident()
    await resident.says('我妈82岁刚出院，今晚家里没人照顾，我们住康乐')
    await resident.sees('可以记下吗')
    await resident.says('再说一遍')
    expect((await resident.sees('可以记下吗')).choices.length).toBe(3)
    await resident.says('能不能说简单一点')
    const simple = await resident.sees('可以记吗')
    expect(simple.text).toContain('我说简单点')
    for (const line of simple.text.split('\n')) expect([line, [...line].length <= 20]).toEqual([line, true])
    await resident.says('1')
    await resident.sees('怎么找您')
  })

  it('a deaf man whose words stand in another order is never told to phone, nor is anybody told to phone him', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a1')
    await resident.says('只能打字')
    await resident.sees('您只能打字')
    const number = await submits(resident, '工作 我 找 听 不 到，我有残疾证，住金尚社区')
    const request = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(request.textOnly).toBe(true)
    const card = await worker.sees(`求助${number}`)
    expect(card.text).toContain('只能打字')
    await worker.taps('接')
    await worker.sees('请勿打电话')
    const told = resident.screen().filter((m) => m.from === 'linbang')
    for (const { text } of told) expect(text).not.toMatch(/(?:打|拨)[^“”。，]{0,6}\d{3}|接电话/)
    await resident.says('药都准备好了')
    const crisis = await resident.sees('很担心您')
    expect(crisis.text).toContain('12110592')
    expect(crisis.text).not.toMatch(/打1|12356/)
  })

  it('a first word of danger that says no telephone can be used is answered without one', async () => {
    const resident = await linbang.resident()
    await resident.says('我是聋人，他拿刀要打死我')
    const crisis = await resident.sees('保证自己安全')
    expect(crisis.text).toContain('发短信到12110592报警')
    expect(crisis.text).not.toMatch(/打110/)
  })

  it('what was asked for stands on the card, and reaches who is already on it', async () => {
    const resident = await linbang.resident()
    await resident.says('慢一点')
    await resident.sees('一句一行')
    await resident.says('闽南语')
    await resident.sees('闽南话')
    const number = await submits(resident)
    const worker = await linbang.worker('a3')
    await expect
      .poll(
        () =>
          worker
            .screen()
            .some((m) => m.text.includes(`求助${number}`) && m.text.includes('讲闽南话') && m.text.includes('慢慢说')),
        { timeout: 10_000 },
      )
      .toBe(true)
    await worker.taps('接')
    await worker.sees('由您负责')
    await resident.says('念给我听')
    await worker.sees(/念给我听/)
  })

  it('English is answered in English from the first word to the receipt, with its own yes and numbers', async () => {
    const resident = await linbang.resident()
    await resident.says('English')
    await resident.sees('I will write in English')
    await resident.says('我妈82岁刚出院，今晚家里没人照顾，我们住康乐')
    await resident.sees('May I write it down?')
    await resident.says('yes')
    await resident.sees('How should the worker reach you?')
    await resident.says('1')
    await resident.sees('Is that right?')
    await resident.taps('Yes')
    const receipt = await resident.sees('query code')
    expect(receipt.text).toMatch(/by (today|tomorrow|\w+ \d+) at \d{1,2}(:\d\d)? [ap]m/)
    for (const { text, from } of resident.screen()) {
      if (from === 'linbang')
        expect(text.replace(/[“”].*?[“”]|我妈\S+|示例\S+|康乐社区|妈/g, '')).not.toMatch(/[一-龥]{3,}/)
    }
  })

  it('who writes English or 繁體 is answered so without asking; another language goes to a person', async () => {
    const english = await linbang.resident()
    await english.says('Hello, I need help with my father')
    await english.sees('I am a machine')
    const danger = await linbang.resident()
    await danger.says('I want to kill myself')
    await danger.sees('I am worried about you')
    const hant = await linbang.resident()
    await hant.says('我媽媽剛出院，沒有人照顧')
    const asked = await hant.sees('可以記下嗎')
    expect(asked.choices.map((c) => c.label)).toContain('先看詳細說明')
    await hant.says('先看詳細說明')
    await hant.sees('健康或殘疾')
    const foreign = await linbang.resident()
    await foreign.says('بىر ياردەمگە موھتاجمەن')
    await foreign.sees('已经请工作人员来看')
    await expect.poll(() => linbang.orphans()).toBe(0)
  })

  it('a wish beside a plea is both heard', async () => {
    const resident = await linbang.resident()
    await resident.says('大字\n我想找份工作，我有残疾证')
    await resident.sees('可以记下吗')
    const person = await linbang.db.person.findFirstOrThrow({ orderBy: { id: 'desc' } })
    expect(person.bigText).toBe(true)
  })

  it('an elder who asks whether to stop her pills is given no advice', async () => {
    const resident = await linbang.resident()
    await resident.says('这药能停吗？血压180')
    await resident.sees(/./)
    for (const { text, from } of resident.screen()) {
      if (from === 'linbang') expect(text).not.toMatch(/可以停|停药|吃药|加量|减量|不要紧|没事的/)
    }
  })
})
