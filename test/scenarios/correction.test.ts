import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'

/** Tells, agrees, is reached here, confirms; answers what is asked on the way. Returns the number. */
async function submits(resident: Phone, words: string): Promise<number> {
  await resident.says(words)
  await resident.sees('可以记下吗')
  await resident.taps('可以')
  for (let i = 0; i < 8; i++) {
    const asked = await resident.sees(/./)
    if (asked.text.includes('对吗')) break
    const fitting = asked.choices.find((c) => /这里|自己/.test(c.label)) ?? asked.choices.at(-1)
    if (fitting) await resident.taps(fitting.label)
    else await resident.says('殿前')
  }
  await resident.taps('对')
  return Number(/编号(\d+)/.exec((await resident.sees('编号')).text)?.[1])
}

describe('labels that were wrong', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())
  const requestOf = (number: number) =>
    linbang.db.helpRequest.findFirstOrThrow({ where: { number }, include: { assignee: true, corrections: true } })

  it('one tap by the worker it was offered to moves it to the right agency at once, and is remembered', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const [one, two] = [await linbang.worker('a1'), await linbang.worker('a2')]
    const number = await submits(resident, '我今年78岁，想找人每天送饭，住康乐')
    await worker.sees(`求助${number}`)
    await worker.taps('改分类')
    const menu = await worker.sees('改成对的')
    expect(menu.choices.map((c) => c.label)).toContain('✓居家养老')
    await worker.taps('关爱残疾人')
    await worker.sees('马上找对口的值班人员')
    await Promise.race([one.sees(`求助${number}`), two.sees(`求助${number}`)])
    const request = await requestOf(number)
    expect(request.programmes).toEqual(['disability'])
    expect(request.corrections).toMatchObject([
      { head: 'programme', before: ['elder'], after: ['disability'], why: 'work' },
    ])
    expect(request.classifiedBy).toMatch(/^rules-3\+m-/)
    expect(request.ownerId).not.toBeNull()
    expect(await linbang.orphans()).toBe(0)
  })

  it('a need or an urgency is put right without leaving the worker who has it', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const number = await submits(resident, '老伴80岁，自己洗不了澡，住金尚')
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    await worker.says(`更正 ${number}`)
    await worker.sees('改成对的')
    await worker.taps('陪伴')
    await worker.sees('改为')
    await worker.says(`更正 ${number}`)
    await worker.sees('改成对的')
    await worker.taps('紧急')
    await worker.sees('改为：紧急')
    const request = await requestOf(number)
    expect(request.needs).toContain('companionship')
    expect(request.urgency).toBe('urgent')
    expect(request.status).toBe('active')
    expect(request.assignee?.code).toMatch(/^a3/)
  })

  it('a worker cannot make a crisis ordinary; a coordinator can, by name', async () => {
    const resident = await linbang.resident()
    const coordinator = await linbang.coordinator()
    await resident.says('药都准备好了')
    await resident.sees('很担心您')
    await expect
      .poll(() => linbang.db.offer.count({ where: { status: 'open', request: { urgency: 'crisis' } } }))
      .toBe(2)
    const crisis = await linbang.db.helpRequest.findFirstOrThrow({ where: { urgency: 'crisis' } })
    const offer = await linbang.db.offer.findFirstOrThrow({
      where: { requestId: crisis.id, status: 'open' },
      include: { staff: true },
    })
    const worker = await linbang.worker(offer.staff.code.slice(0, 2) as 'a1')
    await worker.tapsToken(`c:urg:${crisis.id}:normal:work`)
    await worker.sees('只有协调员能调低')
    expect((await requestOf(crisis.number)).urgency).toBe('crisis')
    await coordinator.tapsToken(`c:urg:${crisis.id}:soon:work`)
    await coordinator.sees('改为：较急')
    expect((await requestOf(crisis.number)).urgency).toBe('soon')
    expect(await linbang.orphans()).toBe(0)
  })

  it('a stranger to the request changes nothing', async () => {
    const request = await linbang.db.helpRequest.findFirstOrThrow({ where: { status: 'active' } })
    const stranger = await linbang.worker('a5')
    await stranger.tapsToken(`c:prog:${request.id}:migrant:work`)
    await stranger.sees('不归您办')
    await stranger.says('复核')
    await stranger.sees(/没看懂|不归您办|没有转给任何人/)
  })

  it('the coordinator looks at what the machine was unsure of first, and sees how often people agreed', async () => {
    const coordinator = await linbang.coordinator()
    const resident = await linbang.resident()
    const number = await submits(resident, '厂里拖欠工资，我从四川来，想找律师')
    await linbang.db.helpRequest.update({ where: { number }, data: { confidence: 0.3 } })
    await coordinator.says('复核')
    const card = await coordinator.sees(`请复核求助${number}`)
    expect(card.choices.map((c) => c.label)).toEqual(['都对', '要改'])
    await coordinator.taps('都对')
    await coordinator.sees('已确认')
    await coordinator.says('一致率')
    const report = await coordinator.sees('一致率')
    expect(report.text).toMatch(/\d+\/\d+（\d+%）/)
    expect(await linbang.db.correction.count({ where: { why: { in: ['uncertain', 'random'] } } })).toBe(3)
  })
})
