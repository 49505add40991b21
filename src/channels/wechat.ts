import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { AddressKey, Outbound } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { makeBegun } from './begun.ts'
import { type Capabilities, type Channel, type OpenMedia, SendError } from './channel.ts'
import { inOrder, makeWechatApi, post, type WechatApi } from './wechat-api.ts'
import { openCallback } from './wechat-callback.ts'
import { longestText, menuOrNumbers } from './wechat-form.ts'
import { makeUploads, officialMedia, sendMedia } from './wechat-media.ts'
import { heardIn } from './wechat-messages.ts'
import { makeAccessToken } from './wechat-token.ts'

export interface WechatOptions {
  readonly db: Db
  readonly seal: Seal
  readonly now: () => Date
  readonly log: Logger
  readonly appId: string
  readonly appSecret: string
  /** 令牌(Token) and 消息加解密密钥(EncodingAESKey) of the account's server settings; 安全模式 only. */
  readonly token: string
  readonly aesKey: string
  /** Without /cgi-bin. */
  readonly apiBase: string
  /** The account may send tappable choices (msgmenu: verified 服务号 only). */
  readonly menus: boolean
  /** A subscription template, its fields already filled with words. */
  readonly notice?: WechatNotice
  /** The content of what is sent. */
  readonly openMedia: OpenMedia
  /** Where WeChat calls us; without it this process only sends. */
  readonly server?: FastifyInstance
}

export interface WechatNotice {
  readonly templateId: string
  readonly data: Readonly<Record<string, string>>
  /** 长期订阅: one agreement is good until it is taken back. */
  readonly standing: boolean
}

export const wechatPath = '/wechat/callback'

const Token = z.looseObject({ access_token: z.string().min(1), expires_in: z.number() })

/**
 * A 服务号 through its official interface: WeChat's call is stored and answered at once, the answer itself goes out through
 * the 客服消息 interface, whose replies are counted.
 */
export function makeWechat(options: WechatOptions): Channel {
  const { appId, appSecret, apiBase, menus, notice, openMedia, now, log } = options
  const base = `${apiBase}/cgi-bin`
  const capabilities: Capabilities = {
    choices: menus ? 'buttons' : 'numbers',
    edit: false,
    maxTextChars: longestText,
    proactive: 'window',
    ...(notice ? { notice: notice.standing ? 'standing' : 'once' } : {}),
    media: ['voice', 'picture', 'video'], // files go as links
    // The daily number of calls is the account's limit; this only keeps a burst from reaching the limit of a minute.
    pace: { perSecond: 40, chatGapMs: 300 },
  }
  const accessToken = makeAccessToken({
    ...options,
    name: `wechat.token:${appId}`,
    ask: async (force) => {
      const asked = { grant_type: 'client_credential', appid: appId, secret: appSecret, force_refresh: force }
      const read = Token.safeParse(await post(`${base}/stable_token`, asked))
      if (!read.success) throw new SendError('transient', 'WeChat gave no access token')
      return { token: read.data.access_token, seconds: read.data.expires_in }
    },
  })
  const api = makeWechatApi(base, accessToken)
  const begun = makeBegun()
  const uploads = makeUploads({ api, openMedia, rules: officialMedia, thumbs: true, now })

  return {
    name: 'wechat',
    account: appId,
    capabilities,
    start: async (receive) => {
      const { server, token, aesKey } = options
      if (!server) return
      const keys = { token, aesKey, receiver: appId }
      const take = async (fields: unknown) => {
        const heard = heardIn(fields, appId, notice?.templateId)
        if (heard) await receive(heard)
      }
      await openCallback({ server, path: wechatPath, keys, echo: 'plain', now, log, take })
    },
    stop: async () => undefined,
    send: async (to, message, idempotencyKey) => {
      const call = (body: Body) => api.call('message/custom/send', { touser: to.externalId, ...body })
      const { media } = message
      // Uploaded before the first word goes: what does not fit is known while nothing has been said yet.
      const end = media && (await uploads.bodyOf(media))
      const bodies = [...bodiesOf(message, capabilities), ...(end ? [end] : [])]
      const from = begun.of(idempotencyKey)
      await inOrder(bodies, (body) => (media && body === end ? sendMedia(uploads, media, body, call) : call(body)), {
        from,
        arrived: (parts) => begun.arrived(idempotencyKey, parts),
      })
      begun.done(idempotencyKey)
      return { replies: bodies.length - from }
    },
    fetchMedia: (media, limit) => api.download(media.id, limit),
    ...(notice ? { notify: (to: AddressKey) => notify(api, to, notice) } : {}),
  }
}

type Body = Readonly<Record<string, unknown>> & { readonly msgtype: string }

/** The calls that the words of one message take: its text in parts. A recording may come without any. */
function bodiesOf(message: Outbound, capabilities: Capabilities): Body[] {
  if (message.media && message.text === '') return []
  const { parts, buttons } = menuOrNumbers(message, capabilities)
  const last = parts.at(-1) ?? ''
  const texts = parts.slice(0, -1).map((content) => ({ msgtype: 'text', text: { content } }))
  const end =
    buttons.length === 0
      ? { msgtype: 'text', text: { content: last } }
      : {
          msgtype: 'msgmenu',
          msgmenu: {
            head_content: last,
            list: buttons.map(({ token, label }) => ({ id: token, content: label })),
          },
        }
  return [...texts, end]
}

async function notify(api: WechatApi, to: AddressKey, { templateId, data }: WechatNotice): Promise<void> {
  await api.call('message/subscribe/bizsend', {
    touser: to.externalId,
    template_id: templateId,
    data: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, { value }])),
  })
}
