import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { submits } from '../harness/story.ts'

/** Lives as the research describes them: moved, mistaken, two of a family, seen from the neighbour's door. */
describe('somebody who', () => {
  let linbang: Linbang
  const open = async (at?: string) => {
    linbang = await startLinbang(at === undefined ? {} : { at: new Date(at) })
  }
  beforeEach(() => open())
  afterEach(() => linbang.stop())
  const row = (number: number) =>
    linbang.db.helpRequest.findUniqueOrThrow({
      where: { number },
      include: { owner: true, assignee: true, community: true, contract: { include: { agency: true } } },
    })

  it('changes a child’s age twice and answers out of order is understood by the newest word, in one request', async () => {
    const mother = await linbang.resident()
    await mother.says('我是单亲妈妈,孩子6岁,放学没人接')
    await mother.sees('可以记下吗')
    await mother.taps('可以')
    await mother.says('不对,孩子7岁,住康乐社区')
    await mother.says('说错了,是8岁,上二年级')
    await expect
      .poll(async () => (await linbang.db.helpRequest.findFirst())?.communityId, { timeout: 15_000 })
      .toBeTruthy()
    expect(await linbang.db.helpRequest.count()).toBe(1)
    const request = await linbang.db.helpRequest.findFirstOrThrow({ include: { community: true } })
    expect(request.community?.code).toBe('kangle')
    expect(request.programmes).toContain('single_mother')
    expect(await linbang.orphans()).toBe(0)
  })

  it('lives here and works elsewhere, or wrote to the wrong district, is heard and has a named owner, never turned away', async () => {
    for (const words of ['我在殿前住,在思明上班,老板三个月没发工资', '我住思明区莲前,想给我80岁的爸爸请人每周打扫']) {
      const resident = await linbang.resident()
      await resident.says(words)
      for (let i = 0; i < 8; i++) {
        const asked = await resident.sees(
          /可以记下吗|是谁需要帮助|下面哪种情况|哪个社区|怎么找您|知道您在帮忙|对吗|编号|最晚/,
        )
        expect(asked.text).not.toMatch(/不受理|不归我们|管不了|不能办理/)
        if (/编号/.test(asked.text)) break
        const wanted = words.includes('工资') ? /外来|务工/ : /老人/
        const labels = [
          /^可以$/,
          words.includes('爸爸') ? /家人/ : /我自己/,
          wanted,
          /就在这里发消息/,
          /^知道$/,
          /^对$/,
        ]
        const tap = labels.flatMap((label) => asked.choices.find((c) => label.test(c.label)) ?? [])[0]
        if (tap) await resident.taps(tap.label)
        else if (asked.text.includes('社区'))
          await resident.says(words.includes('殿前') ? '殿前社区' : '思明区莲前街道')
        else await resident.taps(asked.choices.at(-1)?.label ?? '')
      }
    }
    const requests = await linbang.db.helpRequest.findMany()
    expect(requests.length).toBe(2)
    expect(requests.every((r) => r.ownerId > 0 && r.nextDeadline !== null)).toBe(true)
  })

  it('asks for a mother for whom another child has asked: told as one household, counted once, and neither reads the other', async () => {
    const son = await linbang.resident()
    const daughter = await linbang.resident()
    const worker = await linbang.worker('a3')
    const one = await submits(son, '我在上海,我妈80岁在金尚社区刚出院,今晚没人照顾,她和爸爸吵架了')
    await worker.sees(`求助${one}`)
    await worker.says(`接 ${one}`)
    await son.sees('已经接下')
    const two = await submits(daughter)
    await worker.sees(`求助${two}`)
    await worker.says(`接 ${two}`)
    await daughter.sees('已经接下')
    await linbang.db.helpRequest.updateMany({ data: { needs: ['nursing'] } })
    await worker.says(`同户 ${one} ${two}`)
    await worker.sees('只算一户')
    for (const number of [one, two]) {
      await worker.says(`记录 ${number} 探访 30`)
      await worker.sees('已记服务')
    }
    const households = await linbang.db.person.findMany({
      where: { requests: { some: {} } },
      select: { householdId: true },
    })
    expect(new Set(households.map((h) => h.householdId)).size).toBe(1)
    await daughter.says('进度')
    await daughter.sees(`求助${two}：`)
    const shown = daughter
      .screen()
      .map((m) => m.text)
      .join('\n')
    expect(shown).not.toContain('上海')
    expect(shown).not.toContain('吵架')
    expect(son.screen().some((m) => m.text.includes(String(two)))).toBe(false)
  })

  it('wants the wife sent away who wrote before that he hits her: two pleas, and neither side’s words reach the other', async () => {
    const wife = await linbang.resident()
    const fatherInLaw = await linbang.resident()
    const coordinator = await linbang.coordinator()
    await wife.says('他又打我了,我和孩子锁在房间里,在康乐社区')
    await wife.sees('110')
    await expect.poll(() => linbang.db.helpRequest.count({ where: { urgency: 'crisis' } })).toBe(1)
    const hers = await linbang.db.helpRequest.findFirstOrThrow({ where: { urgency: 'crisis' } })
    await coordinator.says(`接 ${hers.number}`)
    await wife.sees('示例协调员甲')
    await fatherInLaw.says('我儿媳妇精神有问题,在康乐社区,你们把她送走')
    await fatherInLaw.sees(/./)
    await fatherInLaw.says('人工')
    await fatherInLaw.sees(/示例/)
    await expect.poll(() => linbang.db.helpRequest.count()).toBe(2)
    const shown = (phone: typeof wife) =>
      phone
        .screen()
        .filter((m) => m.from === 'linbang')
        .map((m) => m.text)
        .join('\n')
    await fatherInLaw.says('进度')
    await fatherInLaw.seesNothingLike(String(hers.number))
    expect(shown(fatherInLaw)).not.toMatch(/打我|锁在|110/)
    expect(shown(fatherInLaw)).not.toMatch(/会送走|已送走|安排送/)
    expect(shown(wife)).not.toMatch(/精神|送走|儿媳/)
    // Whoever helps her reads nothing of his on her plea, and hers stays what it was.
    const still = await row(hers.number)
    expect(still).toMatchObject({ urgency: 'crisis', status: 'active', communityId: hers.communityId })
    expect(await linbang.orphans()).toBe(0)
  })

  it('files at nine on a make-up Saturday is answered that day, by a worker whom a rota by weekday would have sent home', async () => {
    await linbang.stop()
    await open('2026-10-10T09:05:00+08:00')
    for (const { id } of await linbang.db.staff.findMany({ where: { agency: { code: 'a3' } } })) {
      await linbang.db.shift.deleteMany({ where: { staffId: id, days: 'every_day' } })
    }
    const worker = await linbang.colleague('a3-sw-03')
    const resident = await linbang.resident()
    const number = await submits(resident, '我80岁了一个人住,想请人每周来打扫一次卫生,住金尚社区')
    await worker.sees(`求助${number}`)
    const receipt = resident.screen().find((m) => m.text.includes('编号'))
    expect(receipt?.text).toMatch(/最晚.+前/)
    const at = (await row(number)).nextDeadline
    expect(at && at.getTime() < new Date('2026-10-10T17:30:00+08:00').getTime()).toBe(true)
  })

  it('fits two programmes of two agencies has one lead, and the one lead’s contract counts them once', async () => {
    const lead = await linbang.worker('a3')
    const resident = await linbang.resident()
    const number = await submits(resident)
    await linbang.db.helpRequest.update({ where: { number }, data: { programmes: ['elder', 'disability'] } })
    await lead.sees(`求助${number}`)
    await lead.says(`接 ${number}`)
    await lead.sees('由您负责')
    for (let i = 0; i < 2; i++) {
      await lead.says(`记录 ${number} 探访 30`)
      await lead.sees('已记服务')
    }
    const request = await row(number)
    expect([request.ownerId, request.assigneeId]).toEqual([request.assignee?.id, request.assignee?.id])
    expect(await linbang.db.offer.count({ where: { requestId: request.id, status: 'accepted' } })).toBe(1)
    const services = await linbang.db.service.findMany()
    expect(new Set(services.map((s) => s.contractId)).size).toBe(1)
    await lead.says('台账')
    expect((await lead.sees('服务台账')).text).toContain('居家服务老人 1/')
  })

  it('taps twice and whose page sends the same again has one request', async () => {
    const resident = await linbang.resident()
    const id = randomUUID()
    const body = { id, text: '我妈80岁刚出院,今晚没人照顾,住金尚社区' }
    const sent = await Promise.all([resident.post(body), resident.post(body), resident.post(body)])
    expect(sent.every((r) => r.status === 202)).toBe(true)
    await resident.sees('可以记下吗')
    await resident.taps('可以')
    await resident.taps('可以')
    await resident.sees('怎么找您')
    await resident.taps('就在这里发消息')
    await resident.sees('对吗')
    const right = resident.screen().flatMap((m) => m.choices.filter((c) => c.label === '对'))
    const confirm = right.at(-1)?.token ?? ''
    await Promise.all([resident.tapsToken(confirm), resident.tapsToken(confirm), resident.tapsToken(confirm)])
    await resident.sees('编号')
    await expect
      .poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 10_000 })
      .toBe(0)
    expect(await linbang.db.helpRequest.count()).toBe(1)
    expect(await linbang.db.requestEvent.count({ where: { step: 'submitted' } })).toBe(1)
    expect(resident.screen().filter((m) => m.text.includes('查询码')).length).toBe(1)
  })

  it('smells something at a neighbour’s door is answered as a danger, and nobody is asked for a name first', async () => {
    const neighbour = await linbang.resident()
    await neighbour.says('对面老人家门口好几天没见人了,信箱满了,还有臭味,我敲门没人应')
    const answer = await neighbour.sees(/110|120/)
    expect(answer.text).not.toMatch(/叫什么|姓名|身份证/)
    const request = await linbang.db.helpRequest.findFirstOrThrow()
    expect(request.urgency).toBe('crisis')
    await expect.poll(() => linbang.db.offer.count({ where: { requestId: request.id } }), { timeout: 10_000 }).toBe(2)
    expect(await linbang.orphans()).toBe(0)
  })
})

