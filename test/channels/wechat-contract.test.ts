import Fastify from 'fastify'
import { pino } from 'pino'
import { makeWechat, wechatPath } from '../../src/channels/wechat.ts'
import { makeWecom, wecomPath } from '../../src/channels/wecom.ts'
import { openMedia } from '../harness/no-media.ts'
import { freshStore } from '../harness/store.ts'
import { startWechat } from '../harness/wechat.ts'
import { startWecom } from '../harness/wecom.ts'
import { type Rig, testChannel } from './contract.ts'

const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
const now = () => new Date()

async function official(menus: boolean): Promise<Rig> {
  const [store, wechat, server] = [await freshStore(), await startWechat({ menus }), Fastify()]
  const { token, aesKey, receiver: appId } = wechat.keys
  const account = { appId, appSecret: wechat.secret, token, aesKey, apiBase: wechat.apiBase, menus, openMedia }
  const channel = makeWechat({ ...store, ...account, server, now, log })
  const start: typeof channel.start = async (receive, bounced) => {
    await channel.start(receive, bounced)
    wechat.callback = `${await server.listen({ port: 0, host: '127.0.0.1' })}${wechatPath}`
  }
  const phone = wechat.phone('oALICE')
  const code = (errcode: number) => () =>
    wechat.fault((path) => (path === 'message/custom/send' ? { errcode, errmsg: `oALICE ${errcode}` } : undefined))
  return {
    channel: { ...channel, start },
    to: { channel: 'wechat', account: appId, externalId: 'oALICE' },
    says: async (text) => void (await phone.says(text)),
    again: async () => void (await phone.again()),
    taps: async (label) => void (await phone.taps(label)),
    screen: async () => phone.screen().map(({ text }) => text),
    failures: {
      'window-closed': code(45015),
      quota: code(45047),
      blocked: code(43004),
      gone: code(40003),
      'rate-limited': code(45011),
      invalid: code(45002),
      auth: code(48001),
      transient: () => wechat.fault((path) => (path === 'message/custom/send' ? { status: 502 } : undefined)),
    },
    secrets: [wechat.secret, aesKey, 'TOKEN1', 'oALICE'],
    idempotent: false,
    limitsChoices: true,
    stop: async () => {
      await server.close()
      await wechat.stop()
      await store.drop()
    },
  }
}

async function kf(): Promise<Rig> {
  const [store, wecom, server] = [await freshStore(), await startWecom(), Fastify()]
  const { token, aesKey, receiver: corpId } = wecom.keys
  const { secret, openKfId, apiBase } = wecom
  const channel = makeWecom({
    ...store,
    corpId,
    secret,
    openKfId,
    token,
    aesKey,
    apiBase,
    openMedia,
    server,
    now,
    log,
    pollEveryMs: 200,
  })
  const start: typeof channel.start = async (receive, bounced) => {
    await channel.start(receive, bounced)
    wecom.callback = `${await server.listen({ port: 0, host: '127.0.0.1' })}${wecomPath}`
  }
  const text = (content: string, more = {}) => ({ msgtype: 'text', text: { content, ...more } })
  const code = (errcode: number) => () => wecom.fault((path) => (path === 'kf/send_msg' ? { errcode } : undefined))
  return {
    channel: { ...channel, start },
    to: { channel: 'wechat', account: `${corpId}:${openKfId}`, externalId: 'wmALICE' },
    says: async (content) => void (await wecom.writes('wmALICE', text(content))),
    again: async () => {
      await store.db.setting.deleteMany({ where: { key: { startsWith: 'wecom.cursor:' } } })
      await wecom.call()
    },
    taps: async (label) => {
      const choice = wecom
        .screen('wmALICE')
        .flatMap(({ choices }) => choices)
        .find(({ content }) => content === label)
      await wecom.writes('wmALICE', text(label, { menu_id: choice?.id }))
    },
    screen: async () => wecom.screen('wmALICE').map((shown) => shown.text),
    failures: {
      quota: code(95001),
      'window-closed': code(95013),
      'taken-over': () => {
        wecom.fault(() => undefined)
        wecom.setState('wmALICE', 3)
      },
      gone: code(40096),
      'rate-limited': code(45009),
      invalid: code(45002),
      auth: code(60020),
      transient: () => wecom.fault((path) => (path === 'kf/send_msg' ? { status: 502 } : undefined)),
    },
    secrets: [secret, aesKey, 'KFTOKEN', 'wmALICE'],
    idempotent: true,
    limitsChoices: true,
    stop: async () => {
      await server.close()
      await wecom.stop()
      await store.drop()
    },
  }
}

testChannel('服务号, numbered choices', () => official(false))
testChannel('服务号, tappable choices', () => official(true))
testChannel('微信客服', kf)
