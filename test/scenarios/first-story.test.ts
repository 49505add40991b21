import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'

describe('a daughter asks for her mother, and the duty worker accepts', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('walks from the first word to the solved request', async () => {
    const daughter = await linbang.resident()
    const worker = await linbang.worker('a3')

    await daughter.says('我妈82岁刚出院,今晚家里没人照顾,我们住康乐')
    const notice = await daughter.sees('可以记下吗')
    expect(notice.text).toContain('是机器')
    await daughter.taps('可以')
    await daughter.sees('工作人员怎么找您方便')
    await daughter.taps('就在这里发消息')
    const readBack = await daughter.sees('我记下了')
    expect(readBack.text).toContain('给谁：我妈')
    expect(readBack.text).toContain('社区：康乐社区')
    await daughter.says('对')
    const receipt = await daughter.sees('编号')
    expect(receipt.text).toMatch(/查询码\d{6}/)
    expect(receipt.text).toMatch(/最晚今天上午10点\d*分?前/)

    const card = await worker.sees('求助1001')
    expect(card.text).toContain('刚出院')
    await worker.taps('接')
    await worker.sees('由您负责')
    await daughter.sees(/示例社工丙01已经接下/)

    await worker.says('您好,我是社工,一小时后到您家。')
    await daughter.sees('一小时后到您家')
    await daughter.says('太好了,门铃坏了,到了请打我电话13800000000')
    const relayed = await worker.sees('门铃坏了')
    expect(relayed.text).not.toContain('13800000000')

    await worker.says('办结')
    await worker.sees('怎么办好的')
    await worker.taps('已解决')
    await daughter.sees('解决了吗')
    await daughter.taps('解决了')
    await daughter.sees('满意吗')
    await daughter.taps('满意')
    await daughter.sees('谢谢')
    const [request] = await linbang.db.helpRequest.findMany()
    expect(request?.status).toBe('closed')
    expect(await linbang.orphans()).toBe(0)
  })
})
