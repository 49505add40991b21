import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { submits } from '../harness/story.ts'

describe('one person in several chats, several people on one phone', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())
  const codeOf = (text: string) => /关联码：([A-Z]{10})/.exec(text)?.[1] ?? ''

  it('a code said in the other chat, and a yes in the first, make them one; who speaks there can part them', async () => {
    const one = await linbang.resident()
    const number = await submits(one)
    await one.says('关联')
    const code = codeOf((await one.sees('关联码')).text)
    const other = await linbang.resident()
    await other.says(`关联 ${code.toLowerCase()}`)
    await other.sees('点“是我”')
    await other.says('进度')
    await other.sees('没有正在办的求助') // not before the yes
    await one.sees('是您自己吗')
    await one.taps('是我')
    await one.sees('连上了')
    await other.sees('连上了')
    await other.says('进度')
    await other.sees(`求助${number}`)
    // The code has been used.
    const third = await linbang.resident()
    await third.says(`关联 ${code}`)
    await third.sees('不能用')

    const worker = await linbang.worker('a3')
    await other.says('在这里回复')
    await other.sees('以后都回到这个聊天')
    await one.says('她还有糖尿病')
    await one.sees('补充')
    await worker.taps('接')
    await other.sees('已经接下您的求助')
    expect(one.screen().some((m) => m.text.includes('已经接下您的求助'))).toBe(false)

    // Parted by the second chat: the requests stay where the code was made.
    await other.says('取消关联')
    await other.sees('分开了')
    await other.says('进度')
    await other.sees('没有正在办的求助')
    await one.says('进度')
    await one.sees(`求助${number}`)
    await expect.poll(() => linbang.orphans()).toBe(0)
  })

  it('a no keeps them apart, old and guessed codes do nothing, and guessing ends', async () => {
    const one = await linbang.resident()
    await submits(one)
    await one.says('关联')
    const code = codeOf((await one.sees('关联码')).text)
    const stranger = await linbang.resident()
    await stranger.says(`关联 ${code}`)
    await one.sees('是您自己吗')
    await one.taps('不是我')
    await stranger.sees('不是本人')
    await stranger.says('进度')
    await stranger.sees('没有正在办的求助')

    await one.says('关联')
    const late = codeOf((await one.sees('关联码')).text)
    linbang.clock.forward({ minutes: 31 })
    await stranger.says(`关联 ${late}`)
    await stranger.sees('不能用')
    for (let i = 0; i < 4; i++) {
      await stranger.says(`关联 ABABABABA${'CDEF'[i]}`)
      await stranger.sees('不能用')
    }
    await stranger.says('关联 ABABABABAG')
    await stranger.sees('试的次数太多')
    // Two taps on the same question, and a forged one.
    expect(await stranger.tapsToken('q:link:yes:1')).toBe(202)
    await stranger.sees('过时')
  })

  it('two people on one phone: each sees only their own, and each is told for whom a word is', async () => {
    const phone = await linbang.resident()
    const first = await submits(phone)
    await phone.says('换人')
    await phone.sees('现在是第2位')
    await phone.says('进度')
    await phone.sees('没有正在办的求助')
    const worker = await linbang.worker('a3')
    await expect
      .poll(() => worker.screen().some((m) => m.text.includes(`求助${first}`)), { timeout: 10_000 })
      .toBe(true)
    await worker.says(`接 ${first}`)
    await phone.sees(/【给第1位】.*已经接下/)
    await phone.says('换人')
    await phone.sees('现在是谁在说话')
    await phone.taps('第1位')
    await phone.sees('现在是第1位')
    await phone.says('进度')
    await phone.sees(`求助${first}`)
  })
})
