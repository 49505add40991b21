import type { MediaKind } from './media.ts'
import type { ReplyAllowance } from './reply-window.ts'

/**
 * Glossary. Every name in code, schema, texts and tests is one of these words.
 *
 * resident 居民        whoever writes to ask for help; known to workers only by an alias
 * subject 服务对象     the person who needs the help: the resident, a relative, or someone else
 * staff 工作人员       social worker, nurse, counsellor, agency lead, coordinator (one `Staff` row each)
 * request 求助单       one plea, from the first word to the resident's last; never called a case (个案): only a person opens one
 * owner 责任人         the named staff member who answers for an open request; there is always exactly one
 * deadline 时限        the moment at which somebody must have acted on an open request; there is always exactly one
 * offer 派单           a request shown to one staff member with the choice to accept or decline until a deadline
 * rung 升级           one step of the ladder: who is told next when nobody has acted
 * turn 话轮            one reply of the conversation to the unread messages of one person; one transaction
 * inbox / outbox       what came in and what is to go out, as rows; nothing is acknowledged or sent without one
 * bell                 a queue job that wakes a room; carries ids only and may come twice, late or never
 */

export const channelNames = ['telegram', 'wechat', 'web'] as const
export type ChannelName = (typeof channelNames)[number]

/** Where one person can be reached: a chat on one account of one channel. Serialisable; stored as `Address`. */
export interface AddressKey {
  readonly channel: ChannelName
  /** The bot or site account that hears and speaks: the Telegram bot id, the web site's name. */
  readonly account: string
  /** The channel's own id of the chat. */
  readonly externalId: string
}

/** A file as its channel keeps it until it is fetched. Never a URL: such URLs carry the bot's token. */
export interface MediaRef {
  readonly id: string
  readonly mime?: string
  readonly bytes?: number
  readonly seconds?: number
}

export type InboundContent =
  | { readonly kind: 'text'; readonly text: string }
  /** A tapped choice: `token` is what we put on the button. */
  | { readonly kind: 'choice'; readonly token: string; readonly label?: string }
  | { readonly kind: 'command'; readonly name: string; readonly args: string }
  /** `recognised`: what the channel itself took from it, a machine's hearing like every other. */
  | { readonly kind: 'voice'; readonly media: MediaRef; readonly recognised?: string }
  | { readonly kind: 'picture' | 'video' | 'file'; readonly media: MediaRef; readonly caption?: string }
  /** 机器转写: what a recording seems to say; heard through the same door as everything, so that the crisis gate reads it. */
  /** 机器转写; empty: nothing could be made out. */
  | { readonly kind: 'transcript'; readonly text: string; readonly attachment: number }
  | { readonly kind: 'location'; readonly latitude: number; readonly longitude: number; readonly place?: string }
  | { readonly kind: 'sticker'; readonly emoji?: string }
  /** The person changed a message they had sent before. */
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'lifecycle'; readonly event: LifecycleEvent }
  /** Anything else the channel heard; `what` is the channel's own word for it, never the content. */
  | { readonly kind: 'unsupported'; readonly what: string }

/** What somebody did with the chat itself. The last two: they agreed to be told that there is news, or want that no more. */
export const lifecycleEvents = ['started', 'blocked', 'unblocked', 'notice_agreed', 'notice_refused'] as const
export type LifecycleEvent = (typeof lifecycleEvents)[number]

/** One thing heard from one person, in the same shape whatever the channel. */
export interface Inbound {
  /** Unique per address: a message delivered three times has one key. */
  readonly key: string
  readonly from: AddressKey
  readonly content: InboundContent
  /** When the person sent it by the channel's clock, if it says. */
  readonly sentAt?: Date
  /** The channel's id of the message this one answers, when the person used "reply". */
  readonly replyTo?: string
  /** The channel's id of the message that carried the tapped button. */
  readonly tappedOn?: string
  readonly language?: string
  /** What it lets us answer, on a channel that counts replies. */
  readonly allows?: ReplyAllowance
}

/** One thing a person can choose. `token` ≤ 64 bytes (Telegram's limit for callback data), `label` is what they read. */
export interface Choice {
  readonly token: string
  readonly label: string
}

/** One message to one person, before a channel gives it its own form. */
export interface Outbound {
  readonly text: string
  readonly choices?: readonly Choice[]
  /** A recording, picture or file of the store; a channel asks for its content when it sends it. */
  readonly media?: OutboundMedia
}

export interface OutboundMedia {
  /** The attachment that holds it. */
  readonly attachment: number
  readonly kind: MediaKind
  readonly seconds?: number
}

/** Longest text a person's message may bring into a request, in characters; the rest is kept in the inbox only. */
export const longestPlea = 10_000
