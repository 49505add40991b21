import { setTimeout as sleep } from 'node:timers/promises'
import { type Material, makeMaterials, noSuchMedia, officialLimits } from './wechat-media.ts'
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

/** A loopback WeChat: the interface of a 服务号 with its rules, and the calls it makes to the account's server. */
export interface FakeWechat {
  readonly apiBase: string
  readonly keys: Keys
  readonly secret: string
  /** The address entered as 服务器地址(URL). */
  callback: string
  answerWithinMs: number
  phone(openid: string): WechatPhone
  /** Answer some calls with an errcode or a fault instead. */
  fault(decide: Fault): void
  /** Forget every token that was given, as WeChat does when somebody else asks for one. */
  dropTokens(): void
  /** Forget what was uploaded, as WeChat does after three days. */
  dropMaterials(): void
  calls(path: string): readonly Asked[]
  stop(): Promise<void>
}

export interface WechatPhone {
  /** Returns what our server answered, try by try. */
  says(text: string, at?: Date): Promise<number[]>
  sends(fields: string, at?: Date): Promise<number[]>
  /** A recording; `recognised`: what WeChat itself made of it, where the account has that switched on. */
  speaks(recording: Uint8Array, recognised?: string): Promise<number[]>
  shows(picture: Uint8Array): Promise<number[]>
  does(event: string, key?: string): Promise<number[]>
  /** Answer to a subscription template in an article, or later in the settings. */
  agrees(template: string, answer?: 'accept' | 'reject', event?: string): Promise<number[]>
  /** The subscription notices it has shown. */
  notices(): readonly string[]
  /** Tap a choice of a menu, or answer it by its number. */
  taps(label: string): Promise<number[]>
  /** The last call once more, signed anew. */
  again(): Promise<number[]>
  screen(): readonly Shown[]
  sees(text: string | RegExp): Promise<Shown>
}

export interface Shown {
  readonly kind: string
  readonly text: string
  readonly choices: readonly { readonly id: string; readonly content: string }[]
  /** The recording, picture or film that it plays or shows. */
  readonly media?: Material
}

