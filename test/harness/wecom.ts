import { type Material, makeMaterials, noSuchMedia, wecomLimits } from './wechat-media.ts'
import {
  type Asked,
  aesKey,
  bring,
  cdata,
  envelope,
  type Fault,
  type Keys,
  type Reply,
  replyRule,
  startFarEnd,
} from './wechat-wire.ts'

/** A loopback 企业微信 with one 客服账号: sessions with states, messages behind a cursor, and the calls that say there are some. */
export interface FakeWecom {
  readonly apiBase: string
  readonly keys: Keys
  readonly secret: string
  readonly openKfId: string
  callback: string
  /** A customer writes: the message waits, and our server is called (unless the call is lost). */
  writes(from: string, message: Readonly<Record<string, unknown>>, options?: { callLost?: boolean }): Promise<number[]>
  /** An event of the session, or a colleague's own words (`origin` 5). */
  notes(entry: Readonly<Record<string, unknown>>): Promise<number[]>
  call(): Promise<number[]>
  /** 0 untouched, 1 assistant, 3 a colleague, 4 ended. */
  setState(customer: string, state: number): void
  screen(customer: string): readonly Shown[]
  fault(decide: Fault): void
  calls(path: string): readonly Asked[]
  stop(): Promise<void>
}

export interface Shown {
  readonly msgid: string
  readonly kind: string
  readonly text: string
  readonly choices: readonly { readonly id: string; readonly content: string }[]
  readonly media?: Material
}

/** How many messages one fetch gives: small, so that there are pages. */
const pageSize = 3

export async function startWecom({ now = () => new Date() } = {}): Promise<FakeWecom> {
  const keys: Keys = { token: 'kftoken', aesKey, receiver: 'ww0123456789abcdef' }
  const secret = 'SECRET-of-kf'
  const openKfId = 'wkAJ2GCAAA'
  const rule = replyRule(now)
  const log: Readonly<Record<string, unknown>>[] = []
  const states = new Map<string, number>()
  const materials = makeMaterials(now, wecomLimits)
  let lastId = 0
  const { shownTo, ...far } = await startFarEnd<Shown>(carryOut)

  function carryOut(asked: Asked): Reply {
    const { path, query, body } = asked
    if (path === 'gettoken') {
      return query.get('corpid') === keys.receiver && query.get('corpsecret') === secret
        ? { errcode: 0, access_token: 'KFTOKEN', expires_in: 7200 }
        : { errcode: 40001, errmsg: 'invalid credential' }
    }
    if (path === 'media/get') return { bytes: Buffer.from('#!AMR\nvoice'), mime: 'audio/amr' }
    if (query.get('access_token') !== 'KFTOKEN') return { errcode: 40014, errmsg: 'invalid access_token' }
    const customer = String(body.external_userid ?? body.touser ?? '')
    switch (path) {
      case 'kf/sync_msg': {
        const from = Number(body.cursor ?? 0)
        const page = log.slice(from, from + pageSize)
        const next = from + page.length
        return { errcode: 0, next_cursor: String(next), has_more: next < log.length ? 1 : 0, msg_list: page }
      }
      case 'kf/service_state/get':
        return { errcode: 0, service_state: states.get(customer) ?? 0 }
      case 'kf/service_state/trans':
        states.set(customer, Number(body.service_state))
        return { errcode: 0 }
      case 'media/upload':
        return materials.upload(asked)
      case 'kf/send_msg':
        return send(customer, body)
      default:
        return { errcode: 48002, errmsg: 'api forbidden' }
    }
  }

  function send(customer: string, body: Asked['body']): Reply {
    const { msgtype, msgid, text, msgmenu, ...media } = body as unknown as Sending
    const content = msgtype in wecomLimits ? materials.find(media[msgtype as 'voice']?.media_id) : undefined
    if (msgtype in wecomLimits && content?.type !== msgtype) return noSuchMedia
    const shown: Shown =
      msgtype === 'msgmenu'
        ? {
            msgid,
            kind: msgtype,
            text: msgmenu?.head_content ?? '',
            choices: (msgmenu?.list ?? []).map((c) => c.click),
          }
        : { msgid, kind: msgtype, text: text?.content ?? '', choices: [], ...(content ? { media: content } : {}) }
    if ((states.get(customer) ?? 0) > 1) return { errcode: 95018, errmsg: 'session status invalid' }
    if (Buffer.byteLength(shown.text) > 2048) return { errcode: 45002, errmsg: 'content size out of limit' }
    // The same msgid is the same message.
    if (shownTo(customer).some((before) => before.msgid === msgid)) return { errcode: 0, msgid }
    const spent = rule.spend(customer)
    if (spent !== 'sent') return { errcode: 95001, errmsg: `send msg ${spent}` }
    shownTo(customer).push(shown)
    return { errcode: 0, msgid }
  }

  const fake: FakeWecom = {
    ...far,
    keys,
    secret,
    openKfId,
    callback: '',
    writes: async (from, message, { callLost = false } = {}) => {
      rule.wrote(from)
      log.push({
        msgid: `m${++lastId}`,
        open_kfid: openKfId,
        external_userid: from,
        send_time: Math.floor(now().getTime() / 1_000),
        origin: 3,
        ...message,
      })
      return callLost ? [] : fake.call()
    },
    notes: async (entry) => {
      log.push({ msgid: `m${++lastId}`, send_time: Math.floor(now().getTime() / 1_000), origin: 4, ...entry })
      return fake.call()
    },
    call: () => {
      const fields = [cdata('ToUserName', keys.receiver), cdata('MsgType', 'event'), cdata('Event', 'kf_msg_or_event')]
      const xml = `<xml>${fields.join('')}${cdata('Token', 'TICKET')}${cdata('OpenKfId', openKfId)}</xml>`
      return bring(fake.callback, envelope(keys, xml, now()))
    },
    setState: (customer, state) => void states.set(customer, state),
    screen: shownTo,
  }
  return fake
}

interface Sending {
  readonly msgtype: string
  readonly msgid: string
  readonly text?: { readonly content: string }
  readonly voice?: { readonly media_id: string }
  readonly image?: { readonly media_id: string }
  readonly video?: { readonly media_id: string }
  readonly file?: { readonly media_id: string }
  readonly msgmenu?: {
    readonly head_content: string
    readonly list: readonly { readonly click: Shown['choices'][number] }[]
  }
}
