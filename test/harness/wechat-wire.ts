import { createServer, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { encrypt, getSignature } from '@wecom/crypto'

/** What the fake WeChat and 企业微信 have in common: a JSON interface, and calls to us that are signed and encrypted by a library nobody here wrote. */

export type Said = Readonly<Record<string, unknown>>
export interface Asked {
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Said
  /** What was uploaded as `media`. */
  readonly file?: Buffer
}
/** JSON, bytes, or a connection that is cut after the call was carried out. */
export type Reply = Said | { readonly bytes: Uint8Array; readonly mime: string } | 'drop' | { readonly status: number }

export type Fault = (path: string, asked: Asked) => Reply | undefined

/** The far end of one account: what it was asked, what each phone shows, and faults instead of answers. */
export async function startFarEnd<Shown>(carryOut: (asked: Asked) => Reply) {
  const calls: Asked[] = []
  const screens = new Map<string, Shown[]>()
  let decide: Fault = () => undefined
  const api = await startApi((asked) => {
    calls.push(asked)
    const fault = decide(asked.path, asked)
    if (fault === 'drop') carryOut(asked)
    return fault ?? carryOut(asked)
  })
  return {
    apiBase: api.base,
    shownTo: (who: string): Shown[] => {
      const screen = screens.get(who) ?? []
      screens.set(who, screen)
      return screen
    },
    fault: (given: Fault) => {
      decide = given
    },
    calls: (path: string): readonly Asked[] => calls.filter((call) => call.path === path),
    stop: api.stop,
  }
}

async function startApi(answer: (asked: Asked) => Reply) {
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
      const path = pathname.replace(/^\/cgi-bin\//, '')
      const said = answer({ path, query: searchParams, ...(await contentOf(request)) })
      if (said === 'drop') return response.destroy()
      if ('bytes' in said && said.bytes instanceof Uint8Array) {
        response.writeHead(200, { 'content-type': String(said.mime) })
        return response.end(said.bytes)
      }
      if ('status' in said && typeof said.status === 'number') return response.writeHead(said.status).end('<html>')
      response.writeHead(200, { 'content-type': 'application/json' })
      return response.end(JSON.stringify(said))
    })().catch(() => response.destroy())
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  return {
    base: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function contentOf(request: IncomingMessage): Promise<{ body: Said; file?: Buffer }> {
  const bytes = await read(request)
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('multipart/')) return { body: bytes.length === 0 ? {} : (JSON.parse(bytes.toString()) as Said) }
  const media = (await new Response(bytes, { headers: { 'content-type': type } }).formData()).get('media')
  return media instanceof File ? { body: {}, file: Buffer.from(await media.arrayBuffer()) } : { body: {} }
}

export interface Keys {
  readonly token: string
  readonly aesKey: string
  readonly receiver: string
}

export const aesKey = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'

/** The call as it goes over the wire; each part can be made wrong. */
export interface Envelope {
  readonly query: URLSearchParams
  readonly body: string
}

export function envelope(keys: Keys, xml: string, at: Date, nonce = '42'): Envelope {
  const timestamp = String(Math.floor(at.getTime() / 1_000))
  const encrypted = encrypt(keys.aesKey, xml, keys.receiver)
  const msg_signature = getSignature(keys.token, timestamp, nonce, encrypted)
  return {
    query: new URLSearchParams({ timestamp, nonce, msg_signature, encrypt_type: 'aes' }),
    body: `<xml><ToUserName><![CDATA[gh_x]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
  }
}

/** Five seconds for an answer, then three tries more: the official rule. Only `success` or nothing is an answer. */
export async function bring(url: string, { query, body }: Envelope, answerWithinMs = 5_000): Promise<number[]> {
  const statuses: number[] = []
  for (let attempt = 0; attempt < 4; attempt++) {
    const status = await post(url, { query, body }, answerWithinMs)
    statuses.push(status)
    if (status === 200) break
    await sleep(20)
  }
  return statuses
}

/** One call; 0 when there was no answer in time, or one that WeChat does not take for one. */
export async function post(url: string, { query, body }: Envelope, answerWithinMs = 5_000): Promise<number> {
  try {
    const headers = { 'content-type': 'text/xml' }
    const signal = AbortSignal.timeout(answerWithinMs)
    const response = await fetch(`${url}?${query}`, { method: 'POST', headers, body, signal })
    const text = await response.text()
    return response.status === 200 && text !== 'success' && text !== '' ? 0 : response.status
  } catch {
    return 0
  }
}

/** Five replies within 48 hours of a message, three within a minute of an event, as the far end counts them. */
export function replyRule(now: () => Date) {
  const grants = new Map<string, { left: number; until: number }[]>()
  return {
    wrote: (who: string, left = 5, ms = 48 * 3_600_000) => {
      const others = (grants.get(who) ?? []).filter((grant) => ms > 60_000 !== grant.until - now().getTime() > 60_000)
      grants.set(who, [...others, { left, until: now().getTime() + ms }])
    },
    spend: (who: string): 'sent' | 'closed' | 'used' => {
      const open = (grants.get(who) ?? []).filter((grant) => grant.until > now().getTime())
      if (open.length === 0) return 'closed'
      const grant = open.sort((a, b) => a.until - b.until).find(({ left }) => left > 0)
      if (!grant) return 'used'
      grant.left -= 1
      return 'sent'
    },
  }
}

export const cdata = (name: string, value: string): string =>
  `<${name}><![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]></${name}>`

async function read(request: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.from(Buffer.concat(chunks))
}
