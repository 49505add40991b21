import { z } from 'zod'
import type { ReplyAllowance } from '../domain/reply-window.ts'
import type { Inbound, InboundContent } from '../domain/words.ts'
import type { SendFailure } from './channel.ts'

/** What `sync_msg` brings → what a person said, or which message of ours did not arrive. Pure. */

const allows: ReplyAllowance = { kind: 'message', replies: 5, withinMs: 48 * 3_600_000 }

const Media = z.looseObject({ media_id: z.string().min(1) })
const Message = z.looseObject({
  msgid: z.string().min(1).max(128),
  external_userid: z.string().min(1).max(128).optional(),
  send_time: z.number().nonnegative(),
  /** 3: the customer; 4: an event; 5: a colleague who answers in 企业微信. */
  origin: z.number(),
  msgtype: z.string(),
  text: z.looseObject({ content: z.string(), menu_id: z.string().optional() }).optional(),
  image: Media.optional(),
  voice: Media.optional(),
  video: Media.optional(),
  file: Media.optional(),
  location: z
    .looseObject({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().optional(),
      address: z.string().optional(),
    })
    .optional(),
  link: z.looseObject({ title: z.string().optional(), url: z.string().optional() }).optional(),
  event: z
    .looseObject({
      event_type: z.string(),
      external_userid: z.string().optional(),
      fail_msgid: z.string().optional(),
      fail_type: z.number().optional(),
    })
    .optional(),
})
type Message = z.infer<typeof Message>

export type KfEvent =
  | { readonly is: 'heard'; readonly inbound: Inbound }
  | { readonly is: 'bounced'; readonly to: string; readonly externalId: string; readonly failure: SendFailure }
  /** Nothing that anybody said to us: a colleague's own words, a session opened or ended. */
  | { readonly is: 'nothing' }

/** What the entry means; what cannot be read is nothing, and must not stop those behind it. */
export function kfEventOf(entry: unknown, account: string): KfEvent {
  const read = Message.safeParse(entry)
  if (!read.success) return { is: 'nothing' }
  const { origin, msgid, external_userid: externalId, send_time } = read.data
  if (origin === 4) return bounced(read.data)
  if (origin !== 3 || externalId === undefined) return { is: 'nothing' }
  const sentAt = new Date(send_time * 1_000)
  const from = { channel: 'wechat', account, externalId } as const
  return { is: 'heard', inbound: { key: msgid, from, content: contentOf(read.data), sentAt, allows } }
}

function contentOf(message: Message): InboundContent {
  const { text, image, voice, video, file, location, link, msgtype } = message
  if (text) {
    return text.menu_id
      ? { kind: 'choice', token: text.menu_id, label: text.content }
      : { kind: 'text', text: text.content }
  }
  if (image) return { kind: 'picture', media: { id: image.media_id } }
  if (voice) return { kind: 'voice', media: { id: voice.media_id, mime: 'audio/amr' } }
  if (video) return { kind: 'video', media: { id: video.media_id } }
  if (file) return { kind: 'file', media: { id: file.media_id } }
  if (location) {
    const { latitude, longitude, name, address } = location
    const place = [name, address].filter(Boolean).join(' ')
    return { kind: 'location', latitude, longitude, ...(place ? { place } : {}) }
  }
  if (link) return { kind: 'text', text: [link.title, link.url].filter(Boolean).join(' ') }
  return { kind: 'unsupported', what: msgtype.slice(0, 40) }
}

function bounced({ event }: Message): KfEvent {
  if (event?.event_type !== 'msg_send_fail' || !event.external_userid || !event.fail_msgid) return { is: 'nothing' }
  const failure = failures[event.fail_type ?? 0] ?? 'invalid'
  return { is: 'bounced', to: event.external_userid, externalId: event.fail_msgid, failure }
}

/** 失败类型 */
const failures: Readonly<Record<number, SendFailure>> = {
  4: 'window-closed', // 48 hours are over
  5: 'window-closed', // the session has ended
  6: 'quota',
  10: 'blocked', // the person takes no messages
}
