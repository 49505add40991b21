import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'

describe('a crisis', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang({ at: new Date('2026-11-23T23:40:00+08:00') })
  })
  afterAll(() => linbang.stop())

  it('is answered at once with the right numbers, before any consent, and two people are told in parallel', async () => {
    const resident = await linbang.resident()
    const [one, two] = [await linbang.worker('a1'), await linbang.worker('a2')]
    await resident.says('药都准备好了')
    const first = await resident.sees('很担心您')
    expect(first.text).toMatch(/120/)
    expect(first.text).toMatch(/12356/)
    expect(first.text).not.toMatch(/尽快|马上到/)
    const offers = await linbang.db.offer.findMany({ where: { status: 'open' } })
    expect(offers.length).toBeLessThanOrEqual(2)
    await Promise.race([one.sees('【危急】'), two.sees('【危急】')])
    await expect.poll(async () => linbang.db.offer.count({ where: { status: 'open' } })).toBe(2)

    await resident.taps('不安全')
    await resident.sees('您在哪里')
    await resident.says('康乐社区3号楼501')
    await resident.sees('身边有人吗')

    await expect.poll(async () => (await linbang.db.offer.findMany({ where: { status: 'open' } })).length).toBe(2)
    const open = await linbang.db.offer.findMany({ where: { status: 'open' }, include: { staff: true } })
    const agencies = open.map((o) => o.staff.code.slice(0, 2))
    const phone = await linbang.worker(agencies[0] === 'a2' ? 'a2' : (agencies[0] as 'a1'))
    await phone.taps('接')
    const taken = await resident.sees('已经看到您的话')
    expect(taken.text).toContain('示例社工')
    // A person has taken over: the bot is silent, words are only carried.
    await resident.says('我在阳台')
    await resident.seesNothingLike(/您在哪里|身边有人|我一直在/)
    expect(await linbang.orphans()).toBe(0)
  })

  it('climbs every five minutes until a named person has it, and tells the resident the truth', async () => {
    const resident = await linbang.resident()
    const coordinator = await linbang.coordinator()
    await resident.says('我不想活了')
    await resident.sees('很担心您')
    await expect.poll(async () => linbang.db.helpRequest.count({ where: { status: 'offered' } })).toBeGreaterThan(0)
    for (let i = 0; i < 5; i++) {
      linbang.clock.forward({ minutes: 6 })
      await new Promise((done) => setTimeout(done, 600))
    }
    await coordinator.sees('还没有人接')
    await resident.sees('还没有联系上工作人员')
    // By its own button: the crisis of the test before climbs as well by now, and may have the newest one.
    const { id } = await linbang.db.helpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })
    await coordinator.tapsToken(`t:take:${id}`)
    await resident.sees('示例协调员甲')
    const request = await linbang.db.helpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })
    expect(request.status).toBe('active')
    expect(request.urgency).toBe('crisis')
  })

  it('is not called off by a word, and never waits for a yes to the notice', async () => {
    const resident = await linbang.resident()
    await resident.says('老公又在打我')
    await resident.sees('马上打110')
    await resident.says('取消')
    await resident.seesNothingLike('已经取消')
    const request = await linbang.db.helpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })
    expect(['queued', 'offered']).toContain(request.status)
  })

  it('in pieces is heard in the pieces together', async () => {
    const resident = await linbang.resident()
    await resident.post({ id: 'p1', text: '我真的不' })
    await resident.post({ id: 'p2', text: '想活了' })
    await resident.sees('很担心您')
  })
})
