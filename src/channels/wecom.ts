import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { AddressKey, Outbound } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import {
  type Bounced,
  type Capabilities,
  type Channel,
  type OpenMedia,
  type Receive,
  SendError,
  type Sent,
} from './channel.ts'
import { get, inOrder, makeWechatApi, type WechatApi } from './wechat-api.ts'
import { openCallback } from './wechat-callback.ts'
import { longestText, menuOrNumbers } from './wechat-form.ts'
import { makeUploads, sendMedia, type Uploads, wecomMedia } from './wechat-media.ts'
import { makeAccessToken } from './wechat-token.ts'
import { kfEventOf } from './wecom-messages.ts'
import { makeSync } from './wecom-sync.ts'

export interface WecomOptions {
  readonly db: Db
  readonly seal: Seal
  readonly now: () => Date
  readonly log: Logger
  readonly corpId: string
  /** The secret of 微信客服. */
  readonly secret: string
  /** 客服账号 this instance answers for. */
  readonly openKfId: string
  readonly token: string
  readonly aesKey: string
  readonly apiBase: string
  /** The content of what is sent. */
  readonly openMedia: OpenMedia
  /** Where 企业微信 calls us; without it this process only sends. */
  readonly server?: FastifyInstance
  /** How often it is asked for messages although no call came: a lost call delays a message, it never loses it. */
  readonly pollEveryMs?: number
}

export const wecomPath = '/wecom/callback'

const capabilities: Capabilities = {
  choices: 'buttons',
  edit: false,
  maxTextChars: longestText,
  proactive: 'window',
  media: ['voice', 'picture', 'video', 'file'],
  pace: { perSecond: 20, chatGapMs: 300 },
}

const pollMs = 5 * 60_000
const Token = z.looseObject({ access_token: z.string().min(1), expires_in: z.number() })
const State = z.looseObject({ service_state: z.int() })
const Answer = z.looseObject({ msgid: z.string().optional() })

/**
 * 企业微信「微信客服」: a call only says that there is news; the messages are fetched behind a cursor that moves on when they
 * are stored. A colleague may take a conversation over in 企业微信: then the machine may not speak, and says so.
 */
export function makeWecom(options: WecomOptions): Channel {
  const { db, corpId, secret, openKfId, apiBase, openMedia, now, log } = options
  const base = `${apiBase}/cgi-bin`
  const account = `${corpId}:${openKfId}`
  const accessToken = makeAccessToken({
    ...options,
    name: `wecom.token:${account}`,
    ask: async () => {
      const query = new URLSearchParams({ corpid: corpId, corpsecret: secret })
      const read = Token.safeParse(await get(`${base}/gettoken?${query}`))
      if (!read.success) throw new SendError('transient', '企业微信 gave no access token')
      return { token: read.data.access_token, seconds: read.data.expires_in }
    },
  })
  const api = makeWechatApi(base, accessToken)
  const uploads = makeUploads({ api, openMedia, rules: wecomMedia, thumbs: false, now })
  const sync = makeSync({ db, api, openKfId, cursorName: `wecom.cursor:${account}`, log })
  let timer: NodeJS.Timeout | undefined

  return {
    name: 'wechat',
    account,
    capabilities,
    start: async (receive, bounced) => {
      const { server, token, aesKey } = options
      if (!server) return
      const take = (entry: unknown) => hear(entry, account, receive, bounced)
      await openCallback({
        server,
        path: wecomPath,
        keys: { token, aesKey, receiver: corpId },
        echo: 'encrypted',
        now,
        log,
        take: async ({ Event, OpenKfId, Token: ticket }) => {
          if (Event !== 'kf_msg_or_event' || OpenKfId !== openKfId) return
          sync.wake(take, typeof ticket === 'string' ? ticket : undefined)
        },
      })
      sync.wake(take, undefined)
      timer = setInterval(() => sync.wake(take, undefined), options.pollEveryMs ?? pollMs)
    },
    stop: async () => {
      clearInterval(timer)
      await sync.stop()
    },
    send: (to, message, idempotencyKey) => sendOrTakeBack({ api, uploads, openKfId }, to, message, idempotencyKey),
    fetchMedia: (media, limit) => api.download(media.id, limit),
  }
}

async function hear(entry: unknown, account: string, receive: Receive, bounced: Bounced | undefined): Promise<void> {
  const event = kfEventOf(entry, account)
  if (event.is === 'heard') await receive(event.inbound)
  if (event.is !== 'bounced') return
  const { to: externalId, externalId: message, failure } = event
  await bounced?.({ to: { channel: 'wechat', account, externalId }, externalId: message, failure })
}

// --- speaking

const untouched = 0
const assistant = 1
const ended = 4

interface Speaking {
  readonly api: WechatApi
  readonly uploads: Uploads
  readonly openKfId: string
}

/** A new session belongs to nobody: it is taken for the machine. One that a colleague has, or that has ended, is not. */
async function sendOrTakeBack(
  speaking: Speaking,
  to: AddressKey,
  message: Outbound,
  idempotencyKey: string,
): Promise<Sent> {
  const { api, openKfId } = speaking
  try {
    return await send(speaking, to, message, idempotencyKey)
  } catch (error) {
    if (!(error instanceof SendError && error.kind === 'taken-over')) throw error
  }
  const session = { open_kfid: openKfId, external_userid: to.externalId }
  const { service_state: state } = State.catch({ service_state: -1 }).parse(
    await api.call('kf/service_state/get', session),
  )
  if (state === ended) throw new SendError('window-closed', 'the session has ended')
  if (state !== untouched) throw new SendError('taken-over', 'a colleague has the conversation in 企业微信')
  await api.call('kf/service_state/trans', { ...session, service_state: assistant })
  return send(speaking, to, message, idempotencyKey)
}

async function send(
  { api, uploads, openKfId }: Speaking,
  to: AddressKey,
  message: Outbound,
  idempotencyKey: string,
): Promise<Sent> {
  const { media } = message
  const named = (body: Body, i: number): Body => ({
    ...body,
    touser: to.externalId,
    open_kfid: openKfId,
    msgid: createHash('sha256').update(`${idempotencyKey}:${i}`).digest('hex').slice(0, 32),
  })
  // Uploaded before the first word goes: what does not fit is known while nothing has been said yet.
  const end = media && (await uploads.bodyOf(media))
  const bodies = [...bodiesOf(message), ...(end ? [end] : [])]
  const call = (body: Body, i: number) => api.call('kf/send_msg', named(body, i))
  const answer = await inOrder([...bodies.entries()], ([i, body]) =>
    media && body === end ? sendMedia(uploads, media, body, (again) => call(again, i)) : call(body, i),
  )
  const { data } = Answer.safeParse(answer)
  return { replies: bodies.length, ...(data?.msgid === undefined ? {} : { externalId: data.msgid }) }
}

type Body = Readonly<Record<string, unknown>> & { readonly msgtype: string }

function bodiesOf(message: Outbound): Body[] {
  if (message.media && message.text === '') return []
  const { parts, buttons } = menuOrNumbers(message, capabilities)
  const last = parts.at(-1) ?? ''
  const texts = parts.slice(0, -1).map((content) => ({ msgtype: 'text', text: { content } }))
  const list = buttons.map(({ token, label }) => ({ type: 'click', click: { id: token, content: label } }))
  const end =
    list.length === 0
      ? { msgtype: 'text', text: { content: last } }
      : { msgtype: 'msgmenu', msgmenu: { head_content: last, list } }
  return [...texts, end]
}
