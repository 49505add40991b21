import { execFileSync } from 'node:child_process'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserIsHere, openBrowser, violations } from '../harness/browser.ts'
import { type Linbang, root, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'

const good = '康乐社区居民：明天上午9点到11点停水，请先接好水。有事打0592-5550000。'

describe.skipIf(!browserIsHere && !process.env.CI)('the desk in a real browser', () => {
  let linbang: Linbang
  let author: Phone
  let second: Phone
  let one: BrowserContext
  let two: BrowserContext
  const errors: string[] = []

  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build:pages'], { cwd: root })
    linbang = await startLinbang()
    author = await linbang.coordinator()
    second = await linbang.colleague('c-02')
    one = await openBrowser({ width: 1280, height: 900 })
    two = await openBrowser({ width: 320, height: 640 })
  }, 60_000)
  afterAll(async () => {
    await one.close()
    await two.close()
    await linbang.stop()
  })

  /** Through the link of the chat, as a coordinator comes in. */
  async function atDesk(phone: Phone, browser: BrowserContext): Promise<Page> {
    await phone.says('工作台')
    const { text } = await phone.sees('打开工作台')
    const path = /\/desk\/in\/\S+/.exec(text)?.[0] ?? ''
    const page = await browser.newPage()
    page.setDefaultTimeout(10_000)
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(linbang.url + path)
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: '打开工作台' }).click()
    await page.getByRole('button', { name: '写新通知' }).waitFor()
    return page
  }
  const noWider = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  const picture = async (page: Page, name: string) => {
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `/tmp/desk-${name}.png`, fullPage: true })
  }

  it('a notice is written, checked as it is typed, approved by a second person and watched to its end', async () => {
    const resident = await linbang.resident()
    await resident.says('社区：康乐社区')
    await resident.sees('以后按康乐社区给您发通知')
    const page = await atDesk(author, one)
    await page.getByRole('button', { name: '写新通知' }).click()
    const text = page.getByLabel('正文')
    await text.fill('残疾人朋友：尽快到 evil.com 领补贴')
    await page.getByText('必须改：“残疾”会让旁人知道').waitFor()
    await page.getByText('链接“evil.com”不在允许的名单上').waitFor()
    expect(await violations(page)).toEqual([])
    await text.fill(good)
    await page.getByText('没有要改的').waitFor()
    await page.getByLabel('发给谁').fill('江头')
    await page.getByText('没认出：江头').waitFor()
    await page.getByLabel('发给谁').fill('')
    await page.getByLabel('加一个社区').first().selectOption('康乐社区')
    await page.getByRole('button', { name: '加一个社区' }).click()
    await page.getByText('会发给：康乐社区').waitFor()
    await page.getByText('会发给1人：网页1人').waitFor()
    await page.getByText('例如这些人').click()
    await page.getByText(/用户\d+（康乐社区）/).waitFor()
    await page.getByText('已存下').waitFor()
    await picture(page, 'editor')
    expect(await violations(page)).toEqual([])
    expect(await noWider(page)).toBeLessThanOrEqual(0)
    await page.getByRole('button', { name: '请另一位核对' }).click()
    await page.getByText('对方同意后才发').waitFor()
    // The second hears of it in chat too, and looks at it on a small screen.
    await second.sees('您同意发吗')
    const small = await atDesk(second, two)
    await small.getByRole('link', { name: /康乐社区居民/ }).click()
    await small.getByText('会发给1人').waitFor()
    await picture(small, 'approve')
    expect(await violations(small)).toEqual([])
    expect(await noWider(small)).toBeLessThanOrEqual(0)
    await small.getByRole('button', { name: '同意发' }).click()
    await small.getByText('开始发').waitFor()
    await resident.sees('【通知】康乐社区居民')
    await page.getByText('1 / 1人，100%').waitFor()
    await page.getByText(/已发出1人|确定收到1人/).waitFor()
    await page.getByText('没有漏下的人').waitFor()
    await picture(page, 'progress')
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
  }, 90_000)
})
