import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto'
import { XMLParser } from 'fast-xml-parser'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'

/**
 * The way WeChat and WeCom call us: signed, encrypted XML. Anything that is not signed with our token, is older than a few
 * minutes, or was meant for another account is refused before it is read.
 */
export interface CallbackKeys {
  readonly token: string
  /** EncodingAESKey: 43 characters. */
  readonly aesKey: string
  /** The AppID or CorpID that the message must be meant for. */
  readonly receiver: string
}

/** Why a call was refused; for the log, never for the caller. */
export class CallbackRefused extends Error {
  override readonly name = 'CallbackRefused'
}

export interface Signed {
  readonly timestamp: string
  readonly nonce: string
  readonly signature: string
}

/** Calls older than this, or from a clock further ahead, are replays. */
const freshMs = 5 * 60_000
const blockBytes = 32
const saltBytes = 16

const sha1 = (parts: readonly string[]): string =>
  createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex')

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** @throws CallbackRefused */
export function checkSigned(keys: CallbackKeys, signed: Signed, now: Date, ...more: readonly string[]): void {
  const { timestamp, nonce, signature } = signed
  if (!isSame(signature, sha1([keys.token, timestamp, nonce, ...more]))) throw new CallbackRefused('wrong signature')
  const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN
  if (!(Math.abs(now.getTime() - at) <= freshMs)) throw new CallbackRefused('not of this moment')
}

/**
 * AES-256-CBC with the key's first half as IV; inside are 16 random bytes, the length, the message and its receiver.
 * @throws CallbackRefused
 */
export function decrypt({ aesKey, receiver }: CallbackKeys, encrypted: string): string {
  const { message, meantFor } = unpack(aesKey, encrypted)
  if (meantFor !== receiver) throw new CallbackRefused('meant for another account')
  return message
}

function unpack(aesKey: string, encrypted: string): { message: string; meantFor: string } {
  const key = Buffer.from(`${aesKey}=`, 'base64')
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  let plain: Buffer
  try {
    plain = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()])
  } catch {
    throw new CallbackRefused('cannot be decrypted')
  }
  // PKCS#7 over blocks of 32 bytes, which Node's own padding (16) does not take.
  const padding = plain.at(-1) ?? 0
  const body = plain.subarray(0, plain.length - padding)
  const length = body.length >= saltBytes + 4 ? body.readUInt32BE(saltBytes) : Number.MAX_SAFE_INTEGER
  const end = saltBytes + 4 + length
  if (padding < 1 || padding > blockBytes || end > body.length) throw new CallbackRefused('cannot be decrypted')
  return { message: body.toString('utf8', saltBytes + 4, end), meantFor: body.toString('utf8', end) }
}

/** Entities are left as they stand: WeChat writes text as CDATA, and what is not expanded cannot explode. */
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: false, trimValues: true })
const Document = z.object({ xml: z.record(z.string(), z.unknown()) })

/** The fields of one `<xml>` document. @throws CallbackRefused */
export function readXml(text: string): Readonly<Record<string, unknown>> {
  try {
    return Document.parse(parser.parse(text)).xml
  } catch {
    throw new CallbackRefused('not the XML of a callback')
  }
}

const Query = z.object({
  timestamp: z.string().max(20),
  nonce: z.string().max(128),
  signature: z.string().max(64).optional(),
  msg_signature: z.string().max(64).optional(),
  echostr: z.string().max(1024).optional(),
})

export interface CallbackRoute {
  readonly server: FastifyInstance
  readonly path: string
  readonly keys: CallbackKeys
  /** How the address is verified when it is entered: WeCom encrypts the echo, a 服务号 sends it plain. */
  readonly echo: 'plain' | 'encrypted'
  readonly now: () => Date
  readonly log: Logger
  /** Resolves when what was heard is stored; only then is the call answered. A rejection lets it be brought again. */
  readonly take: (fields: Readonly<Record<string, unknown>>) => Promise<void>
}

/** 401 for what is not WeChat's, 500 when it could not be stored, `success` at once when it is: the answer itself comes later. */
export async function openCallback({ server, path, keys, echo, now, log, take }: CallbackRoute): Promise<void> {
  await server.register(async (routes) => {
    routes.removeAllContentTypeParsers()
    routes.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    routes.get(path, async (request, reply) => {
      const { signature = '', msg_signature = '', echostr = '', ...signed } = Query.parse(request.query)
      if (echo === 'plain') checkSigned(keys, { ...signed, signature }, now())
      else checkSigned(keys, { ...signed, signature: msg_signature }, now(), echostr)
      const shown = echo === 'plain' ? echostr : decrypt(keys, echostr)
      return reply.type('text/plain; charset=utf-8').send(shown)
    })
    routes.post(path, async (request, reply) => {
      const { msg_signature = '', ...signed } = Query.parse(request.query)
      const { Encrypt } = readXml(String(request.body ?? ''))
      if (typeof Encrypt !== 'string') throw new CallbackRefused('not encrypted')
      checkSigned(keys, { ...signed, signature: msg_signature }, now(), Encrypt)
      await take(readXml(decrypt(keys, Encrypt)))
      return reply.type('text/plain; charset=utf-8').send('success')
    })
    routes.setErrorHandler((error, _request, reply) => {
      if (error instanceof CallbackRefused || error instanceof z.ZodError) {
        log.warn({ path, why: error instanceof CallbackRefused ? error.message : 'no signature' }, 'a call was refused')
        return reply.code(401).send()
      }
      const status = z.looseObject({ statusCode: z.int().min(400).max(499) }).safeParse(error)
      if (status.success) return reply.code(status.data.statusCode).send()
      log.error({ err: error, path }, 'a message of WeChat could not be stored; it will be brought again')
      return reply.code(500).send()
    })
  })
}
