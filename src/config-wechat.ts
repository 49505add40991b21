import { z } from 'zod'

/** The settings of the WeChat channels; a part of `config.ts`. */
export interface WechatConfig {
  /** 服务号 */
  readonly wechat: Wechat | undefined
  /** 企业微信「微信客服」 */
  readonly wecom: Wecom | undefined
  /** Any other WeChat bot, through Wechaty: the name of its puppet, and the settings WECHATY_… that are its own. */
  readonly wechaty: { readonly puppet: string; readonly env: Env } | undefined
}

type Env = Readonly<Record<string, string | undefined>>

export interface Wechat {
  readonly appId: string
  readonly appSecret: string
  readonly token: string
  readonly aesKey: string
  readonly apiBase: string
  readonly menus: boolean
  readonly notice:
    | { readonly templateId: string; readonly data: Readonly<Record<string, string>>; readonly standing: boolean }
    | undefined
}

export interface Wecom {
  readonly corpId: string
  readonly secret: string
  readonly openKfId: string
  readonly token: string
  readonly aesKey: string
  readonly apiBase: string
}

/** The name under which Wechaty's own puppet for a 服务号 is known; ours is used instead, because that one takes unsigned calls. */
const official = 'official-account'

const filled = z.string().min(1).optional()
const token = z
  .string()
  .regex(/^[A-Za-z0-9]{3,32}$/, { message: 'must be the 令牌(Token): 3 to 32 letters and digits' })
  .optional()
const aesKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}$/, { message: 'must be the EncodingAESKey: 43 letters and digits' })
  .optional()
const base = (official: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
      message: 'must be an address beginning with https://',
    })
    .default(official)
    .transform((text) => text.replace(/\/$/, ''))

/** name=words;name=words → the fields of a subscription template. */
const fields = z
  .string()
  .regex(/^\w+=[^;=]+(;\w+=[^;=]+)*$/, { message: 'must be like thing1=您有一条新消息;thing2=回复任意字查看' })
  .refine((text) => !/求助|帮助|救|社工|困难|残|危|病|离异|单亲/u.test(text), {
    message: 'must not tell a bystander what the message is about',
  })
  .transform((text) => Object.fromEntries(text.split(';').map((pair) => pair.split('='))) as Record<string, string>)
  .optional()

export const wechatSettings = {
  WECHAT_APP_ID: z
    .string()
    .regex(/^wx[0-9A-Za-z]+$/, { message: 'must be the AppID of the 服务号, beginning with wx' })
    .optional(),
  WECHAT_APP_SECRET: filled,
  WECHAT_TOKEN: token,
  WECHAT_AES_KEY: aesKey,
  WECHAT_API_BASE: base('https://api.weixin.qq.com'),
  WECHAT_MENUS: z.enum(['0', '1'], { message: 'must be 1 or 0' }).default('0'),
  WECHAT_NOTICE_TEMPLATE: filled,
  WECHAT_NOTICE_FIELDS: fields,
  WECHAT_NOTICE_STANDING: z.enum(['0', '1'], { message: 'must be 1 or 0' }).default('0'),
  WECOM_CORP_ID: filled,
  WECOM_KF_SECRET: filled,
  WECOM_KF_ID: filled,
  WECOM_TOKEN: token,
  WECOM_AES_KEY: aesKey,
  WECOM_API_BASE: base('https://qyapi.weixin.qq.com'),
  WECHATY_PUPPET: z
    .string()
    .regex(/^(@[\w-]+\/)?[\w-]+$/, { message: 'must be the name of a Wechaty puppet, such as service' })
    .optional(),
}
type Set = z.infer<z.ZodObject<typeof wechatSettings>>

const together = [
  ['WECHAT_APP_ID', 'WECHAT_APP_SECRET', 'WECHAT_TOKEN', 'WECHAT_AES_KEY'],
  ['WECOM_CORP_ID', 'WECOM_KF_SECRET', 'WECOM_KF_ID', 'WECOM_TOKEN', 'WECOM_AES_KEY'],
  ['WECHAT_NOTICE_TEMPLATE', 'WECHAT_NOTICE_FIELDS'],
] as const satisfies readonly (readonly (keyof Set)[])[]

/** One line for every setting that is missing beside another. */
export function wrongWechat(set: Set, publicUrl: string): string[] {
  const wrong: string[] = []
  for (const names of together) {
    const given = names.filter((name) => set[name] !== undefined)
    if (given.length === 0) continue
    for (const name of names) if (set[name] === undefined) wrong.push(`${name}: is needed with ${given[0]}`)
  }
  if (set.WECHATY_PUPPET === official && set.WECHAT_APP_ID === undefined) {
    wrong.push(`WECHAT_APP_ID: is needed with WECHATY_PUPPET=${official}, which Linbang speaks itself`)
  }
  // WeChat itself calls only a public https address; a stand-in on this machine may call plain http.
  const tried = [set.WECHAT_APP_ID && set.WECHAT_API_BASE, set.WECOM_CORP_ID && set.WECOM_API_BASE].filter(Boolean)
  if (
    !publicUrl.startsWith('https://') &&
    tried.some((address) => !/^http:\/\/(127\.0\.0\.1|localhost)[:/]?/.test(`${address}`))
  ) {
    wrong.push('PUBLIC_URL: must be the https address at which WeChat reaches this server')
  }
  return wrong
}

export function readWechat(set: Set, env: Env): WechatConfig {
  const { WECHAT_APP_ID: appId, WECHAT_APP_SECRET: appSecret, WECHAT_TOKEN, WECHAT_AES_KEY } = set
  const { WECOM_CORP_ID: corpId, WECOM_KF_SECRET: secret, WECOM_KF_ID: openKfId, WECOM_TOKEN, WECOM_AES_KEY } = set
  const { WECHAT_NOTICE_TEMPLATE: templateId, WECHAT_NOTICE_FIELDS: data, WECHATY_PUPPET: puppet } = set
  return {
    wechat:
      appId && appSecret && WECHAT_TOKEN && WECHAT_AES_KEY
        ? {
            appId,
            appSecret,
            token: WECHAT_TOKEN,
            aesKey: WECHAT_AES_KEY,
            apiBase: set.WECHAT_API_BASE,
            menus: set.WECHAT_MENUS === '1',
            notice: templateId && data ? { templateId, data, standing: set.WECHAT_NOTICE_STANDING === '1' } : undefined,
          }
        : undefined,
    wecom:
      corpId && secret && openKfId && WECOM_TOKEN && WECOM_AES_KEY
        ? { corpId, secret, openKfId, token: WECOM_TOKEN, aesKey: WECOM_AES_KEY, apiBase: set.WECOM_API_BASE }
        : undefined,
    wechaty: puppet === undefined || puppet === official ? undefined : { puppet, env },
  }
}
