import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits } from '../harness/story.ts'

describe('the service ledger', () => {
  let linbang: Linbang
  let worker: Phone
  beforeAll(async () => {
    linbang = await startLinbang()
    worker = await linbang.worker('a3')
  })
  afterAll(() => linbang.stop())

  const counted = () => linbang.db.service.count({ where: { undoneAt: null } })

  async function takes(words?: string): Promise<{ resident: Phone; number: number }> {
    const resident = await linbang.resident()
    const number = await submits(resident, words)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    return { resident, number }
  }

  it('a contact is two taps after 记服务, is linked to contract and need, and can be taken back', async () => {
    const { resident, number } = await takes()
    // Whatever the machine and the two of them write is no service.
    await worker.says('您好,我是社工')
    await resident.sees('您好,我是社工')
    expect(await counted()).toBe(0)

    await worker.taps('记服务')
    await worker.sees('怎么服务的')
    await worker.taps('探访')
    await worker.sees('用了多长时间')
    await worker.taps('60分钟')
    await worker.sees('已记服务')
    const service = await linbang.db.service.findFirstOrThrow({ include: { contract: true, request: true } })
    expect(service).toMatchObject({ kind: 'visit', minutes: 60, request: { number } })
    expect(service.contract?.reference).toBe('示例-老-丙')
    expect(service.need).not.toBeNull()

    const undo = worker.screen().at(-1)?.choices[0]?.token ?? ''
    await worker.tapsToken(undo)
    await worker.sees('已撤销')
    await worker.tapsToken(undo)
    await worker.sees('不能撤销')
    expect(await counted()).toBe(0)
    // Taken back, never gone.
    await expect(linbang.db.service.deleteMany()).rejects.toThrow(/append-only/)
    await expect(linbang.db.service.updateMany({ data: { minutes: 1 } })).rejects.toThrow(/only ever taken back/)
  })

  it('counts a household once an indicator however often it was served, and every contact where contacts count', async () => {
    const one = await takes()
    const two = await takes('我爸82岁住院回来没人做饭,今晚就没人,住金尚社区')
    for (const number of [one.number, two.number, two.number]) {
      await worker.says(`记录 ${number} 电访 20`)
      await worker.sees(/已记服务|哪一项/)
      const last = worker.screen().at(-1)
      if (last?.text.includes('哪一项')) {
        await worker.tapsToken(last.choices[0]?.token ?? '')
        await worker.sees('已记服务')
      }
    }
    await worker.says('台账')
    const before = await worker.sees('服务台账')
    expect(before.text).toContain('居家服务老人 2/1800人')
    expect(before.text).toContain('入户探访 3/3600人次')

    // The two are one family: of households there is one; persons and contacts stay what they were.
    await linbang.db.quota.updateMany({ where: { indicator: '居家服务老人' }, data: { unit: '户' } })
    await worker.says(`同户 ${one.number} ${two.number}`)
    await worker.sees('同一户')
    await worker.says('台账')
    expect((await worker.sees('服务台账')).text).toContain('居家服务老人 1/1800户')
  })

  it('shows used, target, share of time and where it leads; only a coordinator sees every agency', async () => {
    const coordinator = await linbang.coordinator()
    await coordinator.says('台账')
    const all = await coordinator.sees('服务台账')
    expect(all.text).toContain('示例-残-甲')
    expect(all.text).toMatch(/时间过了\d+%/)
    await worker.says('台账')
    expect((await worker.sees('服务台账')).text).not.toContain('示例-残-甲')
  })

  it('nobody records on a request that is not theirs, nor minutes that cannot be', async () => {
    const { number } = await takes()
    const stranger = await linbang.worker('a1')
    await stranger.says(`记录 ${number} 探访 30`)
    await stranger.sees('没有操作')
    await worker.says(`记录 ${number} 探访 0`)
    await worker.sees('分钟要写')
    await worker.says(`记录 ${number} 探访 99999`)
    await worker.sees('分钟要写')
  })

  it('成效 gives the three numbers an agency is judged by, by the word of the residents', async () => {
    const coordinator = await linbang.coordinator()
    const closes = async (solved: '解决了' | '没解决') => {
      const { resident, number } = await takes()
      await worker.says(`办结 ${number}`)
      await worker.sees('怎么办好的')
      await worker.taps('已解决')
      await resident.sees('解决了吗')
      await resident.taps(solved)
      await resident.sees(solved === '解决了' ? '满意吗' : '没有办完')
      if (solved === '解决了') {
        await resident.taps('满意')
        await resident.sees('记下了')
      }
    }
    await closes('解决了')
    await closes('没解决')
    await coordinator.says('成效')
    const shown = await coordinator.sees('成效')
    expect(shown.text).toContain('示例三社工服务中心：办结2件，按时响应100%（2/2），解决50%（1/2），满意100%（1/1）')
    await worker.says('成效')
    await worker.seesNothingLike('办结2件')
  })
})
