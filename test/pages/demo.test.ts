import { execFileSync } from 'node:child_process'
import AxeBuilder from '@axe-core/playwright'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserIsHere, openBrowser } from '../harness/browser.ts'
import { type Linbang, root, startLinbang } from '../harness/linbang.ts'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(standards).analyze()
  return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)
}

describe.skipIf(!browserIsHere && !process.env.CI)('in a real browser', () => {
  let linbang: Linbang
  let browser: BrowserContext
  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build:pages'], { cwd: root })
    linbang = await startLinbang()
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await linbang.stop()
  })

  it('the demo plays the first story on three phones, with the ledger beside them', async () => {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(`${linbang.url}/demo`)
    await page.getByRole('button', { name: /照着说：“我妈82岁/ }).click()
    const resident = page.locator('.phone').nth(0)
    const worker = page.locator('.phone').nth(1)
    await resident.getByRole('button', { name: '1 可以' }).click()
    await resident.getByRole('button', { name: '1 就在这里发消息' }).click()
    await resident.getByRole('button', { name: '1 对' }).click()
    await resident.getByText('您不用再做别的').waitFor()
    await worker.getByRole('button', { name: '1 接' }).click()
    await resident.getByText('已经接下您的求助').waitFor()
    await worker.getByLabel('社工写').fill('您好,我一小时后到您家。')
    await worker.getByRole('button', { name: '发送' }).click()
    await resident.getByText('一小时后到您家').waitFor()
    await page.locator('#timeline').getByText('接下 示例社工丙01').waitFor()
    // The README's picture: SCREENSHOTS=1 npx vitest run test/pages
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${root}/docs/demo.png` })
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
  })

  it('the resident page works by keyboard alone, keeps the talk over a reload, and has no violation', async () => {
    const page = await browser.newPage()
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${linbang.url}/`)
    await page.getByRole('button', { name: '大字' }).focus()
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press('Tab')
      if (await page.locator('#text').evaluate((box) => box === document.activeElement)) break
    }
    await page.keyboard.type('我想找份工作,我有残疾证')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: '1 可以' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.reload()
    await page.getByText('我想找份工作').waitFor()
    expect(await page.getByText('我想找份工作').count()).toBe(1)
  })

  it('what is typed while offline is sent once when the network is back', async () => {
    const page = await browser.newPage()
    await page.goto(`${linbang.url}/`)
    await browser.setOffline(true)
    await page.locator('#text').fill('人工,离线时写的')
    await page.getByRole('button', { name: '发送' }).click()
    await page.getByText('离线时写的').waitFor()
    await browser.setOffline(false)
    await expect.poll(() => page.locator('li.me.sending').count(), { timeout: 15_000 }).toBe(0)
    await page.reload()
    await page.getByText('离线时写的').waitFor()
    expect(await page.getByText('离线时写的').count()).toBe(1)
  })

  it('nothing is cut off at 320 pixels', async () => {
    const page = await browser.newPage()
    await page.setViewportSize({ width: 320, height: 640 })
    await page.goto(`${linbang.url}/`)
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
  })
})