/** @param standing agreements to notices are for long: 长期订阅 */
export async function startWechat({
  now = () => new Date(),
  menus = false,
  standing = false,
} = {}): Promise<FakeWechat> {
  const keys: Keys = { token: 'token5', aesKey, receiver: 'wx0123456789abcdef' }
  const secret = 'SECRET-of-the-account'
  const rule = replyRule(now)
  const tokens = new Set<string>()
  const gone = new Set<string>()
  const agreements = new Map<string, number>()
  const notices: { readonly to: string; readonly text: string }[] = []
  const materials = makeMaterials(now, officialLimits)
  let made = 0
  const { shownTo, ...far } = await startFarEnd<Shown>(carryOut)

  function carryOut(asked: Asked): Reply {
    const { path, query, body } = asked
    if (path === 'stable_token') return giveToken(body)
    if (!tokens.has(query.get('access_token') ?? '')) return { errcode: 40001, errmsg: 'invalid credential' }
    switch (path) {
      case 'message/custom/send':
        return custom(body as unknown as Custom)
      case 'message/subscribe/bizsend':
        return notice(body as unknown as Notice)
      case 'media/get': {
        const material = materials.find(query.get('media_id'))
        return material ? { bytes: material.data, mime: 'audio/amr' } : noSuchMedia
      }
      case 'media/upload':
        return materials.upload(asked)
      default:
        return { errcode: 48001, errmsg: 'api unauthorized' }
    }
  }

  function notice({ touser, template_id, data }: Notice): Reply {
    const agreed = `${touser} ${template_id}`
    const left = agreements.get(agreed) ?? 0
    if (left === 0) return { errcode: 43101, errmsg: 'user refuse to accept the msg' }
    if (!standing) agreements.set(agreed, left - 1)
    const words = Object.values(data).map(({ value }) => value)
    if (words.some((value) => value.length > 20)) return { errcode: 47003, errmsg: 'argument invalid' }
    notices.push({ to: touser, text: words.join(' ') })
    return { errcode: 0, errmsg: 'ok' }
  }

  /** The same token as long as it is good; another only when forced. */
  function giveToken(body: Asked['body']): Reply {
    if (body.appid !== keys.receiver) return { errcode: 40013, errmsg: 'invalid appid' }
    if (body.secret !== secret) return { errcode: 40125, errmsg: 'invalid appsecret' }
    if (body.force_refresh === true) tokens.clear()
    if (tokens.size === 0) tokens.add(`TOKEN${++made}`)
    return { access_token: [...tokens][0], expires_in: 7200 }
  }

  function custom({ touser, msgtype, text, msgmenu, ...media }: Custom): Reply {
    if (gone.has(touser)) return { errcode: 43004, errmsg: 'require subscribe' }
    if (msgtype === 'voice' || msgtype === 'image' || msgtype === 'video') return played(touser, msgtype, media)
    const shown: Shown =
      msgtype === 'msgmenu'
        ? { kind: msgtype, text: msgmenu?.head_content ?? '', choices: msgmenu?.list ?? [] }
        : { kind: msgtype, text: text?.content ?? '', choices: [] }
    if (msgtype === 'msgmenu' && !menus) return { errcode: 40200, errmsg: 'invalid account type' }
    if (shown.text === '') return { errcode: 44004, errmsg: 'empty content' }
    if (Buffer.byteLength(shown.text) > 2048) return { errcode: 45002, errmsg: 'content size out of limit' }
    return show(touser, shown)
  }

  function played(
    touser: string,
    kind: 'voice' | 'image' | 'video',
    sent: Pick<Custom, 'voice' | 'image' | 'video'>,
  ): Reply {
    const material = materials.find(sent[kind]?.media_id)
    if (material?.type !== kind) return noSuchMedia
    if (kind === 'video' && materials.find(sent.video?.thumb_media_id)?.type !== 'thumb') return noSuchMedia
    return show(touser, { kind, text: '', choices: [], media: material })
  }

  function show(touser: string, shown: Shown): Reply {
    const spent = rule.spend(touser)
    if (spent === 'closed') return { errcode: 45015, errmsg: 'response out of time limit' }
    if (spent === 'used') return { errcode: 45047, errmsg: 'out of response count limit' }
    shownTo(touser).push(shown)
    return { errcode: 0, errmsg: 'ok' }
  }

  let lastId = 24_000_000_000
  const fake: FakeWechat = {
    ...far,
    keys,
    secret,
    callback: '',
    answerWithinMs: 5_000,
    dropTokens: () => tokens.clear(),
    dropMaterials: materials.forget,
    phone: (openid) => {
      let read = 0
      let last = ''
      const head = (at: Date) =>
        `${cdata('ToUserName', 'gh_x')}${cdata('FromUserName', openid)}<CreateTime>${Math.floor(at.getTime() / 1_000)}</CreateTime>`
      const call = (xml: string) => bring(fake.callback, envelope(keys, xml, now()), fake.answerWithinMs)
      const sends = (fields: string, at = now()) => {
        gone.delete(openid)
        rule.wrote(openid)
        last = `<xml>${head(at)}${fields}<MsgId>${++lastId}</MsgId></xml>`
        return call(last)
      }
      const uploaded = (data: Uint8Array) => {
        const id = `heard-${++lastId}`
        materials.keep(id, Buffer.from(data))
        return cdata('MediaId', id)
      }
      return {
        sends,
        speaks: (recording, recognised) => {
          const words = recognised === undefined ? '' : cdata('Recognition', recognised)
          return sends(`${cdata('MsgType', 'voice')}${uploaded(recording)}${cdata('Format', 'amr')}${words}`)
        },
        shows: (picture) => sends(`${cdata('MsgType', 'image')}${uploaded(picture)}`),
        says: (text, at) => sends(`${cdata('MsgType', 'text')}${cdata('Content', text)}`, at),
        does: (event, key = '') => {
          if (event === 'unsubscribe') gone.add(openid)
          else rule.wrote(openid, 3, 60_000)
          last = `<xml>${head(now())}${cdata('MsgType', 'event')}${cdata('Event', event)}${cdata('EventKey', key)}</xml>`
          return call(last)
        },
        agrees: (template, answer = 'accept', event = 'subscribe_msg_popup_event') => {
          const agreed = `${openid} ${template}`
          agreements.set(agreed, answer === 'accept' ? (agreements.get(agreed) ?? 0) + 1 : 0)
          const item = `${cdata('TemplateId', template)}${cdata('SubscribeStatusString', answer)}<PopupScene>2</PopupScene>`
          const name = event === 'subscribe_msg_popup_event' ? 'SubscribeMsgPopupEvent' : 'SubscribeMsgChangeEvent'
          const list = `<${name}><List>${item}</List></${name}>`
          last = `<xml>${head(now())}${cdata('MsgType', 'event')}${cdata('Event', event)}${list}</xml>`
          return call(last)
        },
        notices: () => notices.filter(({ to }) => to === openid).map(({ text }) => text),
        taps: async (label) => {
          for (const { text, choices } of [...shownTo(openid)].reverse()) {
            const choice = choices.find(({ content }) => content === label)
            const fields = `${cdata('MsgType', 'text')}${cdata('Content', label)}`
            if (choice) return sends(`${fields}${cdata('bizmsgmenuid', choice.id)}`)
            const number = new RegExp(`^(\\d+) ${label}$`, 'm').exec(text)?.[1]
            if (number) return sends(`${cdata('MsgType', 'text')}${cdata('Content', number)}`)
          }
          throw new Error(`there is no choice "${label}"; the phone shows:\n${picture(shownTo(openid))}`)
        },
        again: () => call(last),
        screen: () => shownTo(openid),
        sees: async (text) => {
          for (const until = Date.now() + 15_000; Date.now() < until; await sleep(20)) {
            const all = shownTo(openid)
            const found = all
              .slice(read)
              .findIndex((shown) => (typeof text === 'string' ? shown.text.includes(text) : text.test(shown.text)))
            const shown = all[read + found]
            if (found === -1 || !shown) continue
            read += found + 1
            return shown
          }
          throw new Error(`never saw ${text}; the phone shows:\n${picture(shownTo(openid))}`)
        },
      }
    },
  }
  return fake
}

interface Notice {
  readonly touser: string
  readonly template_id: string
  readonly data: Readonly<Record<string, { readonly value: string }>>
}

interface Custom {
  readonly touser: string
  readonly msgtype: string
  readonly text?: { readonly content: string }
  readonly voice?: { readonly media_id: string }
  readonly image?: { readonly media_id: string }
  readonly video?: { readonly media_id: string; readonly thumb_media_id?: string }
  readonly msgmenu?: { readonly head_content: string; readonly list: Shown['choices'] }
}

const picture = (shown: readonly Shown[]) => shown.map(({ text }) => text).join('\n---\n')
