import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Linbang } from '../harness/linbang.ts'
import { type OfficialAccount, startOfficialAccount } from '../harness/official-account.ts'
import type { Phone } from '../harness/phone.ts'
import { lengthOf, recordings, withoutPrograms } from '../harness/recordings.ts'
import { submits } from '../harness/story.ts'
import type { WechatPhone } from '../harness/wechat.ts'

const requestIn = async (linbang: Linbang, externalId: string) =>
  linbang.db.helpRequest.findFirstOrThrow({
    where: { requester: { addresses: { some: { externalId } } } },
    orderBy: { id: 'desc' },
  })
const words = (phone: WechatPhone) =>
  phone
    .screen()
    .map(({ text }) => text)
    .join('\n')
const says = async (phone: WechatPhone, ...lines: readonly string[]) => {
  for (const line of lines) await phone.says(line)
}
const settledIn = (linbang: Linbang) =>
  expect.poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 15_000 }).toBe(0)
const asksNothing = (phone: WechatPhone) => expect(words(phone)).not.toMatch(/可以记下吗|编号|满意|下面哪种/)

/** People of the district as they write to its 服务号, and what each phone then shows. Choices are numbers there. */
describe('to the 服务号', () => {
  let account: OfficialAccount
  let linbang: Linbang
  let coordinator: Phone
  beforeAll(async () => {
    account = await startOfficialAccount()
    ;({ linbang } = account)
    coordinator = await linbang.coordinator()
  })
  afterAll(async () => {
    expect(await linbang.orphans()).toBe(0)
    await account.stop()
  })

  const requestOf = (externalId: string) => requestIn(linbang, externalId)
  const toldOf = async (externalId: string) =>
    JSON.stringify(linbang.seal.open((await requestOf(externalId)).detailsSealed))
  const settled = () => settledIn(linbang)

  describe.skipIf(withoutPrograms)('in a voice', () => {
    it('an elder has fallen (1): what WeChat made of it is enough for the gate, and people hear her own voice', async () => {
      const sound = await recordings()
      const elder = account.phone('o1')
      await elder.speaks(sound.amr, '阿嬷跋倒了，脚袂振动')
      const answer = await elder.sees('120')
      expect(answer.text).toContain('身边有人吗')
      await coordinator.sees('危急')
      const request = await requestOf('o1')
      expect([request.urgency, request.crisisKind]).toEqual(['crisis', 'medical'])
      // The door answers before the turn writes down what was said.
      await expect.poll(() => toldOf('o1'), { timeout: 15_000 }).toContain('机器转写，可能有错')
      const heard = await coordinator.opens(await coordinator.sees(/语音/))
      expect(lengthOf(Buffer.from(await heard.arrayBuffer()))).toBeCloseTo(lengthOf(sound.amr), 0)
      asksNothing(elder)
      expect(words(elder)).not.toContain('我听到的是')
    })

    it('an elder of whom WeChat understood nothing (1): a person listens, by a time that is named', async () => {
      const sound = await recordings()
      const elder = account.phone('o1b')
      await elder.speaks(sound.amr)
      const answer = await elder.sees('收到您的语音')
      expect(answer.text).toMatch(/是真人[\s\S]*最晚.*前/)
      expect(answer.text).toContain('120')
      const heard = await coordinator.opens(await coordinator.sees(/^语音$/))
      expect(heard.status).toBe(200)
    })

    it('what WeChat heard decides nothing before the yes, and a worker’s own voice plays on the phone', async () => {
      const sound = await recordings()
      const daughter = account.phone('o1c')
      await daughter.speaks(sound.amr, '我爸刚出院没人照顾')
      const readBack = await daughter.sees('我听到的是')
      expect(readBack.text).toContain('可能有错')
      expect(await toldOf('o1c')).not.toContain('刚出院')
      await daughter.taps('对')
      await daughter.sees('已经补充')
      expect(await toldOf('o1c')).toContain('刚出院')
      const { number } = await requestOf('o1c')
      await coordinator.says(`接 ${number}`)
      await coordinator.sees('由您负责')
      await coordinator.sends(sound.webm, 'audio/webm')
      const played = () => daughter.screen().find(({ kind }) => kind === 'voice')
      await expect.poll(played, { timeout: 15_000 }).toBeDefined()
      expect(lengthOf(played()?.media?.data ?? Buffer.alloc(0))).toBeCloseTo(lengthOf(sound.webm), 0)
      expect(words(daughter)).not.toContain('点这里打开')
    })

    it('a picture of a hand-written note (39) is seen by a person, and nobody claims to have read it', async () => {
      const worker = await linbang.worker('a3')
      const elder = account.phone('o39')
      const note = await sharp({ create: { width: 60, height: 40, channels: 3, background: 'white' } })
        .jpeg()
        .toBuffer()
      await elder.shows(note)
      const answer = await elder.sees('图片')
      expect(answer.text).not.toMatch(/识别|看到您写|您写的是/)
      const shown = await coordinator.sees(/^图片$/)
      expect((await coordinator.opens(shown)).headers.get('content-type')).toBe('image/jpeg')
      expect((await requestOf('o39')).nextDeadline).not.toBeNull()
      expect(worker.screen().some(({ media }) => media?.kind === 'picture')).toBe(false)
    })
  })

  it('a daughter who cannot go on (2): her own danger first, people at once, and nobody speaks of collecting money', async () => {
    const daughter = account.phone('o2')
    await daughter.says('我爸癌症住院，账单付不起，住吕岭，我快撑不下去了')
    await daughter.sees('很担心您')
    await daughter.taps('现在安全')
    await settled()
    const request = await requestOf('o2')
    expect(request.urgency).toBe('crisis')
    await expect.poll(() => linbang.db.offer.count({ where: { requestId: request.id } }), { timeout: 15_000 }).toBe(2)
    await expect.poll(() => toldOf('o2'), { timeout: 15_000 }).toContain('癌症')
    expect(words(daughter)).not.toMatch(/捐|筹款|众筹|想开|坚强/)
  })

  it('a deaf man whose words stand in another order (3) is understood, and nobody tells anybody to phone', async () => {
    const man = account.phone('o3')
    const worker = await linbang.worker('a1')
    await man.says('只能打字')
    await man.sees('您只能打字')
    const number = await submits(man, '工作 我 找 听 不 到，我有残疾证，住金尚社区')
    const card = await worker.sees(`求助${number}`)
    expect(card.text).toContain('只能打字')
    await worker.taps('接')
    await worker.sees('请勿打电话')
    await man.sees('已经接下')
    expect(words(man)).not.toMatch(/(?:打|拨)[^“”。，]{0,6}\d{3}|接电话|给您打电话/)
  })

  it('a blind masseur (4) hears every choice as words with a number, no picture, and answers by voice typing', async () => {
    const man = account.phone('o4')
    await man.says('我是忙人按摩师，想问残级补贴怎么申请，我住金尚社区')
    const asked = await man.sees('可以记下吗')
    expect(asked.text).toMatch(/^1 可以$/m)
    await man.says('一')
    const next = await man.sees(/哪种情况|怎么找您/)
    expect(next.text).toMatch(/^1 /m)
    expect(words(man)).not.toMatch(/\p{Extended_Pictographic}|点击|如图|下图/u)
    expect(await toldOf('o4')).toContain('补贴')
  })

  it('a single mother with the collectors at her door (6), in six pieces: one crisis, answered in the middle of them', async () => {
    const mother = account.phone('o6')
    await says(mother, '他', '在门口', '要债的', '又来砸门', '说要打死我', '孩子在哭')
    const answer = await mother.sees('马上打110')
    expect(answer.text).toContain('12110592')
    await settled()
    const requests = await linbang.db.helpRequest.findMany({
      where: { requester: { addresses: { some: { externalId: 'o6' } } } },
    })
    expect(requests.map(({ urgency, crisisKind }) => [urgency, crisisKind])).toEqual([['crisis', 'violence']])
    await expect.poll(() => toldOf('o6'), { timeout: 15_000 }).toMatch(/要债的[\s\S]*孩子在哭/)
    asksNothing(mother)
  })

  it('a woman who says “叔叔摸我” (12): believed, short, and nobody puts words into her mouth', async () => {
    const woman = account.phone('o12')
    await woman.says('叔叔摸我')
    const answer = await woman.sees('不是你的错')
    expect(answer.text).toContain('110')
    expect(answer.text).not.toMatch(/哪里|怎么摸|几次|是不是|为什么|谁看见/)
    for (const line of answer.text.split('\n')) expect([...line].length).toBeLessThan(40)
    const request = await requestOf('o12')
    expect([request.urgency, request.crisisKind]).toEqual(['crisis', 'child_harm'])
    await expect.poll(() => linbang.db.offer.count({ where: { requestId: request.id } })).toBe(2)
  })

  it('a boy of thirteen on his grandmother’s phone (13): spoken to as a child, and no consent stands in his way', async () => {
    const boy = account.phone('o13')
    await boy.says('我13岁，用奶奶的手机，爸爸打我，不给我饭吃')
    const answer = await boy.sees('不是你的错')
    expect(answer.text).toContain('你现在安全吗')
    const request = await requestOf('o13')
    expect([request.urgency, request.crisisKind]).toEqual(['crisis', 'child_harm'])
    asksNothing(boy)
    expect(await linbang.db.consent.count({ where: { personId: request.requesterId } })).toBe(0)
  })

  it('an elder who asks whether to stop her pills (30) gets no advice, and a person may answer her', async () => {
    const elder = account.phone('o30')
    await elder.says('这药能停吗？血压180')
    await elder.sees('打“人工”随时找真人')
    await elder.says('人工')
    await elder.sees('是真人')
    expect(words(elder)).not.toMatch(/可以停|停药|吃药|加量|减量|不要紧|没事的/)
    expect(await toldOf('o30')).toContain('血压180')
  })

  it('who writes 繁體 or Minnan (40) is answered in 繁體, in a danger too; who writes Uyghur or English is not left alone', async () => {
    const aunt = account.phone('o40')
    await aunt.says('我媽媽剛出院，沒有人照顧')
    await aunt.sees('可以記下嗎')
    await aunt.says('阮阿母跋倒')
    expect((await aunt.sees('120')).text).toContain('這很急')
    const foreign = account.phone('o40u')
    await foreign.says('بىر ياردەمگە موھتاجمەن')
    const both = await foreign.sees('A person will read this')
    expect(both.text).toContain('工作人员')
    expect((await requestOf('o40u')).status).toBe('triage')
    const english = account.phone('o40e')
    await english.says('Hello, I need help with my father')
    await english.sees('I am a machine')
  })

  it('who falls silent after “药都准备好了” (16) is not forgotten: people are told again until one has it', async () => {
    const resident = account.phone('o16')
    await resident.says('药都准备好了')
    await resident.sees('很担心您')
    const { id } = await requestOf('o16')
    const rung = async () => (await linbang.db.helpRequest.findUniqueOrThrow({ where: { id } })).rung
    const before = await rung()
    for (let i = 0; i < 3; i++) {
      linbang.clock.forward({ minutes: 6 })
      await expect.poll(rung, { timeout: 15_000 }).toBeGreaterThan(before + i)
    }
    const after = await linbang.db.helpRequest.findUniqueOrThrow({ where: { id } })
    expect(after.status).not.toMatch(/closed|withdrawn|resolved/)
    expect(after.nextDeadline).not.toBeNull()
    asksNothing(resident)
  })

  it('a mother at 23:40 who “sometimes wants to take him with her” (5): night makes no difference', async () => {
    const now = linbang.clock.now()
    const night = new Date(`${now.toISOString().slice(0, 10)}T23:40:00+08:00`)
    linbang.clock.forward({ minutes: (night.getTime() - now.getTime()) / 60_000 })
    const mother = account.phone('o5')
    await mother.says('孩子9岁自闭症，我真的累了，有时想带他一起走')
    const answer = await mother.sees('很担心您')
    expect(answer.text).toMatch(/12356/)
    const { id, urgency } = await requestOf('o5')
    expect(urgency).toBe('crisis')
    await expect.poll(() => linbang.db.offer.count({ where: { requestId: id } }), { timeout: 15_000 }).toBe(2)
    asksNothing(mother)
  })
})

