import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import busboy from 'busboy'

/**
 * A Bot API server: `telegram-test-api`, which nobody here wrote, behind a small front that adds what it lacks — offsets
 * that confirm, the webhook secret with three tries, media, and faults.
 */
export interface FakeTelegram {
  readonly apiRoot: string
  readonly token: string
  /** The address of the package itself, without our front. */
  readonly bareApiRoot: string
  phone(chatId: number): TelegramPhone
  /** Answer some calls with an error instead; `drop` cuts the connection after the call was carried out. */
  fault(decide: (method: string, body: Record<string, unknown>) => Fault | undefined): void
  /** Put an update of any kind in front of the bot. */
  inject(update: Record<string, unknown>): number
  /** Deliver what was delivered before once more, as a webhook that was not answered in time. */
  deliverAgain(updateId: number): Promise<number[]>
  calls(method: string): readonly Record<string, unknown>[]
  /** Put a file where the bot fetches it; `hangs`: it is begun and never ended. */
  keep(fileId: string, data: Uint8Array, how?: 'hangs' | 'lies about its size'): void
  stop(): Promise<void>
}

export type Fault =
  | { readonly error_code: number; readonly description: string; readonly retry_after?: number }
  | 'drop'

/** A file that came with a call. */
export interface TelegramFile {
  readonly name: string
  readonly data: Buffer
}

export interface TelegramPhone {
  says(text: string): Promise<void>
  taps(label: string): Promise<void>
  sends(part: Record<string, unknown>): Promise<void>
  screen(): readonly TelegramShown[]
  sees(text: string | RegExp): Promise<TelegramShown>
}

export interface TelegramShown {
  readonly messageId: number
  readonly text: string
  readonly buttons: readonly { text: string; callback_data: string }[]
}

interface BotMessage {
  readonly messageId: number
  readonly message: {
    chat_id: number | string
    text?: string
    reply_markup?: { inline_keyboard?: TelegramShown['buttons'][] }
  }
}
interface Client {
  makeMessage(text: string, options?: Record<string, unknown>): Record<string, unknown>
  sendMessage(message: Record<string, unknown>): Promise<unknown>
  makeCallbackQuery(data: string, options?: Record<string, unknown>): Record<string, unknown>
  sendCallback(query: Record<string, unknown>): Promise<unknown>
}
interface Server {
  readonly config: { apiURL: string }
  readonly storage: { botMessages: BotMessage[] }
  updateId: number
  start(): Promise<void>
  stop(): Promise<boolean>
  getClient(token: string, options: Record<string, unknown>): Client
  addBotMessage(message: Record<string, unknown>, token: string): { message_id: number }
}

const TelegramServer = createRequire(import.meta.url)('telegram-test-api') as new (config: {
  port: number
  host: string
}) => Server

let nextPort = 9_200 + (process.pid % 500) * 4

