import { encrypt, getSignature } from '@wecom/crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../src/channels/channel.ts'
import { makeWecom, wecomPath } from '../../src/channels/wecom.ts'
import type { Inbound } from '../../src/domain/words.ts'
import { openMedia } from '../harness/no-media.ts'
import { freshStore, type Store } from '../harness/store.ts'
import { envelope, post } from '../harness/wechat-wire.ts'
import { type FakeWecom, startWecom } from '../harness/wecom.ts'

const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
const text = (content: string) => ({ msgtype: 'text', text: { content } })

describe('微信客服', () => {
  let store: Store
  let wecom: FakeWecom
  let servers: FastifyInstance[]
  let running: Channel[]
  let heard: Inbound[]
  let refuse: number
  const bounces: unknown[] = []
  const open = async (pollEveryMs = 60_000) => {
    const { token, aesKey, receiver: corpId } = wecom.keys
    const { secret, openKfId, apiBase } = wecom
    const server = Fastify()
    servers.push(server)
    const account = { corpId, secret, openKfId, token, aesKey, apiBase, pollEveryMs, openMedia }
    const channel = makeWecom({ ...store, ...account, server, now: () => new Date(), log })
    await channel.start(
      async (inbound) => {
        if (refuse-- > 0) throw new Error('the database is down')
        heard.push(inbound)
      },
      async (bounced) => void bounces.push(bounced),
    )
    running.push(channel)
    wecom.callback = `${await server.listen({ port: 0, host: '127.0.0.1' })}${wecomPath}`
    return channel
  }
  const words = () => heard.map(({ content }) => (content.kind === 'text' ? content.text : content.kind))
  const hears = (count: number) => expect.poll(() => heard.length, { timeout: 10_000 }).toBe(count)
  const to = () =>
    ({ channel: 'wechat', account: `${wecom.keys.receiver}:${wecom.openKfId}`, externalId: 'wmA' }) as const

  beforeEach(async () => {
    store = await freshStore()
    wecom = await startWecom()
    servers = []
    running = []
    heard = []
    bounces.length = 0
    refuse = 0
  })
  afterEach(async () => {
    for (const channel of running) await channel.stop()
    for (const server of servers) await server.close()
    await wecom.stop()
    await store.drop()
  })

  it('fetches page after page, in order, and goes on where it was after a new start', async () => {
    await open()
    for (let i = 0; i < 7; i++) await wecom.writes('wmA', text(`第${i}句`), { callLost: i < 6 })
    await hears(7)
    expect(words()).toEqual(Array.from({ length: 7 }, (_, i) => `第${i}句`))
    await running.pop()?.stop()
    await wecom.writes('wmA', text('停机时说的'), { callLost: true })
    await open()
    await hears(8)
    expect(words().at(-1)).toBe('停机时说的')
  })

  it('a lost call only delays a message', async () => {
    await open(50)
    await wecom.writes('wmA', text('没有通知'), { callLost: true })
    await hears(1)
  })

  it('moves the cursor only behind what is stored', async () => {
    await open()
    refuse = 1
    await wecom.writes('wmA', text('一'))
    await expect.poll(() => refuse, { timeout: 10_000 }).toBeLessThanOrEqual(0)
    await wecom.writes('wmA', text('二'))
    await hears(2)
    expect(words()).toEqual(['一', '二'])
  })

  it('two processes that fetch at once bring the same keys, and neither throws the cursor back', async () => {
    await open(30)
    await open(30)
    for (let i = 0; i < 10; i++) await wecom.writes('wmA', text(`第${i}句`))
    await expect.poll(() => new Set(heard.map(({ key }) => key)).size, { timeout: 10_000 }).toBe(10)
    const cursor = await store.db.setting.findFirst({ where: { key: { startsWith: 'wecom.cursor:' } } })
    expect(cursor?.value).toBe('10')
  })

  it('is called only by 企业微信, and takes a strange entry for nothing', async () => {
    await open()
    const forged = envelope(
      { ...wecom.keys, token: 'another' },
      '<xml><Event>kf_msg_or_event</Event></xml>',
      new Date(),
    )
    expect(await post(wecom.callback, forged)).toBe(401)
    await wecom.notes({ nonsense: true, msgid: 7 })
    await wecom.notes({ msgtype: 'event', event: { event_type: 'session_status_change', change_type: 3 } })
    await wecom.notes({ origin: 5, external_userid: 'wmA', msgtype: 'text', text: { content: '同事说的话' } })
    await wecom.writes('wmA', text('我说的话'))
    await hears(1)
    expect(words()).toEqual(['我说的话'])
    const { token, aesKey, receiver } = wecom.keys
    const echostr = encrypt(aesKey, 'ECHO', receiver)
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const msg_signature = getSignature(token, timestamp, '1', echostr)
    const query = new URLSearchParams({ timestamp, nonce: '1', echostr, msg_signature })
    expect(await (await fetch(`${wecom.callback}?${query}`)).text()).toBe('ECHO')
  })

  it('takes a session that belongs to nobody for the machine, and leaves one that a colleague has', async () => {
    const channel = await open()
    await wecom.writes('wmA', text('你好'))
    let first = true
    wecom.fault((path) => {
      if (path !== 'kf/send_msg' || !first) return undefined
      first = false
      return { errcode: 95018 }
    })
    await channel.send(to(), { text: '您好' }, 'k1')
    expect(wecom.calls('kf/service_state/trans').map(({ body }) => body.service_state)).toEqual([1])
    expect(wecom.screen('wmA').map((shown) => shown.text)).toEqual(['您好'])
    wecom.setState('wmA', 3)
    await expect(channel.send(to(), { text: '机器插话' }, 'k2')).rejects.toMatchObject({ kind: 'taken-over' })
    wecom.setState('wmA', 4)
    await expect(channel.send(to(), { text: '机器插话' }, 'k3')).rejects.toMatchObject({ kind: 'window-closed' })
    expect(wecom.screen('wmA')).toHaveLength(1)
  })

  it('hears that a message it had sent did not arrive, and why', async () => {
    const channel = await open()
    await wecom.writes('wmA', text('你好'))
    const { externalId } = await channel.send(to(), { text: '您好' }, 'k1')
    const event = { event_type: 'msg_send_fail', external_userid: 'wmA', fail_msgid: externalId, fail_type: 6 }
    await wecom.notes({ msgtype: 'event', event })
    await expect.poll(() => bounces, { timeout: 10_000 }).toEqual([{ to: to(), externalId, failure: 'quota' }])
  })
})
