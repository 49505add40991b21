import { z } from 'zod'
import type { ReplyAllowance } from '../domain/reply-window.ts'
import type { Inbound, InboundContent } from '../domain/words.ts'

/** What a person does at a 服务号 → one `Inbound`. Pure. */

/** The account's own rules: five replies within 48 hours of a message, three within a minute of a tap, a scan or following. */
const message: ReplyAllowance = { kind: 'message', replies: 5, withinMs: 48 * 3_600_000 }
const event: ReplyAllowance = { kind: 'event', replies: 3, withinMs: 60_000 }

const text = z.string().optional()
/** What was answered to each subscription template: one is no list. */
const Answered = z.object({ TemplateId: z.string(), SubscribeStatusString: z.string() })
const Answers = z
  .object({ List: z.union([z.array(Answered), Answered.transform((one) => [one])]) })
  .transform(({ List }) => List)
  .optional()
  .catch(undefined)
const Fields = z.object({
  FromUserName: z.string().min(1).max(128),
  CreateTime: z.string().regex(/^\d{1,12}$/),
  MsgType: z.string(),
  MsgId: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  Content: text,
  bizmsgmenuid: text,
  MediaId: text,
  Format: text,
  Recognition: text,
  Location_X: z.coerce.number().optional(),
  Location_Y: z.coerce.number().optional(),
  Label: text,
  Title: text,
  Description: text,
  Url: text,
  Event: text,
  EventKey: text,
  SubscribeMsgPopupEvent: Answers,
  SubscribeMsgChangeEvent: Answers,
})
type Fields = z.infer<typeof Fields>

/** @param notice the template by which people agree to be told that there is news.
 * `undefined`: nothing that anybody said (the position reported in the background, a link that was opened), or no message at all. */
export function heardIn(fields: unknown, account: string, notice?: string): Inbound | undefined {
  const read = Fields.safeParse(fields)
  if (!read.success) return undefined
  const { MsgId, FromUserName: externalId, CreateTime, MsgType, Event, EventKey } = read.data
  const content = MsgType === 'event' ? eventOf(read.data, notice) : contentOf(read.data)
  if (!content) return undefined
  // Leaving, and answering about notices, lets nobody reply.
  const mute = content.kind === 'lifecycle' && content.event !== 'started'
  return {
    // Events carry no id: who, when and what names one.
    key: MsgId === undefined ? `e${CreateTime}:${Event ?? MsgType}:${EventKey ?? ''}`.slice(0, 200) : `m${MsgId}`,
    from: { channel: 'wechat', account, externalId },
    content,
    sentAt: new Date(Number(CreateTime) * 1_000),
    ...(mute ? {} : { allows: MsgType === 'event' ? event : message }),
  }
}

/** What a 服务号 is given in the place of a sticker. */
const instead = '【收到不支持的消息类型，暂无法显示】'

function contentOf(fields: Fields): InboundContent {
  const { MsgType, Content = '', bizmsgmenuid, MediaId, Title, Url } = fields
  switch (MsgType) {
    case 'text':
      if (Content.trim() === instead) return { kind: 'sticker' }
      return bizmsgmenuid ? { kind: 'choice', token: bizmsgmenuid, label: Content } : { kind: 'text', text: Content }
    case 'image':
      return MediaId ? { kind: 'picture', media: { id: MediaId } } : { kind: 'unsupported', what: 'image' }
    case 'voice':
      return MediaId ? voiceOf(MediaId, fields) : { kind: 'unsupported', what: 'voice' }
    case 'video':
    case 'shortvideo':
      return MediaId ? { kind: 'video', media: { id: MediaId } } : { kind: 'unsupported', what: MsgType }
    case 'location': {
      const { Location_X: latitude, Location_Y: longitude, Label: place } = fields
      return latitude === undefined || longitude === undefined
        ? { kind: 'unsupported', what: 'location' }
        : { kind: 'location', latitude, longitude, ...(place ? { place } : {}) }
    }
    case 'link':
      return { kind: 'text', text: [Title, Url].filter(Boolean).join(' ') }
    default:
      return { kind: 'unsupported', what: MsgType.slice(0, 40) }
  }
}

/** 语音识别结果: the account may have WeChat write down what it hears. */
function voiceOf(id: string, { Format = 'amr', Recognition = '' }: Fields): InboundContent {
  const media = { id, mime: `audio/${Format.toLowerCase()}` }
  const recognised = Recognition.trim()
  return { kind: 'voice', media, ...(recognised === '' ? {} : { recognised }) }
}

/** A key of the account's own menu is the words it stands for: 人工, 我要求助. A scanned code may carry an invitation. */
function eventOf(fields: Fields, notice: string | undefined): InboundContent | undefined {
  const { Event, EventKey = '' } = fields
  switch (Event) {
    case 'subscribe_msg_popup_event':
      return agreement(fields.SubscribeMsgPopupEvent, notice)
    case 'subscribe_msg_change_event':
      return agreement(fields.SubscribeMsgChangeEvent, notice)
    case 'subscribe':
    case 'SCAN': {
      const scene = EventKey.replace(/^qrscene_/, '')
      return scene === '' ? { kind: 'lifecycle', event: 'started' } : { kind: 'command', name: 'start', args: scene }
    }
    case 'unsubscribe':
      return { kind: 'lifecycle', event: 'blocked' }
    case 'CLICK':
      return EventKey === '' ? undefined : { kind: 'text', text: EventKey }
    default:
      return undefined
  }
}

/** 订阅通知: agreed to, or refused. (`subscribe_msg_sent_event` is nothing a person did.) */
function agreement(answers: z.infer<typeof Answers>, notice: string | undefined): InboundContent | undefined {
  const answer = answers?.find(({ TemplateId }) => TemplateId === notice)
  if (!answer) return undefined
  const event = answer.SubscribeStatusString === 'accept' ? 'notice_agreed' : 'notice_refused'
  return { kind: 'lifecycle', event }
}