export async function startTelegram(): Promise<FakeTelegram> {
  const token = '123456:TEST'
  const bare = await startBare()
  const pending: Record<string, unknown>[] = []
  const seen = new Map<number, Record<string, unknown>>()
  const calls: { method: string; body: Record<string, unknown> }[] = []
  let webhook: { url: string; secret: string | undefined } | undefined
  let decide: (method: string, body: Record<string, unknown>) => Fault | undefined = () => undefined
  let stopped = false
  const files = new Map<string, { data: Buffer; how: string | undefined }>()

  const note = (update: Record<string, unknown>) => {
    pending.push(update)
    seen.set(Number(update.update_id), update)
  }
  const pump = (async () => {
    while (!stopped) {
      const answer = await fetch(`${bare.config.apiURL}/bot${token}/getUpdates`, { method: 'POST' }).catch(
        () => undefined,
      )
      const { result = [] } = ((await answer?.json()) ?? {}) as { result?: Record<string, unknown>[] }
      for (const update of result) note(update)
      while (webhook && pending[0]) {
        const update = pending.shift()
        if (update) await deliver(webhook, update)
      }
      await sleep(15)
    }
  })()

  async function deliver(
    to: { url: string; secret: string | undefined },
    update: Record<string, unknown>,
  ): Promise<number[]> {
    const statuses: number[] = []
    for (let attempt = 0; attempt < 3; attempt++) {
      const headers = {
        'content-type': 'application/json',
        ...(to.secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': to.secret }),
      }
      // A bot that is just being stopped may never answer: Telegram would try again, the test only has to end.
      const signal = AbortSignal.timeout(10_000)
      const response = await fetch(to.url, { method: 'POST', headers, body: JSON.stringify(update), signal }).catch(
        () => undefined,
      )
      statuses.push(response?.status ?? 0)
      if (response?.ok) break
      await sleep(30)
    }
    return statuses
  }

  const front = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/file/bot')) return give(request.url, response)
    const method = /\/bot[^/]+\/(\w+)/.exec(request.url ?? '')?.[1] ?? ''
    const body = await readBody(request)
    calls.push({ method, body })
    const fault = decide(method, body)
    if (fault && fault !== 'drop') {
      const { retry_after, ...said } = fault
      const parameters = retry_after === undefined ? {} : { parameters: { retry_after } }
      return reply(response, fault.error_code, { ok: false, ...said, ...parameters })
    }
    const result = await carryOut(method, body)
    if (fault === 'drop') response.destroy()
    else reply(response, 200, { ok: true, result })
  }

  async function carryOut(method: string, body: Record<string, unknown>): Promise<unknown> {
    switch (method) {
      case 'getUpdates':
        return news(Number(body.offset ?? 0), Number(body.timeout ?? 0))
      case 'setWebhook':
        webhook = {
          url: String(body.url),
          secret: body.secret_token === undefined ? undefined : String(body.secret_token),
        }
        return true
      case 'deleteWebhook':
        webhook = undefined
        return true
      case 'sendVoice':
      case 'sendPhoto':
      case 'sendVideo':
      case 'sendDocument':
        return {
          ...bare.addBotMessage({ ...body, text: `[${method}] ${String(body.caption ?? '')}` }, token),
          ...uploaded(method, body),
        }
      case 'getFile': {
        const kept = files.get(String(body.file_id))
        const size = kept?.how === 'lies about its size' ? 10 : kept?.data.length
        return { file_id: body.file_id, file_path: `kept/${String(body.file_id)}`, file_size: size }
      }
      case 'setMyCommands':
      case 'sendChatAction':
        return true
      default: {
        const headers = { 'content-type': 'application/json' }
        const url = `${bare.config.apiURL}/bot${token}/${method}`
        const answered = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
        return ((await answered.json()) as { result?: unknown }).result ?? true
      }
    }
  }

  function give(url: string, response: ServerResponse): void {
    const kept = url.startsWith(`/file/bot${token}/kept/`) ? files.get(url.split('/').at(-1) ?? '') : undefined
    if (!kept) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    if (kept.how === 'hangs') response.write(kept.data.subarray(0, 10))
    else response.end(kept.data)
  }

  /** Confirms what lies before the offset, then waits for news as the real server does. */
  async function news(offset: number, timeoutSeconds: number): Promise<unknown[]> {
    while (Number(pending[0]?.update_id ?? Number.POSITIVE_INFINITY) < offset) pending.shift()
    for (const until = Date.now() + timeoutSeconds * 1000; Date.now() < until && pending.length === 0 && !stopped; )
      await sleep(10)
    return pending.slice(0, 100)
  }

  const port = nextPort++
  await new Promise<void>((ready) => front.listen(port, '127.0.0.1', ready))
  return {
    apiRoot: `http://127.0.0.1:${port}`,
    bareApiRoot: bare.config.apiURL,
    token,
    phone: (chatId) => makePhone(bare, token, chatId),
    fault: (given) => {
      decide = given
    },
    inject: (update) => {
      const id = bare.updateId++
      note({ update_id: id, ...update })
      return id
    },
    deliverAgain: async (id) => (webhook ? deliver(webhook, seen.get(id) ?? {}) : []),
    keep: (fileId, data, how) => {
      files.set(fileId, { data: Buffer.from(data), how })
    },
    calls: (method) => calls.filter((call) => call.method === method).map((call) => call.body),
    stop: async () => {
      stopped = true
      await pump
      front.closeAllConnections()
      await new Promise((closed) => front.close(closed))
      await bare.stop()
    },
  }
}

