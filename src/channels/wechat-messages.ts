import { z } from 'zod'
import type { ReplyAllowance } from '../domain/reply-window.ts'
import type { Inbound, InboundContent } from '../domain/words.ts'

/** What a person does at a 服务号 → one `Inbound`. Pure. */

/** The account's own rules: five replies within 48 hours of a message, three within a minute of a tap, a scan or following. */
const message: ReplyAllowance = { kind: 'message', replies: 5, withinMs: 48 * 3_600_000 }
const event: ReplyAllowance = { kind: 'event', replies: 3, withinMs: 60_000 }

const text = z.string().optional()
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
  Location_X: z.coerce.number().optional(),
  Location_Y: z.coerce.number().optional(),
  Label: text,
  Title: text,
  Description: text,
  Url: text,
  Event: text,
  EventKey: text,
})
type Fields = z.infer<typeof Fields>

/** `undefined`: nothing that anybody said (the position reported in the background, a link that was opened), or no message at all. */
export function heardIn(fields: unknown, account: string): Inbound | undefined {
  const read = Fields.safeParse(fields)
  if (!read.success) return undefined
  const { MsgId, FromUserName: externalId, CreateTime, MsgType, Event, EventKey } = read.data
  const content = MsgType === 'event' ? eventOf(read.data) : contentOf(read.data)
  if (!content) return undefined
  const gone = content.kind === 'lifecycle' && content.event === 'blocked'
  return {
    // Events carry no id: who, when and what names one.
    key: MsgId === undefined ? `e${CreateTime}:${Event ?? MsgType}:${EventKey ?? ''}`.slice(0, 200) : `m${MsgId}`,
    from: { channel: 'wechat', account, externalId },
    content,
    sentAt: new Date(Number(CreateTime) * 1_000),
    ...(gone ? {} : { allows: MsgType === 'event' ? event : message }),
  }
}

function contentOf(fields: Fields): InboundContent {
  const { MsgType, Content = '', bizmsgmenuid, MediaId, Format, Title, Url } = fields
  switch (MsgType) {
    case 'text':
      return bizmsgmenuid ? { kind: 'choice', token: bizmsgmenuid, label: Content } : { kind: 'text', text: Content }
    case 'image':
      return MediaId ? { kind: 'picture', media: { id: MediaId } } : { kind: 'unsupported', what: 'image' }
    case 'voice':
      return MediaId
        ? { kind: 'voice', media: { id: MediaId, mime: `audio/${(Format ?? 'amr').toLowerCase()}` } }
        : { kind: 'unsupported', what: 'voice' }
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

/** A key of the account's own menu is the words it stands for: 人工, 我要求助. A scanned code may carry an invitation. */
function eventOf({ Event, EventKey = '' }: Fields): InboundContent | undefined {
  switch (Event) {
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
