import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits } from '../harness/story.ts'
import { type FakeTelegram, startTelegram } from '../harness/telegram.ts'
import { type FakeWechat, startWechat } from '../harness/wechat.ts'

/** What a phone of any channel can do in these stories. */
interface Chat {
  says(text: string): Promise<unknown>
  taps(label: string): Promise<unknown>
  screen(): readonly { readonly text: string }[]
  sees(text: string | RegExp): Promise<{ readonly text: string }>
}

describe('one person, the page and a messenger', () => {
  let telegram: FakeTelegram
  let wechat: FakeWechat
  let linbang: Linbang
  beforeAll(async () => {
    telegram = await startTelegram()
    wechat = await startWechat({ now: () => linbang?.clock.now() ?? new Date() })
    const { token, aesKey, receiver } = wechat.keys
    linbang = await startLinbang({
      env: {
        TELEGRAM_BOT_TOKEN: telegram.token,
        TELEGRAM_API_ROOT: telegram.apiRoot,
        WECHAT_APP_ID: receiver,
        WECHAT_APP_SECRET: wechat.secret,
        WECHAT_TOKEN: token,
        WECHAT_AES_KEY: aesKey,
        WECHAT_API_BASE: wechat.apiBase,
      },
    })
    wechat.callback = `${linbang.url}/wechat/callback`
  })
  afterEach(async () => {
    telegram.fault(() => undefined)
    wechat.fault(() => undefined)
    await expect.poll(() => linbang.orphans()).toBe(0)
  })
  afterAll(async () => {
    await linbang.stop()
    await telegram.stop()
    await wechat.stop()
  })
  const codeOf = (text: string) => /关联码：([A-Z]{10})/.exec(text)?.[1] ?? ''
  async function codeFor(chat: Chat): Promise<string> {
    await chat.says('关联')
    return codeOf((await chat.sees('关联码')).text)
  }
  /** A plea told on the page and taken by a worker. */
  async function taken(): Promise<{ page: Phone; worker: Phone; number: number }> {
    const page = await linbang.resident()
    const number = await submits(page)
    const worker = await linbang.worker('a3')
    const hasIt = () => worker.screen().some((message) => message.text.includes(`求助${number}`))
    await expect.poll(hasIt, { timeout: 10_000 }).toBe(true)
    await worker.says(`接 ${number}`)
    await worker.sees('由您负责')
    await page.sees('已经接下')
    return { page, worker, number }
  }
  const isOn = (chat: Chat, text: string) => chat.screen().some((message) => message.text.includes(text))

  /**
   * The code said in the messenger, the yes on the page, answers moved to the messenger, and back when it is closed.
   * @param close the far end lets us say nothing more there.
   */
  async function joined(chat: Chat, close: () => void): Promise<void> {
    const { page, worker, number } = await taken()
    const code = await codeFor(page)
    await chat.says(`关联 ${code}`)
    await chat.sees('点“是我”')
    await chat.says('进度')
    await chat.sees('没有正在办的求助') // not before the yes
    await page.sees('是您自己吗')
    await page.taps('是我')
    await page.sees('连上了')
    await chat.sees('连上了')
    await chat.says('进度')
    await chat.sees(`求助${number}`)

    await chat.says('在这里回复')
    await chat.sees('以后都回到这个聊天')
    await worker.says(`${number} 我下午三点到`)
    await chat.sees('我下午三点到')
    expect(isOn(page, '我下午三点到')).toBe(false)

    close()
    await worker.says(`${number} 路上堵车，晚一点`)
    await page.sees('路上堵车')
    expect(isOn(chat, '路上堵车')).toBe(false)
  }

  it('Telegram: a code, a yes, answers where they are wanted, and on the page once the bot is blocked', async () => {
    await joined(telegram.phone(41), () =>
      telegram.fault((method, { chat_id }) =>
        method === 'sendMessage' && String(chat_id) === '41'
          ? { error_code: 403, description: 'Forbidden: bot was blocked by the user' }
          : undefined,
      ),
    )
  })

  it('WeChat: a code, a yes, answers where they are wanted, and on the page once the replies are over', async () => {
    await joined(wechat.phone('oLINK'), () =>
      wechat.fault((path) =>
        path === 'message/custom/send' ? { errcode: 45047, errmsg: 'out of response count limit' } : undefined,
      ),
    )
  })

  it('nobody gets into somebody else’s talk by a code that was forwarded, or by guessing', async () => {
    const { page, number } = await taken()
    const code = await codeFor(page)
    const stranger = telegram.phone(42)
    const another = wechat.phone('oSTRANGER')
    await stranger.says(`关联 ${code}`)
    await stranger.sees('点“是我”')
    // Said once, it is used; a second forwarding leads nowhere.
    await another.says(`关联 ${code}`)
    await another.sees('不能用')
    // They cannot say the yes themselves, in words or by a forged tap.
    const { id } = await linbang.db.linkCode.findFirstOrThrow({ orderBy: { id: 'desc' } })
    for (const words of ['是我', `q:link:yes:${id}`]) await stranger.says(words)
    const third = await linbang.resident()
    await third.tapsToken(`q:link:yes:${id}`)
    await third.sees('过时')
    await stranger.says('进度')
    await stranger.sees('没有正在办的求助')
    await page.sees('是您自己吗')
    await page.taps('不是我')
    await stranger.sees('不是本人')
    await page.sees('没有连上')
    await page.says('进度')
    await page.sees(`求助${number}`)

    const fresh = await codeFor(page)
    for (let i = 0; i < 4; i++) {
      await another.says(`关联 ABABABABA${'CDEF'[i]}`)
      await another.sees('不能用')
    }
    // The fifth wrong one was the forwarded code: even the right one is not taken now.
    await another.says(`关联 ${fresh}`)
    await another.sees('试的次数太多')
    linbang.clock.forward({ minutes: 25 })
    await another.says(`关联 ${fresh}`)
    await another.sees('试的次数太多')
    const asked = { saidAtId: { not: null }, answeredAt: null }
    expect(await linbang.db.linkCode.count({ where: asked })).toBe(0)
  })
})
