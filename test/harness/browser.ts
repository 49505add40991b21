import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

export const chromiumPath = '/usr/bin/chromium'
/** Browser tests run where Chromium is installed, and always in CI. */
export const browserIsHere = existsSync(chromiumPath)

export async function openBrowser(viewport = { width: 1440, height: 900 }): Promise<BrowserContext> {
  return chromium.launchPersistentContext(mkdtempSync(join(tmpdir(), 'linbang-browser-')), {
    executablePath: chromiumPath,
    viewport,
    locale: 'zh-CN',
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** How many recordings and pictures the page keeps on this device. */
export const leftOn = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const request = indexedDB.open('linbang')
        request.onerror = () => reject(request.error)
        request.onsuccess = () => {
          const count = request.result.transaction('unsent').objectStore('unsent').count()
          count.onsuccess = () => resolve(count.result)
        }
      }),
  )

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What an independent checker finds wrong with the page as it stands now, by WCAG 2.2 A and AA. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(standards).analyze()
  return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`)
}