/** Days go by: nobody else's request is open meanwhile. */
describe('over days, the 服务号', () => {
  let account: OfficialAccount
  let linbang: Linbang
  beforeAll(async () => {
    account = await startOfficialAccount()
    ;({ linbang } = account)
  })
  afterAll(async () => {
    expect(await linbang.orphans()).toBe(0)
    await account.stop()
  })

  const settled = () => settledIn(linbang)

  it('an elder with “在吗” and stickers every day (14) is answered every day, for weeks if need be', async () => {
    const elder = account.phone('o14')
    for (let day = 0; day < 4; day++) {
      const before = elder.screen().length
      // A sticker reaches a 服务号 as a text that says it cannot be shown.
      await says(elder, '在吗', '【收到不支持的消息类型，暂无法显示】')
      await expect.poll(() => elder.screen().length, { timeout: 15_000 }).toBeGreaterThan(before)
      await settled()
      linbang.clock.forward({ days: 1 })
    }
    expect(await linbang.db.block.count()).toBe(0)
    await elder.says('人工')
    await elder.sees('是真人')
  })

  it('who stops after “我想问…” (15) is asked once more while an answer may still be sent, and the draft stays', async () => {
    const shy = account.phone('o15')
    await shy.says('我想问…')
    await shy.sees('可以记下吗')
    linbang.clock.forward({ hours: 24 })
    const nudge = await shy.sees('还没说完')
    expect(nudge.text).toContain('我替您留着')
    linbang.clock.forward({ hours: 23 })
    await settled()
    expect(shy.screen().length).toBeLessThanOrEqual(4) // one of the five is left for an answer
    await shy.says('可以')
    await shy.sees(/社区|哪种情况|怎么找您|什么/)
    const { status, nextDeadline } = await requestIn(linbang, 'o15')
    expect([status, nextDeadline !== null]).toEqual(['intake', true])
  })
})
