import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** A far end that speaks as much of the Bot API as sending and polling need, and refuses what is too fast, as the real one does. */
export interface FakeBotApi {
  readonly root: string
  /** Arrival times of messages, in ms; counted, never kept as text. */
  readonly arrivals: number[]
  readonly refused: () => number
  says(chatId: number, text: string): void
  /** Resolves at the first message to this chat. */
  answered(chatId: number): Promise<void>
  close(): Promise<void>
}

/** @param mostPerSecond messages in any second; the next one is refused with 429. */
export async function openFakeBotApi(mostPerSecond: number): Promise<FakeBotApi> {
  const arrivals: number[] = []
  const updates: Record<string, unknown>[] = []
  const waiting = new Map<number, () => void>()
  let refused = 0
  let closed = false
  let nextUpdate = 1
  let nextMessage = 1

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()))
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = /\/bot[^/]+\/(\w+)/.exec(request.url ?? '')?.[1] ?? ''
    const body = await read(request)
    const reply = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    }
    if (method === 'getUpdates') return reply(200, { ok: true, result: await news(Number(body.offset ?? 0)) })
    if (method === 'getMe') {
      return reply(200, { ok: true, result: { id: 123456, is_bot: true, first_name: 'b', username: 'b' } })
    }
    if (method !== 'sendMessage') return reply(200, { ok: true, result: true })
    const now = performance.now()
    const inLastSecond = arrivals.length - (arrivals.findLastIndex((at) => at <= now - 1_000) + 1)
    if (inLastSecond >= mostPerSecond) {
      refused++
      return reply(429, {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests',
        parameters: { retry_after: 1 },
      })
    }
    arrivals.push(now)
    const chat = Number(body.chat_id)
    waiting.get(chat)?.()
    waiting.delete(chat)
    reply(200, { ok: true, result: { message_id: nextMessage++, date: 1, chat: { id: chat, type: 'private' } } })
  }

  async function news(offset: number): Promise<unknown[]> {
    while (Number(updates[0]?.update_id ?? Number.POSITIVE_INFINITY) < offset) updates.shift()
    for (let i = 0; i < 2_000 && updates.length === 0 && !closed; i++) await sleep(2)
    return updates.slice(0, 100)
  }

  return {
    root: `http://127.0.0.1:${address.port}`,
    arrivals,
    refused: () => refused,
    says: (chatId, text) => {
      const message_id = nextMessage++
      const from = { id: chatId, is_bot: false, first_name: 'r' }
      const message = {
        message_id,
        date: Math.floor(Date.now() / 1_000),
        chat: { id: chatId, type: 'private' },
        from,
        text,
      }
      updates.push({ update_id: nextUpdate++, message })
    },
    answered: (chatId) => new Promise((done) => waiting.set(chatId, done)),
    close: async () => {
      closed = true
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}
