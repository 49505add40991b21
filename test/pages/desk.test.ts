import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
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
    if (!process.env.SCREENSHOTS) return
    const before = page.viewportSize()
    for (const width of [320, 390, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await page.screenshot({ path: `/tmp/desk-${name}-${width}.png`, fullPage: true })
    }
    if (before) await page.setViewportSize(before)
  }
  /** Nothing an independent checker finds, and nothing to scroll to at the side. */
  const isSound = async (page: Page) => {
    expect(await violations(page)).toEqual([])
    expect(await noWider(page)).toBeLessThanOrEqual(0)
  }
  const begin = async (page: Page, template?: string): Promise<void> => {
    await page.goto(`${linbang.url}/desk`)
    if (template) await page.getByLabel('用模板写').selectOption(template)
    await page.getByRole('button', { name: '写新通知' }).click()
    await page.getByLabel('正文').waitFor()
  }
  let left: Page
  let right: Page

  it('a notice is written, checked as it is typed, approved by a second person and watched to its end', async () => {
    const resident = await linbang.resident()
    await resident.says('社区：康乐社区')
    await resident.sees('以后按康乐社区给您发通知')
    left = await atDesk(author, one)
    const page = left
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
    await isSound(page)
    await page.getByRole('button', { name: '请另一位核对' }).click()
    await page.getByText('对方同意后才发').waitFor()
    // The second hears of it in chat too, and looks at it on a small screen.
    await second.sees('您同意发吗')
    right = await atDesk(second, two)
    const small = right
    await small.getByRole('link', { name: /康乐社区居民/ }).click()
    await small.getByText('会发给1人').waitFor()
    await picture(small, 'approve')
    await isSound(small)
    await small.getByRole('button', { name: '同意发' }).click()
    await small.getByText('开始发').waitFor()
    await resident.sees('【通知】康乐社区居民')
    await page.getByText('1 / 1人，100%').waitFor()
    await page.getByText(/已发出1人|确定收到1人/).waitFor()
    await page.getByText('没有漏下的人').waitFor()
    await picture(page, 'progress')
    for (const one of [page, small]) await isSound(one)
    expect(errors).toEqual([])
  }, 90_000)

  it('open places of a template are fields, and what stands in them stands in the text', async () => {
    const page = left
    await begin(page, '停水')
    await page.getByText('3处必须改').or(page.getByText('1处必须改')).waitFor()
    await page.getByLabel('地方', { exact: true }).fill('康乐社区')
    await page.getByLabel('时间', { exact: true }).fill('明天上午9点到11点')
    await page.getByText('“{电话}”还没填').waitFor()
    await picture(page, 'template')
    await page.getByLabel('电话', { exact: true }).fill('0592-5550000')
    await page.getByText('没有要改的').waitFor()
    const text = page.getByLabel('正文')
    expect(await text.inputValue()).toBe('康乐社区居民:明天上午9点到11点停水,请先接好水。问停水的事打0592-5550000。')
    expect(await text.getAttribute('aria-describedby')).toContain('count')
    await isSound(page)
    // On a narrow screen what is wrong with the words stands right under them.
    await page.setViewportSize({ width: 320, height: 640 })
    const top = async (selector: string) => (await page.locator(selector).boundingBox())?.y ?? 0
    expect(await top('.check')).toBeGreaterThan(await top('#text'))
    expect(await top('.check')).toBeLessThan(await top('#more'))
    await isSound(page)
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.getByText('已存下').waitFor()
    await page.reload()
    await page.getByLabel('正文').waitFor()
    expect(await text.inputValue()).toContain('0592-5550000')
    await page.getByRole('button', { name: '放弃草稿' }).click()
    await isSound(page)
    await page.getByRole('button', { name: '确定' }).click()
    await page.getByText('点左边一条通知').waitFor()
  }, 30_000)

  it('two desks on one draft: both texts are seen, and a person chooses', async () => {
    await begin(left)
    await left.getByLabel('正文').fill('左边先写的')
    await left.getByText('已存下').waitFor()
    const other = await one.newPage()
    await other.goto(left.url())
    await other.getByLabel('正文').waitFor()
    expect(await other.getByLabel('正文').inputValue()).toBe('左边先写的')
    await left.getByLabel('正文').fill('左边又写的')
    await left.getByText('已存下').waitFor()
    await other.getByLabel('正文').fill('右边写的')
    const conflict = other.getByRole('alert')
    await conflict.getByText('左边又写的').waitFor()
    expect(await other.getByLabel('正文').inputValue()).toBe('右边写的')
    await isSound(other)
    await picture(other, 'conflict')
    await conflict.getByRole('button', { name: '留我写的' }).click()
    await other.getByText('已存下').waitFor()
    await left.getByLabel('正文').fill('左边再写一次')
    await left.getByRole('alert').getByText('右边写的').waitFor()
    await left.getByRole('button', { name: '用别处改的' }).click()
    await expect.poll(() => left.getByLabel('正文').inputValue()).toBe('右边写的')
    await other.close()
    await left.getByRole('button', { name: '放弃草稿' }).click()
    await left.getByRole('button', { name: '确定' }).click()
  }, 30_000)

  it('who was not reached stands by community, and comes as a file', async () => {
    const { id: communityId } = await linbang.db.community.findFirstOrThrow({ where: { name: '康乐社区' } })
    const gone = { channel: 'web', account: '', externalId: 'gone', unreachable: 'blocked' }
    await linbang.db.person.create({ data: { communityId, addresses: { create: gone } } })
    await begin(left)
    await left.getByLabel('紧急，一人可发').check()
    await left.getByLabel('正文').fill(good)
    await left.getByLabel('发给谁').fill('康乐社区')
    await left.getByText(/会发给1人/).waitFor()
    await left
      .getByText(/没有可用的聊天|停用|拉黑/)
      .first()
      .waitFor()
    await picture(left, 'excluded')
    await left.getByText('已存下').waitFor()
    await left.getByRole('button', { name: '马上发出（紧急）' }).click()
    await isSound(left)
    await left.getByRole('button', { name: '确定' }).click()
    await left.getByText('100%').waitFor()
    await left
      .getByText(/康乐社区.*1人/)
      .first()
      .waitFor()
    await isSound(left)
    await picture(left, 'unreached')
    const [file] = await Promise.all([
      left.waitForEvent('download'),
      left.getByRole('link', { name: '下载名单（表格）' }).click(),
    ])
    expect(file.suggestedFilename()).toMatch(/\.xlsx$/)
    expect(
      readFileSync(await file.path())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK')
  }, 30_000)

  it('open requests are watched, and one opens to its history and closes to where one was', async () => {
    const resident = await linbang.resident()
    await resident.says('我妈82岁刚出院，今晚家里没人照顾，我们住康乐')
    await resident.taps('可以')
    await resident.taps('就在这里发消息')
    await resident.taps('对')
    const { text } = await resident.sees(/编号\d+/)
    const number = /编号(\d+)/.exec(text)?.[1] ?? ''
    for (const page of [left, right]) {
      await page.getByRole('link', { name: '求助', exact: true }).click()
      const line = page.locator(`[data-request="${number}"]`)
      await line.getByText('居家养老').waitFor()
      await page
        .getByText(/点.*前；过了就：/)
        .first()
        .waitFor()
      await isSound(page)
      await line.click()
      const heading = page.getByRole('heading', { name: `求助${number}的经过` })
      await heading.waitFor()
      expect(await heading.evaluate((it) => it === document.activeElement)).toBe(true)
      expect(await line.getAttribute('aria-current')).toBe('true')
      await isSound(page)
      await picture(page, 'history')
      // No word of the resident's on a screen that stands open.
      expect(await page.locator('main').textContent()).not.toContain('刚出院')
      await page.getByRole('link', { name: '收起' }).focus()
      await page.keyboard.press('Enter')
      await heading.waitFor({ state: 'detached' })
      const here = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.request)
      await expect.poll(here).toBe(number)
    }
    expect(errors).toEqual([])
  }, 30_000)
})
