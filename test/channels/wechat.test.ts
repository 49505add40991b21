import { randomBytes } from 'node:crypto'
import { encrypt, getSignature } from '@wecom/crypto'
import fc from 'fast-check'
import Fastify, { type FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Channel } from '../../src/channels/channel.ts'
import { makeWechat, wechatPath } from '../../src/channels/wechat.ts'
import { CallbackRefused, decrypt } from '../../src/channels/wechat-callback.ts'
import { heardIn } from '../../src/channels/wechat-messages.ts'
import type { Inbound } from '../../src/domain/words.ts'
import { openMedia } from '../harness/no-media.ts'
import { freshStore, type Store } from '../harness/store.ts'
import { type FakeWechat, startWechat } from '../harness/wechat.ts'
import { aesKey, cdata, type Envelope, envelope, post } from '../harness/wechat-wire.ts'

const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
const to = (openid: string) => ({ channel: 'wechat', account: 'wx0123456789abcdef', externalId: openid }) as const

describe('a 服务号', () => {
  let store: Store
  let wechat: FakeWechat
  let servers: FastifyInstance[]
  let heard: Inbound[]
  let channel: Channel
  const account = () => {
    const { token, aesKey: key, receiver: appId } = wechat.keys
    return { appId, appSecret: wechat.secret, token, aesKey: key, apiBase: wechat.apiBase, menus: false }
  }
  const make = (more: Partial<Parameters<typeof makeWechat>[0]> = {}) =>
    makeWechat({ ...store, ...account(), openMedia, now: () => new Date(), log, ...more })

  beforeEach(async () => {
    store = await freshStore()
    wechat = await startWechat()
    servers = []
    heard = []
    const server = Fastify()
    servers.push(server)
    channel = make({ server })
    await channel.start(async (inbound) => void heard.push(inbound))
    wechat.callback = `${await server.listen({ port: 0, host: '127.0.0.1' })}${wechatPath}`
  })
  afterEach(async () => {
    for (const server of servers) await server.close()
    await wechat.stop()
    await store.drop()
  })
  const text = (words: string) =>
    `<xml>${cdata('FromUserName', 'oEVE')}<CreateTime>${Math.floor(Date.now() / 1_000)}</CreateTime>${cdata('MsgType', 'text')}${cdata('Content', words)}<MsgId>1</MsgId></xml>`
  const changed = ({ query, body }: Envelope, change: Record<string, string>): Envelope => ({
    query: new URLSearchParams({ ...Object.fromEntries(query), ...change }),
    body,
  })

  it('takes nothing that is forged, stale, meant for another account, plain, or not XML', async () => {
    const now = new Date()
    const right = envelope(wechat.keys, text('我是别人'), now)
    const forgeries: Envelope[] = [
      changed(right, { msg_signature: 'f'.repeat(40) }),
      changed(right, { msg_signature: '' }),
      changed(right, { nonce: '43' }),
      changed(right, { timestamp: String(Math.floor(now.getTime() / 1_000) + 1) }),
      { query: new URLSearchParams(), body: right.body },
      { ...right, body: text('没有加密') },
      { ...right, body: right.body.replace(/(<Encrypt><!\[CDATA\[)..../, '$1AAAA') },
      { ...right, body: 'not xml at all' },
      { ...right, body: '' },
      { ...right, body: '{"json":1}' },
      envelope({ ...wechat.keys, token: 'another' }, text('别的令牌'), now),
      envelope({ ...wechat.keys, receiver: 'wxEVIL' }, text('别的账号'), now),
      envelope({ ...wechat.keys, aesKey: aesKey.replace('abc', 'xyz') }, text('别的钥匙'), now),
      // Rightly signed and recorded: it is of no use to whoever plays it six minutes later, or dates it ahead.
      envelope(wechat.keys, text('重放'), new Date(now.getTime() - 6 * 60_000)),
      envelope(wechat.keys, text('未来'), new Date(now.getTime() + 6 * 60_000)),
    ]
    for (const forged of forgeries) expect(await post(wechat.callback, forged)).toBe(401)
    expect(heard).toEqual([])
    expect(await post(wechat.callback, right)).toBe(200)
    expect(heard).toHaveLength(1)
  })

  it('answers the verification of the address only when it is signed', async () => {
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const signature = getSignature(wechat.keys.token, timestamp, '7', '')
    const ask = (query: Record<string, string>) => fetch(`${wechat.callback}?${new URLSearchParams(query)}`)
    const right = await ask({ timestamp, nonce: '7', echostr: 'ECHO', signature })
    expect([right.status, await right.text()]).toEqual([200, 'ECHO'])
    expect((await ask({ timestamp, nonce: '8', echostr: 'ECHO', signature })).status).toBe(401)
    expect((await ask({ echostr: 'ECHO' })).status).toBe(401)
  })

  it('expands no entity, reads no file, and lets a huge body go', async () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'A'.repeat(1_000)}"><!ENTITY f SYSTEM "file:///etc/passwd">]><xml>${cdata('FromUserName', 'oEVE')}<CreateTime>1</CreateTime>${cdata('MsgType', 'text')}<Content>&a;&a;&f;</Content><MsgId>9</MsgId></xml>`
    const status = await post(wechat.callback, envelope(wechat.keys, bomb, new Date()))
    const words = heard.map(({ content }) => (content.kind === 'text' ? content.text : ''))
    expect([200, 401]).toContain(status)
    expect(words.join('')).not.toMatch(/AAAA|root:/)
    const huge = envelope(wechat.keys, text('x'.repeat(2_000_000)), new Date())
    expect(await post(wechat.callback, huge)).toBe(413)
  })

  it('keeps what cannot be stored at WeChat, which brings it again; the same three times has one key', async () => {
    let refuse = 2
    const server = Fastify()
    servers.push(server)
    const keys: string[] = []
    await make({ server }).start(async ({ key }) => {
      keys.push(key)
      if (refuse-- > 0) throw new Error('the database is down')
    })
    wechat.callback = `${await server.listen({ port: 0, host: '127.0.0.1' })}${wechatPath}`
    expect(await wechat.phone('oA').says('救救我')).toEqual([500, 500, 200])
    expect(new Set(keys).size).toBe(1)
  })

  it('hears every kind of thing a person can do', async () => {
    const phone = wechat.phone('oA')
    const kinds = (type: string, ...fields: string[]) => phone.sends(`${cdata('MsgType', type)}${fields.join('')}`)
    await kinds('voice', cdata('MediaId', 'voice-1'), cdata('Format', 'amr'))
    await kinds('voice', cdata('MediaId', 'voice-2'), cdata('Recognition', ' 跋倒了，起不来 '))
    await kinds('image', cdata('MediaId', 'image-1'), cdata('PicUrl', 'http://x/y'))
    await kinds('video', cdata('MediaId', 'video-1'), cdata('ThumbMediaId', 't'))
    await kinds('location', '<Location_X>24.5</Location_X><Location_Y>118.1</Location_Y>', cdata('Label', '金尚社区'))
    await kinds('link', cdata('Title', '通知'), cdata('Url', 'https://example.org/a'))
    await kinds('something-new', cdata('Content', 'x'))
    await phone.says('【收到不支持的消息类型，暂无法显示】')
    await phone.does('subscribe')
    await phone.does('subscribe', 'qrscene_AB12')
    await phone.does('CLICK', '人工')
    await phone.does('unsubscribe')
    await phone.does('LOCATION') // the position in the background is nobody's words
    await phone.does('VIEW', 'https://example.org')
    expect(heard.map(({ content }) => content)).toEqual([
      { kind: 'voice', media: { id: 'voice-1', mime: 'audio/amr' } },
      { kind: 'voice', media: { id: 'voice-2', mime: 'audio/amr' }, recognised: '跋倒了，起不来' },
      { kind: 'picture', media: { id: 'image-1' } },
      { kind: 'video', media: { id: 'video-1' } },
      { kind: 'location', latitude: 24.5, longitude: 118.1, place: '金尚社区' },
      { kind: 'text', text: '通知 https://example.org/a' },
      { kind: 'unsupported', what: 'something-new' },
      { kind: 'sticker' }, // all that a 服务号 learns of one
      { kind: 'lifecycle', event: 'started' },
      { kind: 'command', name: 'start', args: 'AB12' },
      { kind: 'text', text: '人工' },
      { kind: 'lifecycle', event: 'blocked' },
    ])
    expect(heard.map(({ allows }) => allows?.replies)).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 3, 3, 3, undefined])
    // An event has no id of its own: who, when and what names it.
    const before = heard.length
    await phone.does('CLICK', '我要求助')
    await phone.again()
    expect(heard[before]?.key).toBe(heard[before + 1]?.key)
  })

  it('fetches a recording within limits', async () => {
    const phone = wechat.phone('oA')
    await phone.speaks(Buffer.from('#!AMR\nvoice'))
    const content = heard[0]?.content
    const media = { id: content?.kind === 'voice' ? content.media.id : '' }
    const limit = { bytes: 1_000, ms: 5_000 }
    const fetched = await channel.fetchMedia?.(media, limit)
    expect([fetched?.mime, Buffer.from(fetched?.data ?? []).toString()]).toEqual(['audio/amr', '#!AMR\nvoice'])
    await expect(channel.fetchMedia?.(media, { ...limit, bytes: 3 })).rejects.toMatchObject({ kind: 'too-large' })
    await expect(channel.fetchMedia?.({ id: 'old' }, limit)).rejects.toMatchObject({ kind: 'gone' })
  })

  it('shares one access token over processes, and asks for another once when it is refused', async () => {
    const other = make()
    await wechat.phone('oA').says('你好')
    await channel.send(to('oA'), { text: '一' }, 'k1')
    await other.send(to('oA'), { text: '二' }, 'k2')
    expect(wechat.calls('stable_token')).toHaveLength(1)
    expect((await store.db.setting.findMany()).map(({ value }) => value).join()).not.toContain('TOKEN')
    wechat.dropTokens()
    await Promise.all([channel.send(to('oA'), { text: '三' }, 'k3'), other.send(to('oA'), { text: '四' }, 'k4')])
    expect(wechat.phone('oA').screen()).toHaveLength(4)
    // Refused whatever it is: no storm, and the operator is told.
    wechat.fault((path) => (path === 'message/custom/send' ? { errcode: 40001 } : undefined))
    const before = wechat.calls('message/custom/send').length
    await expect(channel.send(to('oA'), { text: '五' }, 'k5')).rejects.toMatchObject({ kind: 'auth', retryable: true })
    expect(wechat.calls('message/custom/send').length - before).toBe(2)
  })

  it('forces a new token only when the one it is given is the refused one', async () => {
    await wechat.phone('oA').says('你好')
    await channel.send(to('oA'), { text: '一' }, 'k1')
    let refused = 0
    wechat.fault((path, { query }) => {
      if (path !== 'message/custom/send' || query.get('access_token') !== 'TOKEN1') return undefined
      refused += 1
      return { errcode: 42001 }
    })
    await channel.send(to('oA'), { text: '二' }, 'k2')
    expect([refused, wechat.calls('stable_token').map(({ body }) => body.force_refresh)]).toEqual([
      1,
      [false, false, true],
    ])
  })

  it('a part that failed behind one that arrived is never taken for unsent', async () => {
    await wechat.phone('oA').says('你好')
    let sent = 0
    wechat.fault((path) => (path === 'message/custom/send' && ++sent > 1 ? { errcode: 45047 } : undefined))
    const long = Array.from({ length: 200 }, (_, i) => `第${i}句话。`).join('')
    const first = channel.send(to('oA'), { text: long }, 'k')
    await expect(first).rejects.toMatchObject({ kind: 'quota', outcomeUnknown: true })
    // The next try goes on behind what has arrived, and costs no more than that.
    wechat.fault(() => undefined)
    const { replies } = await channel.send(to('oA'), { text: long }, 'k')
    const shown = wechat.phone('oA').screen()
    expect([shown.map(({ text }) => text).join(''), replies]).toEqual([long, shown.length - 1])
  })

  it('sends the subscription notice with its words', async () => {
    const data = { thing1: '您有一条新消息', thing2: '回复任意字查看' }
    const notice = { templateId: 'T1', data, standing: false }
    expect(channel.notify).toBeUndefined()
    const asking = make({ notice })
    expect(asking.capabilities.notice).toBe('once')
    await expect(asking.notify?.(to('oA'))).rejects.toMatchObject({ kind: 'blocked' }) // 43101: nobody agreed
    await wechat.phone('oA').agrees('T1')
    await asking.notify?.(to('oA'))
    await expect(asking.notify?.(to('oA'))).rejects.toMatchObject({ kind: 'blocked' }) // once is once
    expect(wechat.calls('message/subscribe/bizsend')[0]?.body).toEqual({
      touser: 'oA',
      template_id: 'T1',
      data: { thing1: { value: '您有一条新消息' }, thing2: { value: '回复任意字查看' } },
    })
    expect(wechat.phone('oA').notices()).toEqual(['您有一条新消息 回复任意字查看'])
  })

  it('hears who agrees to be told that there is news, and who no longer does; nothing of it lets us reply', async () => {
    const server = Fastify()
    servers.push(server)
    const notice = { templateId: 'T1', data: {}, standing: true }
    const said: Inbound[] = []
    await make({ server, notice }).start(async (inbound) => void said.push(inbound))
    wechat.callback = `${await server.listen({ port: 0, host: '127.0.0.1' })}${wechatPath}`
    const phone = wechat.phone('oA')
    await phone.agrees('T1')
    await phone.agrees('T1', 'reject')
    await phone.agrees('another account’s')
    await phone.agrees('T1', 'reject', 'subscribe_msg_change_event')
    // The far end's own word about what it sent is nothing that a person did.
    await phone.does('subscribe_msg_sent_event')
    await phone.does('subscribe_msg_popup_event')
    expect(said.map(({ content, allows }) => [content, allows])).toEqual(
      ['notice_agreed', 'notice_refused', 'notice_refused'].map((event) => [{ kind: 'lifecycle', event }, undefined]),
    )
  })
})

