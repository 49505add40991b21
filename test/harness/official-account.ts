import { type Linbang, type Options, startLinbang } from './linbang.ts'
import { type FakeWechat, startWechat, type WechatPhone } from './wechat.ts'

/** A whole Linbang behind a 服务号. */
export interface OfficialAccount {
  readonly linbang: Linbang
  readonly wechat: FakeWechat
  phone(openid: string): WechatPhone
  stop(): Promise<void>
}

export const noticeTemplate = 'T1'

export async function startOfficialAccount({ env = {}, ...options }: Options = {}): Promise<OfficialAccount> {
  let linbang: Linbang | undefined
  const wechat = await startWechat({ now: () => linbang?.clock.now() ?? new Date() })
  const { token, aesKey, receiver } = wechat.keys
  linbang = await startLinbang({
    ...options,
    env: {
      WECHAT_APP_ID: receiver,
      WECHAT_APP_SECRET: wechat.secret,
      WECHAT_TOKEN: token,
      WECHAT_AES_KEY: aesKey,
      WECHAT_API_BASE: wechat.apiBase,
      WECHAT_NOTICE_TEMPLATE: noticeTemplate,
      WECHAT_NOTICE_FIELDS: 'thing1=您有一条新消息;thing2=回复任意字查看',
      ...env,
    },
  })
  wechat.callback = `${linbang.url}/wechat/callback`
  const running = linbang
  return {
    linbang: running,
    wechat,
    phone: wechat.phone,
    stop: async () => {
      await running.stop()
      await wechat.stop()
    },
  }
}
