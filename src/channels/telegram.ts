import { timingSafeEqual } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { Api, GrammyError } from 'grammy'
import type { Logger } from 'pino'
import type { AddressKey, Outbound } from '../domain/words.ts'
import type { FileIds } from '../store/channel-files.ts'
import { makeBegun } from './begun.ts'
import { type Capabilities, type Channel, type OpenMedia, type Receive, SendError, type Sent } from './channel.ts'
import { render } from './choices.ts'
import { asSendError, isHarmlessEdit } from './telegram-errors.ts'
import { fetchFile, longestCaption, makeSendFile, type SendFile } from './telegram-files.ts'
import { heardIn, queryId, updateId, updateKinds } from './telegram-updates.ts'

export interface TelegramOptions {
  readonly token: string
  readonly apiRoot: string
  readonly log: Logger
  /** Set: Telegram calls us here; unset: long polling. */
  readonly webhook?: { readonly secret: string; readonly url: string; readonly server: FastifyInstance }
  /** The content of what is sent. */
  readonly openMedia: OpenMedia
  /** What it has uploaded before. */
  readonly fileIds?: FileIds
  /** Seconds one poll waits for news. */
  readonly pollSeconds?: number
}

const webhookPath = '/telegram/webhook'
const secretHeader = 'x-telegram-bot-api-secret-token'
const sendSeconds = 15
const mostBackoffMs = 60_000

const capabilities: Capabilities = {
  choices: 'buttons',
  edit: true,
  maxTextChars: 4096,
  proactive: 'always',
  media: ['voice', 'picture', 'video', 'file'],
  // Telegram's flood limits: about 30 a second over all chats, about one a second to one chat with short bursts allowed.
  pace: { perSecond: 25, chatGapMs: 1_000 },
}

/**
 * Telegram through grammY's API client, with our own way in: an update is stored under its unique id before the webhook is
 * answered or the poll offset moves, so that a crash loses none and a repetition doubles none.
 */
export function makeTelegram(options: TelegramOptions): Channel {
  const { token, apiRoot, log, webhook, openMedia, fileIds, pollSeconds = 25 } = options
  const account = token.split(':')[0] ?? ''
  const api = new Api(token, { apiRoot, timeoutSeconds: sendSeconds })
  const polling = new Api(token, { apiRoot, timeoutSeconds: pollSeconds + 15 })
  const sendFile = makeSendFile({ api, account, open: openMedia, fileIds })
  const ended = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  const begun = makeBegun()

  /** Store one update, then tell the phone that its tap was heard. Rejects when it could not be stored. */
  const take = async (update: unknown, receive: Receive): Promise<void> => {
    const heard = heardIn(update, account)
    if (heard) await receive(heard)
    const query = queryId(update)
    if (query !== undefined) await api.answerCallbackQuery(query).catch(() => undefined) // too old a tap is no harm
  }

  return {
    name: 'telegram',
    account,
    capabilities,
    start: async (receive) => {
      if (webhook) {
        openWebhook(webhook, log, (update) => take(update, receive))
        await api.setWebhook(webhook.url, { secret_token: webhook.secret, allowed_updates: [...updateKinds] })
        return
      }
      await api.deleteWebhook().catch((error: unknown) => {
        if (isBadToken(error)) throw new Error('TELEGRAM_BOT_TOKEN: Telegram does not know this token')
      })
      loop = poll(polling, pollSeconds, log, (update) => take(update, receive), ended.signal)
    },
    stop: async () => {
      ended.abort()
      await loop
    },
    send: async (to, message, idempotencyKey) => {
      try {
        const sent = await sendParts(api, to, message, sendFile, begun.of(idempotencyKey), (parts) =>
          begun.arrived(idempotencyKey, parts),
        )
        begun.done(idempotencyKey)
        return sent
      } catch (error) {
        throw asSendError(error)
      }
    },
    fetchMedia: (media, limit) => fetchFile({ api, apiRoot, token }, media, limit),
    edit: async (to, externalId, message) => {
      const { parts, buttons } = rendered(message)
      try {
        await api.editMessageText(Number(to.externalId), Number(externalId), parts[0] ?? '', keyboard(buttons))
      } catch (error) {
        if (!isHarmlessEdit(error)) throw asSendError(error)
      }
    },
  }
}