describe('the envelope', () => {
  const keys = { token: 't', aesKey, receiver: 'wx1' }

  it('opens whatever the other library closes, and nothing that was changed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (message) => {
        expect(decrypt(keys, encrypt(aesKey, message, 'wx1'))).toBe(Buffer.from(message, 'utf8').toString('utf8'))
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(() => decrypt(keys, Buffer.from(noise).toString('base64'))).toThrow(CallbackRefused)
      }),
    )
    expect(() => decrypt(keys, encrypt(aesKey, 'x', 'wx2'))).toThrow(CallbackRefused)
    expect(() => decrypt(keys, randomBytes(64).toString('base64'))).toThrow(CallbackRefused)
  })

  it('whatever fields a call brings, reading them ends in a message or in none', () => {
    const names = [
      'FromUserName',
      'CreateTime',
      'MsgType',
      'MsgId',
      'Content',
      'MediaId',
      'Event',
      'EventKey',
      'Location_X',
    ]
    const value = fc.oneof(fc.string(), fc.integer(), fc.constant({ item: [1] }), fc.constant(undefined))
    const types = fc.constantFrom('text', 'event', 'voice', 'location', 'x')
    const fields = fc.tuple(fc.dictionary(fc.constantFrom(...names), value), types)
    fc.assert(
      fc.property(fields, ([given, MsgType]) => {
        const heard = heardIn({ FromUserName: 'o', CreateTime: '1', MsgId: '1', ...given, MsgType }, 'wx1')
        if (heard) expect(heard.key).not.toBe('')
      }),
    )
  })
})
