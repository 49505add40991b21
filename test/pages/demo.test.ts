import { execFileSync } from 'node:child_process'
import type { BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { browserIsHere, openBrowser, violations } from '../harness/browser.ts'
import { type Linbang, root, startLinbang } from '../harness/linbang.ts'
import { freePort } from '../harness/ports.ts'

describe.skipIf(!browserIsHere && !process.env.CI)('in a real browser', () => {
  let linbang: Linbang
  let browser: BrowserContext
  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build:pages'], { cwd: root })
    // The link to the desk names the address people use.
    const PORT = String(await freePort())
    linbang = await startLinbang({ env: { PORT, PUBLIC_URL: `http://localhost:${PORT}` } })
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
    await page.locator('#story').click({ position: { x: 2, y: 2 } })
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${root}/docs/demo.png` })
    expect(await violations(page)).toEqual([])
    expect(errors).toEqual([])
    await page.close()
  }, 60_000)

  it('the desk is one tap away from the coordinator’s phone', async () => {
    const page = await browser.newPage()
    await page.goto(`${linbang.url}/demo`)
    const coordinator = page.locator('.phone').nth(2)
    await coordinator.getByLabel('协调员写').fill('工作台')
    await coordinator.getByRole('button', { name: '发送' }).click()
    const link = coordinator.getByRole('link', { name: /desk\/in/ })
    const [desk] = await Promise.all([browser.waitForEvent('page'), link.click()])
    await desk.getByRole('button', { name: '打开工作台' }).click()
    await desk.getByRole('button', { name: '写新通知' }).waitFor()
    await desk.close()
    await page.close() // three phones hold three of the six connections a browser has for one site
  }, 60_000)

  it('the demo shows everything at 320 pixels, in the dark and in forced colours', async () => {
    const page = await browser.newPage()
    await page.setViewportSize({ width: 320, height: 256 })
    await page.goto(`${linbang.url}/demo`)
    await page.locator('#worker option').first().waitFor({ state: 'attached' })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await violations(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'light', contrast: 'more' })
    expect(await violations(page)).toEqual([])
  })
})
