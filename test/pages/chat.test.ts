import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserIsHere, leftOn, openBrowser, violations } from '../harness/browser.ts'
import { cuttable } from '../harness/cuttable.ts'
import { type Linbang, root, startLinbang } from '../harness/linbang.ts'

/** Where this district lets 离开 lead. */
const weather = 'https://weather.example/xiamen'

describe.skipIf(!browserIsHere && !process.env.CI)('the resident’s page', () => {
  let linbang: Linbang
  let browser: BrowserContext
  beforeAll(async () => {
    linbang = await startLinbang({ env: { LEAVE_URL: weather } })
  })
  afterAll(() => linbang.stop())

  /** A browser nobody has used before; what is said in it ends with it. */
  async function visitor(size = { width: 390, height: 844 }): Promise<Page> {
    await browser?.close()
    browser = await openBrowser(size)
    browser.setDefaultTimeout(10_000)
    return browser.pages()[0] ?? (await browser.newPage())
  }
  afterAll(() => browser?.close())
  const home = () => `${linbang.url}/`
  const says = async (page: Page, text: string) => {
    await page.locator('#text').fill(text)
    await page.getByRole('button', { name: '发送' }).click()
  }

  it('is at most 20 kB of script', () => {
    expect(readFileSync(`${root}/dist/pages/chat/chat.js`).length).toBeLessThanOrEqual(20_000)
  })

  it('has large words and targets, one live region, and no violation in any dress', async () => {
    const page = await visitor()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(home())
    await says(page, '我想找份工作,我有残疾证')
    await page.getByRole('button', { name: '1 可以' }).waitFor()
    await page.locator('#ease summary').click()
    const small = await page.evaluate(() =>
      [...document.querySelectorAll('button, summary, .button, textarea')].flatMap((element) => {
        const { width, height } = element.getBoundingClientRect()
        return width > 0 && (width < 60 || height < 60) ? [element.textContent] : []
      }),
    )
    expect(small).toEqual([])
    const sizes = await page.evaluate(() =>
      [...document.querySelectorAll('p, a, button, summary, label, textarea, h1')].map((e) =>
        parseFloat(getComputedStyle(e).fontSize),
      ),
    )
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(24)
    expect(await page.locator('[aria-live], [role=status], [role=alert], [role=log], output').count()).toBe(1)
    expect(await violations(page)).toEqual([])
    for (const dress of [
      { colorScheme: 'dark' },
      { colorScheme: 'light', contrast: 'more' },
      { forcedColors: 'active', contrast: 'no-preference' },
    ] as const) {
      await page.emulateMedia(dress)
      expect([dress, await violations(page)]).toEqual([dress, []])
    }
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' })
    await page.getByRole('button', { name: '大字' }).click()
    await page.getByRole('button', { name: '黑白分明' }).click()
    expect(await violations(page)).toEqual([])
    await page.reload()
    expect(await page.getByRole('button', { name: '大字' }).getAttribute('aria-pressed')).toBe('true')
    expect(errors).toEqual([])
  })

  it('is usable from the first word to the receipt by keyboard alone', async () => {
    const page = await visitor()
    await page.goto(home())
    const tabTo = async (name: RegExp) => {
      for (let i = 0; i < 60; i++) {
        const here = await page.evaluate(() => {
          const at = document.activeElement
          return at === document.body ? '' : `${at?.id} ${at?.textContent}`
        })
        if (name.test(here)) return
        await page.keyboard.press('Tab')
      }
      throw new Error(`Tab does not lead to ${name}`)
    }
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // 跳到输入框
    await tabTo(/^text /)
    await page.keyboard.type('我妈82岁刚出院，今晚家里没人照顾，我们住康乐')
    await page.keyboard.press('Enter')
    for (const answer of ['1 可以', '1 就在这里发消息', '1 对']) {
      await page.getByRole('button', { name: answer }).waitFor()
      await tabTo(new RegExp(`^ ${answer}$`))
      await page.keyboard.press('Enter')
    }
    await page.locator('#list').getByText('编号').waitFor()
  })

  it('says each new message once to a screen reader, and nothing again after a reload', async () => {
    const page = await visitor()
    await page.goto(home())
    await says(page, '我想找份工作,我有残疾证')
    const region = page.locator('#announce')
    await region.getByText(/小助手: .*可以记下吗.*1 可以/s).waitFor()
    expect(await region.getByText('可以记下吗').count()).toBe(1)
    await page.reload()
    await page.locator('#list').getByText('可以记下吗').waitFor()
    expect(await region.textContent()).toBe('')
  })

  it('loses nothing at 320 by 256 pixels, as at a zoom of 400 %', async () => {
    const page = await visitor({ width: 320, height: 256 })
    await page.goto(home())
    await says(page, '我想找份工作,我有残疾证')
    await page.getByRole('button', { name: '1 可以' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    await page.getByRole('button', { name: '3 先看详细说明' }).focus()
    const seen = await page.evaluate(() => {
      const { left, top } = document.activeElement?.getBoundingClientRect() ?? { left: 0, top: 0 }
      return document.elementFromPoint(left + 20, top + 20) === document.activeElement
    })
    expect(seen).toBe(true)
  })

  it('keeps 离开 in reach and is no longer than it looks, in big text too', async () => {
    const page = await visitor()
    await page.goto(home())
    for (const words of ['你好', '我想找份工作,我有残疾证']) {
      await says(page, words)
      await page.locator('#list li:not(.me)').last().waitFor()
    }
    await page.getByRole('button', { name: '1 可以' }).waitFor()
    const beyond = () =>
      page.evaluate(() => {
        const { scrollWidth, scrollHeight } = document.documentElement
        return { right: scrollWidth - innerWidth, below: scrollHeight - innerHeight }
      })
    expect(await beyond()).toEqual({ right: 0, below: 0 }) // the talk scrolls by itself
    await page.setViewportSize({ width: 320, height: 640 })
    await page.getByRole('button', { name: '大字' }).click()
    expect((await beyond()).right).toBeLessThanOrEqual(0)
    await page.locator('#text').focus()
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
    const inReach = await page.getByRole('link', { name: '离开' }).evaluate((leave) => {
      const { left, top, bottom } = leave.getBoundingClientRect()
      return top >= 0 && bottom <= innerHeight && document.elementFromPoint(left + 9, top + 9) === leave
    })
    expect(inReach).toBe(true)
    await page.getByRole('button', { name: '1 可以' }).focus()
    const seen = await page.evaluate(() => {
      const { left, top } = document.activeElement?.getBoundingClientRect() ?? { left: 0, top: 0 }
      return document.elementFromPoint(left + 9, top + 9) === document.activeElement
    })
    expect(seen).toBe(true)
    await page.getByRole('button', { name: '大字' }).click()
  })

  it('sends what was written offline once, also when the page was closed in between', async () => {
    const page = await visitor()
    await page.goto(home())
    await page.evaluate(() => navigator.serviceWorker.ready)
    await page.reload()
    await browser.setOffline(true)
    await says(page, '人工,离线时写的')
    await page.getByText('离线时写的').waitFor()
    await page.close()
    const again = await browser.newPage()
    await again.goto(home()) // the page itself opens without a network
    await again.locator('li.me.sending').getByText('离线时写的').waitFor()
    await browser.setOffline(false)
    await expect.poll(() => again.locator('li.me.sending').count(), { timeout: 15_000 }).toBe(0)
    await again.locator('#list').getByText('已经转给').waitFor()
    await again.reload()
    await again.getByText('已经转给').waitFor()
    expect(await again.locator('#list').getByText('离线时写的').count()).toBe(1)
  })

  it('a network cut in the middle of a message neither loses nor doubles it', async () => {
    const page = await visitor()
    await page.goto(home())
    const cut: string[] = []
    await page.route('**/chat/messages', async (route) => {
      const how = cut.length === 0 ? 'before' : cut.length === 1 ? 'after' : 'not'
      cut.push(how)
      if (how === 'before') return route.abort('connectionreset')
      if (how === 'not') return route.continue()
      await route.fetch() // the server has it; its answer is lost on the way back
      return route.abort('connectionreset')
    })
    await says(page, '我要找人工')
    await page.locator('#status').getByText('留着').waitFor()
    await expect.poll(() => page.locator('li.me.sending').count(), { timeout: 20_000 }).toBe(0)
    expect(cut).toEqual(['before', 'after', 'not'])
    await page.reload()
    await page.getByText('已经转给').waitFor()
    expect(await page.locator('#list').getByText('我要找人工').count()).toBe(1)
    expect(await page.getByText('已经转给').count()).toBe(1)
  })

  it('shows each message once and in its place, however the events come', async () => {
    const page = await visitor()
    const event = (id: number, kind: string, body: unknown) =>
      `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(body)}\n\n`
    const question = { text: '要吗？', choices: [{ token: 'q:a:yes', label: '要' }] }
    const events = [
      event(7, 'edit', { replaces: 3, text: '第三句，改过' }),
      event(2, 'mine', { key: 'elsewhere', text: '第二句' }),
      event(5, 'message', { text: '第五句' }),
      event(3, 'message', { text: '第三句' }),
      event(6, 'edit', { replaces: 3, text: '第三句，先前改的' }),
      event(4, 'message', question),
      event(3, 'message', { text: '第三句' }),
      event(1, 'message', { text: '第一句' }),
      event(2, 'mine', { key: 'elsewhere', text: '第二句' }),
      event(7, 'edit', { replaces: 3, text: '第三句，改过' }),
    ]
    await page.route('**/chat/events', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: events.join('') }),
    )
    await page.goto(home())
    await page.getByText('第五句').waitFor()
    const shown = await page.locator('#list > li > p').allTextContents()
    expect(shown).toEqual(['第一句', '第二句', '第三句，改过', '要吗？', '第五句'])
    expect(await page.getByRole('button', { name: '1 要' }).isDisabled()).toBe(true)
  })

  it('leaves at once: nothing stays on the screen, in the way back, or for who comes next', async () => {
    const page = await visitor()
    await page.route(weather, (route) => route.fulfill({ contentType: 'text/html', body: '<p>news' }))
    await page.goto('about:blank')
    await page.goto(home())
    expect(await page.title()).toBe('湖里服务')
    await says(page, '他又打我了')
    await page.locator('#list').getByText('马上打110').waitFor()
    for (const leave of [
      () => page.getByRole('link', { name: '离开' }).click(),
      async () => {
        await page.keyboard.press('Escape')
        await page.keyboard.press('Escape')
      },
    ]) {
      const before = await page.evaluate(() => history.length)
      await leave()
      await page.waitForURL(weather)
      expect(await page.evaluate(() => history.length)).toBe(before)
      await page.goto(home())
      await page.getByRole('button', { name: '接着说' }).waitFor()
      expect(await page.getByText('打我').count()).toBe(0)
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: '接着说' }).click()
      await page.locator('#list').getByText('他又打我了').waitFor()
      await page.goto('about:blank')
      await page.goto(home())
    }
  })

  it('forgets the visitor on this device only when asked twice', async () => {
    const page = await visitor()
    await page.goto(home())
    await says(page, '你好')
    await page.locator('#list').getByText('是机器').waitFor()
    await page.locator('#ease summary').click()
    await page.getByRole('button', { name: '忘记我' }).click()
    await page.locator('#status').getByText('再按一次').waitFor()
    await page.getByRole('button', { name: '忘记我' }).click()
    await page.waitForLoadState()
    await expect.poll(() => page.locator('#list > li').count()).toBe(0)
  })

  it('records with one tap, sends with the next, and keeps the recording while the network is away', async () => {
    const page = await visitor()
    const got: { id: string; type: string | undefined; bytes: number }[] = []
    let tries = 0
    await page.route('**/chat/media*', async (route) => {
      tries++
      if (tries === 1) return route.abort('connectionreset')
      const request = route.request()
      got.push({
        id: new URL(request.url()).searchParams.get('id') ?? '',
        type: request.headers()['content-type'],
        bytes: request.postDataBuffer()?.length ?? 0,
      })
      return route.fulfill({ status: 202, json: { ok: true } })
    })
    await page.goto(home())
    const record = page.locator('#record')
    await record.click()
    await page.locator('#status').getByText('正在录音').waitFor()
    expect(await record.getAttribute('aria-pressed')).toBe('true')
    await page.waitForTimeout(600)
    await record.click()
    await page.locator('#status').getByText('发出去了').waitFor()
    expect(got.length).toBe(1)
    expect(got[0]?.type).toBe('audio/webm')
    expect(got[0]?.bytes).toBeGreaterThan(200)
    expect(got[0]?.id.length).toBeGreaterThanOrEqual(32)
  })

  /** Record for a moment, with two taps. */
  async function records(page: Page): Promise<void> {
    await page.locator('#record').click()
    await page.locator('#status').getByText('正在录音').waitFor()
    await page.waitForTimeout(600)
    await page.locator('#record').click()
  }
  const picture = async () => {
    const drawn = sharp({ create: { width: 300, height: 200, channels: 3, background: 'green' } })
    return { name: 'IMG_1.png', mimeType: 'image/png', buffer: await drawn.png().toBuffer() }
  }
  const voices = () => linbang.db.attachment.count({ where: { kind: 'voice' } })
  const pictures = () => linbang.db.attachment.count({ where: { kind: 'picture' } })

  it('keeps a recording and a picture through a closed page, and sends each once', async () => {
    const page = await visitor()
    const line = await cuttable(new URL(linbang.url))
    try {
      const before = { voices: await voices(), pictures: await pictures() }
      await page.goto(line.url)
      await page.evaluate(() => navigator.serviceWorker.ready)
      await page.reload()
      await page.locator('#picture').waitFor()
      line.cut('in the middle of what is sent')
      await records(page)
      await page.locator('li.me .note').getByText('还没发出去').waitFor()
      await expect.poll(() => line.broken()).toBeGreaterThan(0)
      line.cut('whole')
      await page.locator('#pictures').setInputFiles(await picture())
      await expect.poll(() => page.locator('li.me.sending').count()).toBe(2)
      await page.locator('#status').getByText('替您留着').waitFor()
      expect(await voices()).toBe(before.voices)
      await page.close()
      const again = await browser.newPage()
      await again.goto(line.url) // the page itself opens without a network
      await expect.poll(() => again.locator('li.me .note').getByText('还没发出去').count()).toBe(2)
      line.cut('what comes back')
      await expect.poll(voices, { timeout: 15_000 }).toBe(before.voices + 1)
      line.cut('not')
      await expect.poll(() => again.locator('li.me.sending').count(), { timeout: 20_000 }).toBe(0)
      expect([await voices(), await pictures()]).toEqual([before.voices + 1, before.pictures + 1])
      await again.locator('#list').getByText('原样交给工作人员听').waitFor()
      // What lay here is gone, so that nobody who borrows the phone can hear it.
      expect(await leftOn(again)).toBe(0)
      await again.reload()
      await expect.poll(() => again.locator('li.me audio').count()).toBe(1)
      await expect.poll(() => again.locator('li.me img').count()).toBe(1)
      expect(await again.locator('li.me p').allTextContents()).toEqual(['语音', '图片'])
    } finally {
      await line.close()
    }
  })

  it('deletes what has not arrived when the page is left or the visitor forgotten, and says so afterwards', async () => {
    const page = await visitor()
    await page.route(weather, (route) => route.fulfill({ contentType: 'text/html', body: '<p>news' }))
    let sent = 0
    await page.route('**/chat/media*', (route) => {
      sent++
      return route.abort('connectionreset')
    })
    await page.goto(home())
    await records(page)
    await page.locator('li.me .note').waitFor()
    expect(await leftOn(page)).toBe(1)
    // Tried again and again, told once.
    await expect.poll(() => sent, { timeout: 15_000 }).toBeGreaterThan(2)
    expect(await page.locator('#announce').getByText('替您留着').count()).toBe(1)
    await page.getByRole('link', { name: '离开' }).click()
    await page.waitForURL(weather)
    await page.goto(home())
    await page.getByRole('button', { name: '接着说' }).waitFor()
    expect(await leftOn(page)).toBe(0)
    sent = 0
    await page.getByRole('button', { name: '接着说' }).click()
    await page.locator('#status').getByText('已经删掉').waitFor()
    await page.reload()
    await page.locator('#text').waitFor()
    expect(await page.locator('#list > li').count()).toBe(0)
    expect(sent).toBe(0)

    await page.locator('#pictures').setInputFiles(await picture())
    await page.locator('li.me .note').waitFor()
    expect(await leftOn(page)).toBe(1)
    await page.locator('#ease summary').click()
    await page.getByRole('button', { name: '忘记我' }).click()
    await page.getByRole('button', { name: '忘记我' }).click()
    await page.waitForLoadState()
    await expect.poll(() => page.locator('#list > li').count()).toBe(0)
    expect(await leftOn(page)).toBe(0)
  })

  it('says beside a message that it was not taken, and lets the next ones through', async () => {
    const page = await visitor()
    await page.goto(home())
    await page.locator('#picture').waitFor()
    const program = { name: 'x.png', mimeType: 'image/png', buffer: Buffer.from([0x4d, 0x5a, 0, 1, 2, 3, 0xff]) }
    await page.locator('#pictures').setInputFiles(program)
    await page.locator('li.me .note').getByText('没有发出去').waitFor()
    expect(await page.locator('#status').textContent()).toContain('这种文件发不了')
    await says(page, '我要找人工')
    await page.locator('#list').getByText('已经转给').waitFor()
    expect(await leftOn(page)).toBe(0)
    await says(page, 'English')
    await page.locator('html[lang=en]').waitFor()
    await page.getByRole('button', { name: 'Send a photo' }).waitFor()
    await page.locator('#pictures').setInputFiles(program)
    await page.locator('#status').getByText('cannot be sent').waitFor()
  })

  it('makes a large photo small before it is sent', async () => {
    const page = await visitor()
    let bytes = 0
    await page.route('**/chat/media*', (route) => {
      bytes = route.request().postDataBuffer()?.length ?? 0
      return route.continue()
    })
    await page.goto(home())
    await page.locator('#picture').waitFor()
    const [width, height] = [3_000, 500]
    const raw = { width, height, channels: 3 } as const
    const buffer = await sharp(randomBytes(width * height * 3), { raw })
      .png()
      .toBuffer()
    expect(buffer.length).toBeGreaterThan(2_000_000)
    const before = await pictures()
    await page.locator('#pictures').setInputFiles({ name: 'big.png', mimeType: 'image/png', buffer })
    await expect.poll(pictures, { timeout: 15_000 }).toBe(before + 1)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThan(buffer.length / 2)
    const mime = async () => (await linbang.db.attachment.findFirst({ orderBy: { id: 'desc' } }))?.mime
    await expect.poll(mime, { timeout: 10_000 }).toBe('image/jpeg')
  })

  it('hides what this browser cannot do', async () => {
    const page = await visitor()
    await page.addInitScript(() => Reflect.deleteProperty(window, 'speechSynthesis'))
    await page.addInitScript(() => Object.defineProperty(window, 'speechSynthesis', { value: undefined }))
    await page.addInitScript(() => Object.defineProperty(window, 'MediaRecorder', { value: undefined }))
    await page.goto(home())
    await page.locator('#ease summary').click()
    expect(await page.getByRole('button', { name: '念给我听' }).count()).toBe(0)
    expect(await page.locator('#record').isVisible()).toBe(false)
  })

  it('reads new messages aloud when asked, numbers figure by figure', async () => {
    const page = await visitor()
    await page.addInitScript(() => {
      const spoken: string[] = []
      Object.assign(window, { spoken })
      speechSynthesis.speak = (utterance) => void spoken.push(utterance.text)
    })
    await page.goto(home())
    await page.locator('#ease summary').click()
    await page.getByRole('button', { name: '念给我听' }).click()
    await says(page, '药都准备好了')
    const spoken = () => page.evaluate(() => (window as unknown as { spoken: string[] }).spoken.join('\n'))
    await expect.poll(spoken, { timeout: 10_000 }).toContain('1 2 0')
  })

  it('can be installed', async () => {
    const page = await visitor()
    await page.goto(home())
    const href = await page.locator('link[rel=manifest]').getAttribute('href')
    const manifest = (await (await fetch(`${linbang.url}${href}`)).json()) as Record<string, unknown> & {
      icons: { src: string }[]
    }
    expect(manifest).toMatchObject({ name: '湖里服务', start_url: '/', display: 'standalone' })
    for (const { src } of manifest.icons)
      expect((await fetch(`${linbang.url}${src}`)).headers.get('content-type')).toBe('image/svg+xml')
    expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).scope)).toBe(home())
    const { headers } = await fetch(home())
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/)
  })
})
