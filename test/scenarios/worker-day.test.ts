import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'

async function submits(resident: Phone, words: string): Promise<number> {
  await resident.says(words)
  await resident.sees('可以记下吗')
  await resident.taps('可以')
  await resident.sees('怎么找您方便')
  await resident.taps('打电话')
  await resident.sees('电话号码')
  await resident.says('13800000000')
  await resident.sees('对吗')
  await resident.taps('对')
  return Number(/编号(\d+)/.exec((await resident.sees('编号')).text)?.[1])
}

describe('a worker with two residents', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('is asked whose a word is, never guessed for; sees no number without a trace; and cannot touch what is not theirs', async () => {
    const [one, two] = [await linbang.resident(), await linbang.resident()]
    const worker = await linbang.worker('a3')
    const stranger = await linbang.worker('a4')
    const first = await submits(one, '我爸78岁刚出院，今天没人照顾，住康乐')
    await worker.sees(`求助${first}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    const second = await submits(two, '我妈79岁刚出院，今天没人照顾，住金尚')
    const card = await worker.sees(`求助${second}`)
    expect(card.text).not.toContain('13800000000')
    await worker.taps('接')
    await worker.sees('由您负责')

    await worker.says('我下午三点到')
    const asked = await worker.sees('给哪一位居民')
    expect(asked.choices.length).toBe(2)
    await one.seesNothingLike('下午三点')
    await worker.taps(new RegExp(`^${second} `))
    await two.sees('下午三点')
    await one.seesNothingLike('下午三点')

    await worker.says(`${first} 您好`)
    await one.sees('您好')

    expect(await linbang.db.accessLog.count()).toBe(0)
    await worker.says(`电话 ${first}`)
    await worker.sees('13800000000')
    expect(await linbang.db.accessLog.count()).toBe(1)

    await stranger.says(`办结 ${first}`)
    await stranger.sees('不归您办')
    await stranger.says(`电话 ${first}`)
    await stranger.sees('不归您办')
    await stranger.says(`邀请 a1-sw-02`)
    await stranger.sees(/没看懂|不归您办|没有转给任何人/)
    await worker.says(`备注 ${first} 家里有楼梯`)
    await worker.sees('备注已记下')
    await worker.says('我的')
    const mine = await worker.sees(String(second))
    expect(mine.text).toContain(String(first))
  })
})
