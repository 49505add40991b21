import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { submits } from '../harness/story.ts'

describe('what a worker writes', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('that only begins like an order reaches the resident, and orders nothing', async () => {
    const [resident, worker] = [await linbang.resident(), await linbang.worker('a3')]
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    for (const words of [
      '不接电话是因为在开会，三点打给您',
      '转交给民政局的材料收到了',
      '换人来看您可以吗',
      '备注写在表上就行',
      '结束以后我再来',
    ]) {
      await worker.says(words)
      await worker.sees('已转给居民')
      await resident.sees(words)
    }
    const request = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(request.status).toBe('active')
    await worker.says('备注 膝盖不好，走不了楼梯')
    await worker.sees('备注已记下')
    await resident.seesNothingLike('走不了楼梯')
  })

  it('a bare figure under several offers is asked about, never sent to the resident of another request', async () => {
    const worker = await linbang.worker('a3')
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => linbang.resident()))
    if (!first) throw new Error('three residents')
    const number = await submits(first)
    await worker.sees(`求助${number}`)
    await worker.says(`接 ${number}`)
    await first.sees('已经接下')
    for (const other of others) await worker.sees(`求助${await submits(other)}`)
    await worker.says('1')
    await worker.sees('这是回复哪一件')
    await first.seesNothingLike(/1$/)
  })

  it('before saying whose it is goes along whole: nothing of it is lost', async () => {
    const worker = await linbang.worker('a3')
    const resident = await linbang.resident()
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.says(`接 ${number}`)
    await resident.sees('已经接下')
    await worker.says('我下午三点到')
    await worker.sees('给哪一位居民')
    await worker.says('请把药盒带上')
    await worker.sees('给哪一位居民')
    await worker.taps(new RegExp(`^${number} `))
    const relayed = await resident.sees('我下午三点到')
    expect(relayed.text).toContain('请把药盒带上')
  })
})