describe('after the work', () => {
  let linbang: Linbang
  beforeEach(async () => {
    linbang = await startLinbang()
  })
  afterEach(() => linbang.stop())

  async function taken(words?: string) {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const number = await submits(resident, words)
    await worker.sees(`求助${number}`)
    await worker.says(`接 ${number}`)
    await resident.sees('已经接下')
    return { resident, worker, number }
  }

  it('“not solved” goes to the lead of the agency, who hears it with the buttons; the worker is told, not asked again', async () => {
    const lead = await linbang.colleague('a3-lead')
    const { resident, worker, number } = await taken()
    await worker.says(`办结 ${number}`)
    await worker.taps('已解决')
    await resident.sees('解决了吗')
    await resident.taps('没解决')
    expect((await resident.sees('没有办完')).text).toContain('示例负责人丙')
    await lead.sees(`求助${number}：居民说没有解决`)
    await worker.sees('已交示例负责人丙重新处理')
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { owner: true } })
    expect([row.owner.code, row.assigneeId]).toEqual(['a3-lead', null])
    await lead.taps('我来办')
    await resident.sees('示例负责人丙')
  })

  it('of a crisis no form asks: a person does, by a time that is named, and writes down what they heard', async () => {
    const { resident, worker, number } = await taken()
    await linbang.db.helpRequest.update({ where: { number }, data: { urgency: 'crisis', crisisKind: 'medical' } })
    await worker.says(`办结 ${number}`)
    await worker.taps('已解决')
    expect((await worker.sees('不发消息问居民')).text).toMatch(/请在明天.*前打电话或上门/)
    await resident.seesNothingLike('解决了吗')
    linbang.clock.forward({ hours: 25 })
    await worker.sees('请打电话或上门问居民一声')
    await worker.says(`办结 ${number}`)
    await worker.sees('居民怎么说')
    await worker.taps('没解决')
    await worker.sees('重新处理')
    await resident.sees('没有办完')
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { feedback: true } })
    expect(row.status).toBe('active')
    expect(row.feedback.map((f) => [f.solved, f.askedById !== null])).toEqual([[false, true]])
  })
})