/** The third-party server as it is, on a free port. */
export async function startBare(): Promise<Server> {
  for (;;) {
    const bare = new TelegramServer({ port: nextPort++, host: '127.0.0.1' })
    try {
      await bare.start()
      return bare
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    }
  }
}

export function makePhone(server: Server, token: string, chatId: number): TelegramPhone {
  const client = server.getClient(token, { chatId, userId: chatId, timeout: 5_000, type: 'private' })
  let read = 0
  const screen = (): TelegramShown[] =>
    server.storage.botMessages
      .filter((m) => String(m.message.chat_id) === String(chatId))
      .map((m) => ({
        messageId: m.messageId,
        text: m.message.text ?? '',
        buttons: (m.message.reply_markup?.inline_keyboard ?? []).flat(),
      }))
  const until = async <T>(what: string, look: () => T | undefined): Promise<T> => {
    for (const end = Date.now() + 15_000; ; await sleep(20)) {
      const found = look()
      if (found !== undefined) return found
      if (Date.now() > end)
        throw new Error(
          `never ${what}; the phone shows:\n${screen()
            .map((m) => m.text)
            .join('\n---\n')}`,
        )
    }
  }
  return {
    screen,
    says: async (text) => {
      await client.sendMessage(client.makeMessage(text))
    },
    sends: async (part) => {
      const { text: _, ...message } = client.makeMessage('')
      await client.sendMessage({ ...message, ...part })
    },
    taps: async (label) => {
      const { message, button } = await until(`a button "${label}"`, () => {
        for (const m of [...screen()].reverse()) {
          const found = m.buttons.find((b) => b.text === label)
          if (found) return { message: m, button: found }
        }
        return undefined
      })
      const carrier = {
        message_id: message.messageId,
        date: 1,
        chat: { id: chatId, type: 'private' },
        reply_markup: { inline_keyboard: [message.buttons] },
      }
      await client.sendCallback(client.makeCallbackQuery(button.callback_data, { message: carrier }))
    },
    sees: (text) =>
      until(`saw ${text}`, () => {
        const all = screen()
        const at = all
          .slice(read)
          .findIndex((m) => (typeof text === 'string' ? m.text.includes(text) : text.test(m.text)))
        if (at === -1) return undefined
        read += at + 1
        return all[read - 1]
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const whole = Buffer.concat(chunks)
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('multipart/')) {
    const text = whole.toString('utf8')
    return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
  }
  return readParts(type, whole)
}

/** A form as Telegram reads it: a value that names an attached part stands for the file in it. */
async function readParts(type: string, whole: Buffer): Promise<Record<string, unknown>> {
  const values: Record<string, string> = {}
  const attached = new Map<string, TelegramFile>()
  const parser = busboy({ headers: { 'content-type': type } })
  parser.on('field', (name, value) => {
    values[name] = value
  })
  parser.on('file', (name, stream, { filename }) => {
    const pieces: Buffer[] = []
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('end', () => attached.set(name, { name: filename, data: Buffer.concat(pieces) }))
  })
  const read = once(parser, 'close')
  parser.end(whole)
  await read
  const body = Object.entries(values).map(([name, value]): [string, unknown] => {
    const part = /^attach:\/\/(.+)$/.exec(value)?.[1]
    if (part !== undefined) return [name, attached.get(part)]
    return [name, name === 'reply_markup' ? JSON.parse(value) : value]
  })
  return Object.fromEntries(body)
}

/** What Telegram says of a file it was sent: its id from then on, or the one it was sent by. */
function uploaded(method: string, body: Record<string, unknown>): Record<string, unknown> {
  const field = { sendVoice: 'voice', sendPhoto: 'photo', sendVideo: 'video' }[method] ?? 'document'
  const given = body[field]
  const file_id = typeof given === 'string' ? given : `kept-${field}-${(given as TelegramFile).name}`
  return { [field]: field === 'photo' ? [{ file_id: `small-${file_id}` }, { file_id }] : { file_id } }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