// --- hearing

/** 401 without the secret, 400 for what is no update, 500 when it could not be stored: Telegram then brings it again. */
function openWebhook(
  { secret, server }: NonNullable<TelegramOptions['webhook']>,
  log: Logger,
  take: (update: unknown) => Promise<void>,
): void {
  server.post(webhookPath, async (request, reply) => {
    const given = request.headers[secretHeader]
    if (typeof given !== 'string' || !isSame(given, secret)) {
      log.warn('a webhook call without the right secret was refused')
      return reply.code(401).send()
    }
    if (updateId(request.body) === undefined) return reply.code(400).send()
    await take(request.body)
    return reply.code(200).send()
  })
}

function isSame(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Fetch, store, only then move on. What could not be stored is fetched again. */
async function poll(
  api: Api,
  seconds: number,
  log: Logger,
  take: (update: unknown) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let offset = 0
  let backoffMs = 1_000
  while (!signal.aborted) {
    try {
      const asked = { offset, limit: 100, timeout: seconds, allowed_updates: [...updateKinds] }
      const updates: unknown[] = await api.getUpdates(asked, signal as Parameters<Api['getUpdates']>[1])
      for (const update of updates) {
        const id = updateId(update)
        if (id === undefined || id < offset) continue // a server that does not honour the offset
        await take(update)
        offset = id + 1
      }
      backoffMs = 1_000
      // A server that does not wait for news would be asked thousands of times a second.
      if (updates.length === 0) await rest(50, signal)
    } catch (error) {
      if (signal.aborted) return
      if (isBadToken(error)) {
        log.fatal('TELEGRAM_BOT_TOKEN: Telegram does not know this token; polling has ended')
        return
      }
      const wait = waitAfter(error, backoffMs)
      backoffMs = Math.min(backoffMs * 2, mostBackoffMs)
      log.warn({ wait, why: inWords(error) }, 'polling Telegram is waiting')
      await rest(wait, signal)
    }
  }
}

function waitAfter(error: unknown, backoffMs: number): number {
  const seconds = error instanceof GrammyError ? error.parameters.retry_after : undefined
  return seconds === undefined ? backoffMs : seconds * 1_000
}

function inWords(error: unknown): string {
  if (!(error instanceof GrammyError)) return 'no answer, or the update could not be stored'
  return error.error_code === 409 ? 'another poller or a webhook is set for this bot' : `code ${error.error_code}`
}

const isBadToken = (error: unknown): boolean =>
  error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404)

const rest = (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }).catch(() => undefined)

// --- speaking

/**
 * @param from parts that have arrived already. A recording carries a caption of at most 1,024 characters: a longer text
 * goes before it, so that nothing of it is lost.
 */
async function sendParts(
  api: Api,
  to: AddressKey,
  message: Outbound,
  sendFile: SendFile,
  from: number,
  arrived: (parts: number) => void,
): Promise<Sent> {
  const chat = Number(to.externalId)
  const { parts, buttons } = rendered(message)
  const { media } = message
  const last = parts.at(-1) ?? ''
  const captioned = media !== undefined && last.length <= longestCaption
  const alone = media !== undefined && !captioned ? parts : parts.slice(0, -1)
  for (const [i, part] of alone.entries()) {
    if (i < from) continue
    await api.sendMessage(chat, part)
    arrived(i + 1)
  }
  const sent = media
    ? await sendFile(chat, media, {
        ...(captioned && last !== '' ? { caption: last } : {}),
        ...markup(buttons),
      })
    : await api.sendMessage(chat, last, markup(buttons))
  return { externalId: String(sent.message_id) }
}

function rendered(message: Outbound) {
  try {
    return render(message, capabilities)
  } catch (cause) {
    throw new SendError('invalid', 'a button carries too much', { cause })
  }
}

/** One choice a row: a thumb on a cracked phone hits it. */
const keyboard = (buttons: readonly { token: string; label: string }[]) => ({
  reply_markup: { inline_keyboard: buttons.map(({ token, label }) => [{ text: label, callback_data: token }]) },
})

const markup = (buttons: readonly { token: string; label: string }[]) => (buttons.length === 0 ? {} : keyboard(buttons))
