import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'

/** A whole, urgent plea for an old person, submitted. */
async function submits(resident: Phone, words = '我妈80岁刚出院,今晚没人照顾,住金尚社区'): Promise<number> {
  await resident.says(words)
  await resident.sees('可以记下吗')
  await resident.taps('可以')
  await resident.sees('怎么找您方便')
  await resident.taps('就在这里发消息')
  await resident.sees('对吗')
  await resident.taps('对')
  const receipt = await resident.sees('编号')
  return Number(/编号(\d+)/.exec(receipt.text)?.[1])
}

describe('an offer', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('declined with a reason goes on, and with nobody left to the lead and the coordinator, who takes it', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const coordinator = await linbang.coordinator()
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.taps('不接')
    await worker.sees('为什么不接')
    await worker.taps('手上忙不开')
    await worker.sees('转给下一位')
    // The lead of the agency has not joined; the coordinator is the owner of last resort.
    await coordinator.sees(`求助${number}`)
    await resident.sees('还没有联系上')
    await coordinator.says(`查看 ${number}`)
    const story = await coordinator.sees('的经过')
    expect(story.text).toContain('不接')
    await coordinator.says(`接 ${number}`)
    await resident.sees('示例协调员甲已经接下')
    expect(await linbang.orphans()).toBe(0)
  })

  it('not answered in time is closed on the phone and goes on', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const number = await submits(resident)
    const card = await worker.sees(`求助${number}`)
    expect(card.choices.map((c) => c.label)).toEqual(['接', '不接', '改分类'])
    const token = card.choices[0]?.token ?? ''
    linbang.clock.forward({ minutes: 11 })
    await expect.poll(() => worker.screen().find((m) => m.id === card.id)?.choices.length, { timeout: 10_000 }).toBe(0)
    // The old button, pressed all the same, changes nothing and says why.
    expect(await worker.tapsToken(token)).toBe(202)
    await worker.sees(/不用接了|已经由/)
    const request = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(request.status).not.toBe('active')
  })

  it('dies with the request: withdrawn by the resident, the buttons go and a late accept is refused kindly', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const number = await submits(resident)
    const card = await worker.sees(`求助${number}`)
    const token = card.choices[0]?.token ?? ''
    await resident.says('不用了')
    await resident.sees('不需要了')
    await resident.taps('是，不用了')
    await resident.sees('已经取消')
    await expect.poll(() => worker.screen().find((m) => m.id === card.id)?.choices.length, { timeout: 10_000 }).toBe(0)
    expect(await worker.tapsToken(token)).toBe(202)
    await worker.sees('不用接了')
  })

  it('is accepted by one only, however many press at once', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const number = await submits(resident)
    const card = await worker.sees(`求助${number}`)
    const token = card.choices[0]?.token ?? ''
    const coordinator = await linbang.coordinator()
    await Promise.all([
      ...Array.from({ length: 25 }, () => worker.tapsToken(token)),
      ...Array.from({ length: 25 }, () => coordinator.says(`接 ${number}`)),
    ])
    await expect
      .poll(async () => (await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })).status)
      .toBe('active')
    const { id } = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    const accepted = await linbang.db.offer.count({ where: { requestId: id, status: 'accepted' } })
    expect(accepted).toBe(1)
  })

  it('handed on keeps its owner until somebody else has accepted', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const coordinator = await linbang.coordinator()
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    await worker.says(`转交 ${number} 需要护理`)
    await worker.sees('有人接之前仍由您负责')
    const worker3 = await linbang.db.staff.findUniqueOrThrow({ where: { code: 'a3-sw-01' } })
    const between = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(between.ownerId).toBe(worker3.id)
    await coordinator.sees(`求助${number}`)
    await coordinator.says(`接 ${number}`)
    await worker.sees('已接下求助')
    const after = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(after.ownerId).not.toBe(worker3.id)
  })
})

describe('after the work', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('"not solved" goes to a coordinator, not silently back to the same worker', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const coordinator = await linbang.coordinator()
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.says(`办结 ${number}`)
    await worker.sees('怎么办好的')
    await worker.taps('已解决')
    await resident.sees('解决了吗')
    await resident.says('没有解决')
    await resident.sees('重新处理')
    await coordinator.sees('没有解决')
    const request = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { owner: true } })
    expect(request.status).toBe('active')
    expect(request.owner.role).toBe('coordinator')
    expect(request.nextDeadline).not.toBeNull()
  })

  it('a plea that fits no programme is sorted by a coordinator', async () => {
    const resident = await linbang.resident()
    const coordinator = await linbang.coordinator()
    await resident.says('家里有困难，想请社工帮个忙')
    await resident.sees('可以记下吗')
    await resident.says('好的')
    for (let i = 0; i < 8; i++) {
      const asked = await resident.sees(/./)
      if (asked.text.includes('对吗')) break
      if (asked.text.includes('哪个社区')) await resident.says('殿前')
      else if (asked.choices.length > 0) await resident.taps(asked.choices.at(-1)?.label ?? '')
      else await resident.says('电话本丢了')
    }
    await resident.taps('对')
    await resident.sees('编号')
    await coordinator.sees('要您定项目')
    await coordinator.taps('居家养老')
    await coordinator.sees('归入居家养老')
  })

  it('a resident who says 人工 reaches a named person from anywhere', async () => {
    const resident = await linbang.resident()
    const coordinator = await linbang.coordinator()
    await resident.says('人工')
    const answer = await resident.sees('已经转给')
    expect(answer.text).toContain('示例协调员')
    expect(answer.text).toMatch(/点/)
    await coordinator.sees(/求助\d+/)
  })

  it('a plea left half told is reminded, then handed to a coordinator: nothing is lost', async () => {
    const resident = await linbang.resident()
    const coordinator = await linbang.coordinator()
    await resident.says('我想问问残疾证怎么办')
    await resident.sees('可以记下吗')
    for (let i = 0; i < 3; i++) {
      linbang.clock.forward({ minutes: 31 })
      await new Promise((done) => setTimeout(done, 800))
    }
    await resident.sees('还没说完')
    await resident.sees('已经转给')
    await coordinator.sees('要您定项目')
    expect(await linbang.orphans()).toBe(0)
  })
})
