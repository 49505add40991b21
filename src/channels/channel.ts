import type { MediaKind } from '../domain/media.ts'
import type { AddressKey, ChannelName, Inbound, MediaRef, Outbound, OutboundMedia } from '../domain/words.ts'

/**
 * THE CONTRACT of a channel. A channel knows no business: it turns what it hears into `Inbound` and sends `Outbound`.
 * A new channel is one file here, its contract-test file and one line in `app.ts`.
 */
export interface Channel {
  readonly name: ChannelName
  /** The bot or site account this instance speaks for; the same word as in `AddressKey.account`. */
  readonly account: string
  readonly capabilities: Capabilities
  /**
   * Begin to hear. `receive` resolves only when the message is stored: acknowledge the far end after that, never before.
   * Rejects only when the channel can never work as configured (a bad token), with an error fit for a person.
   * `bounced`: the far end took a message and says later that it did not arrive.
   */
  start(receive: Receive, bounced?: Bounced): Promise<void>
  /** Stop hearing; what was received is stored, what was not is left unacknowledged at the far end. */
  stop(): Promise<void>
  /**
   * Send one message. `idempotencyKey` names this very message: a channel that can, sends it once however often it is asked.
   * Throws `SendError` and nothing else. Only the outbox calls this.
   */
  send(to: AddressKey, message: Outbound, idempotencyKey: string): Promise<Sent>
  /** Replace a message sent before (its text, and its choices with it). Present exactly when `capabilities.edit`. */
  edit?(to: AddressKey, externalId: string, message: Outbound): Promise<void>
  /**
   * The content of something heard. Never more than `limit.bytes`, never longer than `limit.ms`.
   * Throws `MediaError` and nothing else.
   */
  fetchMedia?(media: MediaRef, limit: { bytes: number; ms: number }): Promise<MediaContent>
  /** It is kept elsewhere now, or refused: the channel may forget its copy. */
  forgetMedia?(media: MediaRef): Promise<void>
  /**
   * A fixed notice that may be sent when replies are over (a subscription message the person agreed to): there is news,
   * write back to read it. Present exactly when `capabilities.notice`. Throws `SendError`; `blocked`: it was not agreed to.
   */
  notify?(to: AddressKey): Promise<void>
  /** What keeps it from hearing and speaking now, in words for the operator; `undefined`: nothing is known to. */
  trouble?(): string | undefined
}

/** `mime`: what the sender says it is; what it really is, its bytes say. */
export interface MediaContent {
  readonly data: Uint8Array
  readonly mime?: string
}

/**
 * How a channel gets the content of what it is to send, given by `app.ts`. `accepts`: the types that this way of sending
 * takes, best first; what is kept comes in one of them where it exists in one or can be made, else as it was recorded.
 * Throws `SendError`.
 */
export type OpenMedia = (media: OutboundMedia, accepts: readonly string[]) => Promise<OpenedMedia>

export interface OpenedMedia {
  readonly data: Uint8Array
  readonly mime: string
  readonly fileName: string
  /** How long it plays, where that is known. */
  readonly seconds?: number
}

/** Why something heard could not be fetched. `message` is for the operator and holds no address, name or token. */
export class MediaError extends Error {
  override readonly name = 'MediaError'
  readonly kind: 'too-large' | 'gone' | 'transient'

  constructor(kind: MediaError['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.kind = kind
  }
}

export type Receive = (heard: Inbound) => Promise<void>

/** Resolves when it is recorded. */
export type Bounced = (message: { to: AddressKey; externalId: string; failure: SendFailure }) => Promise<void>

/** `externalId`: the channel's own id of the message, so that it can be edited and replied to. */
export interface Sent {
  readonly externalId?: string
  /** How many messages it took, on a channel that counts replies. */
  readonly replies?: number
}

export interface Capabilities {
  /** `buttons` are tapped; with `numbers` the choices are written out and answered by number or words. */
  readonly choices: 'buttons' | 'numbers'
  readonly edit: boolean
  readonly maxTextChars: number
  /**
   * May we speak first, at any time? `window`: only so many messages (parts count) for a while after the person wrote;
   * each `Inbound` says what it allows, and a turn is joined into one message.
   */
  readonly proactive: 'always' | 'window'
  /** Kinds of media that can be passed on as they are; single content may still be `unfit`. */
  readonly media: readonly MediaKind[]
  /**
   * 订阅通知: the account may tell a person who has agreed that there is news, although replies are over. `once`: an
   * agreement is good for one; `standing`: until it is taken back.
   */
  readonly notice?: 'once' | 'standing'
  /** The far end's speed limit, in messages a second over the whole account and at least this many ms between two to one chat. */
  readonly pace: { readonly perSecond: number; readonly chatGapMs: number } | 'unlimited'
}

export const sendFailures = [
  'rate-limited',
  'blocked',
  'gone',
  'window-closed',
  'quota',
  'taken-over',
  'unfit',
  'invalid',
  'auth',
  'transient',
] as const
export type SendFailure = (typeof sendFailures)[number]

/**
 * Why a message could not be sent. `message` is for the operator and holds no text, name or token.
 * `outcomeUnknown`: the far end may have sent it all the same (a dropped connection, a 5xx), or a part of it.
 * `unfit`: this content is of a form or size that the far end does not take; its words alone would go.
 */
export class SendError extends Error {
  override readonly name = 'SendError'
  readonly kind: SendFailure
  readonly retryAfterMs: number | undefined
  readonly outcomeUnknown: boolean

  constructor(
    kind: SendFailure,
    message: string,
    options: { retryAfterMs?: number; outcomeUnknown?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.retryAfterMs = options.retryAfterMs
    this.outcomeUnknown = options.outcomeUnknown ?? false
  }

  /** Worth another try later; everything else needs a person or another way to reach them. `auth` waits for the operator. */
  get retryable(): boolean {
    return this.kind === 'rate-limited' || this.kind === 'transient' || this.kind === 'auth'
  }
}

/** Whatever a channel met while it fetched, in the words of the contract. */
export function mediaErrorOf(error: unknown): MediaError {
  if (error instanceof MediaError) return error
  if (!(error instanceof SendError)) return new MediaError('transient', 'it was not given in time')
  return new MediaError(error.retryable ? 'transient' : 'gone', error.message)
}
