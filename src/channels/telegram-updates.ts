import { z } from 'zod'
import type { Inbound, InboundContent, MediaRef } from '../domain/words.ts'

/**
 * A Telegram update → one `Inbound`, whatever its kind. Only what is used is read; everything else passes. `undefined`:
 * nobody to answer (a group, a channel post, an update without a chat); it is acknowledged and left.
 */
export function heardIn(update: unknown, account: string): Inbound | undefined {
  const read = Update.safeParse(update)
  if (!read.success) return undefined
  const { update_id, message, edited_message, callback_query, my_chat_member } = read.data
  const key = `u${update_id}`
  if (message) return fromMessage(key, account, message, contentOf(message))
  if (edited_message) {
    const text = edited_message.text ?? edited_message.caption ?? ''
    return fromMessage(key, account, edited_message, { kind: 'edited', text })
  }
  if (callback_query) {
    const { message: carrier, data, from } = callback_query
    const chat = carrier?.chat ?? { id: from.id, type: 'private' }
    if (chat.type !== 'private') return undefined
    return {
      key,
      from: { channel: 'telegram', account, externalId: String(chat.id) },
      content:
        data === undefined
          ? { kind: 'unsupported', what: 'callback' }
          : { kind: 'choice', token: data, ...labelOf(carrier, data) },
      ...(carrier ? { tappedOn: String(carrier.message_id) } : {}),
    }
  }
  if (my_chat_member && my_chat_member.chat.type === 'private') {
    const gone = ['kicked', 'left'].includes(my_chat_member.new_chat_member.status)
    return {
      key,
      from: { channel: 'telegram', account, externalId: String(my_chat_member.chat.id) },
      content: { kind: 'lifecycle', event: gone ? 'blocked' : 'unblocked' },
    }
  }
  return undefined
}

export const updateId = (update: unknown): number | undefined => {
  const read = z.looseObject({ update_id: z.int() }).safeParse(update)
  return read.success ? read.data.update_id : undefined
}

/** The id of a tapped button's query, to be answered so that the phone stops waiting. */
export const queryId = (update: unknown): string | undefined => {
  const read = z.looseObject({ callback_query: z.looseObject({ id: z.coerce.string() }) }).safeParse(update)
  return read.success ? read.data.callback_query.id : undefined
}

/** The kinds asked for; everything not named here never leaves Telegram. */
export const updateKinds = ['message', 'edited_message', 'callback_query', 'my_chat_member'] as const

// --- what is read of an update

const Chat = z.looseObject({ id: z.number(), type: z.string() })
const File = z.looseObject({
  file_id: z.string(),
  mime_type: z.string().optional(),
  file_size: z.number().optional(),
  duration: z.number().optional(),
})
const Keyboard = z.looseObject({
  inline_keyboard: z.array(z.array(z.looseObject({ text: z.string(), callback_data: z.string().optional() }))),
})
const Carrier = z.looseObject({ message_id: z.number(), chat: Chat.optional(), reply_markup: Keyboard.optional() })
const Message = z.looseObject({
  message_id: z.number(),
  date: z.number().optional(),
  chat: Chat,
  from: z.looseObject({ language_code: z.string().optional() }).optional(),
  reply_to_message: z.looseObject({ message_id: z.number() }).optional(),
  text: z.string().optional(),
  caption: z.string().optional(),
  voice: File.optional(),
  audio: File.optional(),
  photo: z.array(File).optional(),
  video: File.optional(),
  video_note: File.optional(),
  document: File.optional(),
  sticker: z.looseObject({ emoji: z.string().optional() }).optional(),
  location: z.looseObject({ latitude: z.number(), longitude: z.number() }).optional(),
  venue: z.looseObject({ title: z.string(), address: z.string().optional() }).optional(),
  contact: z.looseObject({ phone_number: z.string() }).optional(),
})
const Update = z.looseObject({
  update_id: z.int(),
  message: Message.optional(),
  edited_message: Message.optional(),
  callback_query: z
    .looseObject({ from: z.looseObject({ id: z.number() }), data: z.string().optional(), message: Carrier.optional() })
    .optional(),
  my_chat_member: z.looseObject({ chat: Chat, new_chat_member: z.looseObject({ status: z.string() }) }).optional(),
})
type Message = z.infer<typeof Message>

function fromMessage(key: string, account: string, message: Message, content: InboundContent): Inbound | undefined {
  if (message.chat.type !== 'private') return undefined
  return {
    key,
    from: { channel: 'telegram', account, externalId: String(message.chat.id) },
    content,
    ...(message.date === undefined ? {} : { sentAt: new Date(message.date * 1000) }),
    ...(message.reply_to_message ? { replyTo: String(message.reply_to_message.message_id) } : {}),
    ...(message.from?.language_code ? { language: message.from.language_code } : {}),
  }
}

function contentOf(message: Message): InboundContent {
  const { text, voice, audio, photo, video, video_note, document, location, venue, contact, sticker } = message
  const caption = message.caption === undefined ? {} : { caption: message.caption }
  if (text !== undefined) return command(text) ?? { kind: 'text', text }
  const recording = voice ?? audio
  if (recording) return { kind: 'voice', media: media(recording) }
  const largest = photo?.at(-1)
  if (largest) return { kind: 'picture', media: media(largest), ...caption }
  const film = video ?? video_note
  if (film) return { kind: 'video', media: media(film), ...caption }
  if (document) return { kind: 'file', media: media(document), ...caption }
  if (location) {
    const place = venue ? { place: [venue.title, venue.address].filter(Boolean).join(' ') } : {}
    return { kind: 'location', latitude: location.latitude, longitude: location.longitude, ...place }
  }
  // A shared contact is how some people send their number.
  if (contact) return { kind: 'text', text: contact.phone_number }
  if (sticker) return { kind: 'sticker', ...(sticker.emoji === undefined ? {} : { emoji: sticker.emoji }) }
  const known = ['poll', 'dice', 'story', 'game', 'invoice', 'pinned_message', 'new_chat_members']
  return { kind: 'unsupported', what: known.find((kind) => kind in message) ?? 'message' }
}

function command(text: string): InboundContent | undefined {
  const found = /^\/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+([\s\S]*))?$/.exec(text)
  return found ? { kind: 'command', name: (found[1] ?? '').toLowerCase(), args: (found[2] ?? '').trim() } : undefined
}

const media = (file: z.infer<typeof File>): MediaRef => ({
  id: file.file_id,
  ...(file.mime_type === undefined ? {} : { mime: file.mime_type }),
  ...(file.file_size === undefined ? {} : { bytes: file.file_size }),
  ...(file.duration === undefined ? {} : { seconds: file.duration }),
})

function labelOf(carrier: z.infer<typeof Carrier> | undefined, data: string): { label?: string } {
  const button = carrier?.reply_markup?.inline_keyboard.flat().find((b) => b.callback_data === data)
  return button ? { label: button.text } : {}
}
