import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { makeWechaty } from '../../src/channels/wechaty.ts'
import type { Inbound } from '../../src/domain/words.ts'
import { root } from '../harness/linbang.ts'
import { startGateway, wechatyFolder, wechatyIsHere } from '../harness/wechaty.ts'
import { type Rig, testChannel } from './contract.ts'

const script = join(root, 'dist', 'wechaty-process.js')
const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
const to = { channel: 'wechat', account: 'wechaty', externalId: 'alice' } as const

async function open() {
  const gateway = await startGateway()
  const home = join(gateway.home, 'bot')
  const channel = makeWechaty({
    puppet: 'service',
    folder: wechatyFolder,
    script,
    home,
    env: gateway.env,
    log,
    dingEveryMs: 2_000,
  })
  const up = () => expect.poll(() => channel.trouble?.(), { timeout: 30_000 }).toBeUndefined()
  return { gateway, home, channel, up }
}

/** The process is a bot; the gateway behind a real gRPC hop does not know it, nor does the bot know that WeChat is a mock. */
async function rig(): Promise<Rig> {
  const { gateway, channel, up } = await open()
  return {
    channel: {
      ...channel,
      start: async (receive) => {
        await channel.start(receive)
        await up()
      },
    },
    to,
    says: async (say) => gateway.tell({ say }),
    again: async () => gateway.tell({ again: true }),
    taps: async (label) => {
      const number = /^(\d+) (.*)$/gm
      const found = [...(gateway.screen().at(-1) ?? '').matchAll(number)].find(([, , said]) => said === label)
      gateway.tell({ say: found?.[1] })
    },
    screen: async () => gateway.screen(),
    failures: {
      auth: async () => {
        gateway.tell({ logout: true })
        await expect.poll(() => channel.trouble?.(), { timeout: 15_000 }).toBeDefined()
      },
    },
    secrets: [gateway.env.WECHATY_PUPPET_SERVICE_TOKEN ?? ''],
    idempotent: false,
    limitsChoices: true,
    stop: gateway.stop,
  }
}

// Without `npm ci --prefix wechaty` these are skipped on a developer's machine; never in CI.
describe.skipIf(!wechatyIsHere && !process.env.CI)('with Wechaty installed', () => {
  testChannel('Wechaty, the mock puppet behind a PuppetServer', rig)

  describe('a bot through Wechaty', () => {
    it('hears a voice message and fetches it, leaves groups alone, and keeps its files in a home of its own', async () => {
      const { gateway, channel, up, home } = await open()
      const heard: Inbound[] = []
      try {
        await channel.start(async (inbound) => void heard.push(inbound))
        await up()
        gateway.tell({ room: '群里的话' })
        gateway.tell({ voice: Buffer.from('#!SILK_V3 voice').toString('base64') })
        await expect.poll(() => heard.length, { timeout: 15_000 }).toBe(1)
        const { content } = heard[0] ?? {}
        expect(content).toMatchObject({ kind: 'voice' })
        if (content?.kind !== 'voice') return
        const fetched = await channel.fetchMedia?.(content.media, { bytes: 1_000, ms: 5_000 })
        expect(Buffer.from(fetched?.data ?? []).toString()).toBe('#!SILK_V3 voice')
        const tooLarge = channel.fetchMedia?.(content.media, { bytes: 5, ms: 5_000 })
        await expect(tooLarge).rejects.toMatchObject({ kind: 'too-large' })
        expect(readdirSync(home)).toContain('.wechaty')
      } finally {
        await channel.stop()
        await gateway.stop()
      }
    })

    it('says that it is logged out, speaks again after, and survives a gateway that died without a word', async () => {
      const { gateway, channel, up } = await open()
      const heard: Inbound[] = []
      try {
        await channel.start(async (inbound) => void heard.push(inbound))
        await up()
        gateway.tell({ logout: true })
        await expect.poll(() => channel.trouble?.(), { timeout: 15_000 }).toBeDefined()
        await expect(channel.send(to, { text: '您好' }, 'k1')).rejects.toMatchObject({ kind: 'auth', retryable: true })
        gateway.tell({ login: true })
        await up()
        await channel.send(to, { text: '您好' }, 'k1')
        await expect.poll(() => gateway.screen(), { timeout: 15_000 }).toEqual(['您好'])
        await gateway.kill()
        await gateway.start()
        await expect
          .poll(
            async () => {
              gateway.tell({ say: '还在吗' })
              return heard.length
            },
            { timeout: 60_000, interval: 1_000 },
          )
          .toBeGreaterThan(0)
      } finally {
        await channel.stop()
        await gateway.stop()
      }
    }, 150_000)
  })
})

describe('a puppet that is not installed', () => {
  it('is one clear line that says what to do', async () => {
    const channel = makeWechaty({
      puppet: 'nothing',
      folder: wechatyFolder,
      script,
      home: '/nonexistent',
      env: {},
      log,
    })
    await expect(channel.start(async () => undefined)).rejects.toThrow('npm ci --prefix wechaty')
  })
})
