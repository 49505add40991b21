import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { submits } from '../harness/story.ts'

describe('abuse and quiet', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('a block needs a coordinator, a reason and an end; a crisis comes through it; it ends by itself', async () => {
    const resident = await linbang.resident()
    const number = await submits(resident)
    const worker = await linbang.worker('a3')
    await worker.taps('接')
    await worker.sees('由您负责')
    await worker.says(`屏蔽 ${number} 明天 骂人`)
    await worker.sees('不归您办')
    await resident.seesNothingLike('屏蔽')
    expect(await linbang.db.block.count()).toBe(0)

    const coordinator = await linbang.coordinator()
    for (const wrong of [`屏蔽 ${number}`, `屏蔽 ${number} 明天`, `屏蔽 ${number} 骂人`, '屏蔽']) {
      await coordinator.says(wrong)
      await coordinator.sees('请写编号、到哪天、为什么')
    }
    expect(await linbang.db.block.count()).toBe(0)
    await coordinator.says(`屏蔽 ${number} 明天 反复辱骂工作人员`)
    await coordinator.sees('危急的话照样会来')
    await resident.sees('暂停了您的普通消息')

    await resident.says('你们这些人不讲道理')
    await resident.sees('没有转给人')
    await worker.seesNothingLike('不讲道理')
    await resident.says('药都准备好了，不想活了')
    await resident.sees('很担心您')
    await worker.sees('不想活了')

    const block = await linbang.db.block.findFirstOrThrow()
    expect(block.reason).toBe('反复辱骂工作人员')
    linbang.clock.forward({ days: 3 })
    await resident.says('我想问问护理的事')
    await worker.sees('护理的事')
  })

  it('the database itself refuses a block without a reason, without an end, or for good', async () => {
    const person = await linbang.db.person.findFirstOrThrow()
    const by = await linbang.db.staff.findFirstOrThrow({ where: { role: 'coordinator' } })
    const from = linbang.clock.now()
    const in3days = new Date(from.getTime() + 3 * 86_400_000)
    const block = { personId: person.id, byId: by.id, reason: '辱骂', from, until: in3days }
    for (const wrong of [
      { ...block, reason: ' ' },
      { ...block, until: from },
      { ...block, until: new Date(from.getTime() + 400 * 86_400_000) },
    ]) {
      await expect(linbang.db.block.create({ data: wrong })).rejects.toThrow()
    }
  })

  it('a flood is read together and slowly, nothing of it is lost, and a crisis in it is answered at once', async () => {
    const resident = await linbang.resident()
    for (let i = 0; i < 60; i++) await resident.says(`在吗在吗 ${i}`)
    await resident.says('药都准备好了，不想活了')
    await resident.sees('很担心您')
    const person = await linbang.db.person.findFirstOrThrow({ orderBy: { id: 'desc' } })
    expect(await linbang.db.inboundMessage.count({ where: { personId: person.id } })).toBeGreaterThanOrEqual(61)
    linbang.clock.forward({ minutes: 2 })
    await expect
      .poll(() => linbang.db.inboundMessage.count({ where: { personId: person.id, handledAt: null } }), {
        timeout: 15_000,
      })
      .toBe(0)
    const answers = resident.screen().filter((m) => m.from === 'linbang').length
    expect(answers).toBeLessThan(45)
    await expect.poll(() => linbang.orphans()).toBe(0)
  })

  it('an elder who sends a sticker and "在吗" every day is never shut out', async () => {
    const resident = await linbang.resident()
    for (let day = 0; day < 5; day++) {
      await resident.says('在吗')
      linbang.clock.forward({ days: 1 })
    }
    await resident.sees('是机器')
    await expect
      .poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 10_000 })
      .toBe(0)
    await resident.says('人工')
    await resident.sees('已经转给')
  })
})
