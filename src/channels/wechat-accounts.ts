import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { WechatConfig } from '../config-wechat.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import type { Channel, OpenMedia } from './channel.ts'
import { makeWechat } from './wechat.ts'
import { makeWechaty } from './wechaty.ts'
import { makeWecom } from './wecom.ts'

export interface WechatDeps {
  readonly db: Db
  readonly seal: Seal
  readonly now: () => Date
  readonly log: Logger
  /** The content of what is sent. */
  readonly media: { readonly openMedia: OpenMedia }
  /** Where WeChat calls this process; without it the accounts only speak. */
  readonly server: FastifyInstance | undefined
  /** Where the program is, and where it may write. */
  readonly root: string
  readonly dataDir: string
}

/** Every WeChat account that is set: 服务号, 微信客服, a bot through Wechaty. */
export function wechatAccounts({ wechat, wecom, wechaty }: WechatConfig, deps: WechatDeps): Channel[] {
  const { server, root, dataDir, media, ...rest } = deps
  const edge = { ...rest, openMedia: media.openMedia, ...(server ? { server } : {}) }
  const channels: Channel[] = []
  if (wechat) {
    const { notice, ...account } = wechat
    channels.push(makeWechat({ ...edge, ...account, ...(notice ? { notice } : {}) }))
  }
  if (wecom) channels.push(makeWecom({ ...edge, ...wecom }))
  if (wechaty) {
    const folder = join(root, 'wechaty')
    const script = join(root, 'dist', 'wechaty-process.js')
    channels.push(makeWechaty({ ...wechaty, folder, script, home: join(dataDir, 'wechaty'), log: deps.log }))
  }
  return channels
}
