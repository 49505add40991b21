import { z } from 'zod'
import { MediaError, mediaErrorOf, SendError } from './channel.ts'
import { fromErrcode, isTokenError } from './wechat-errors.ts'
import type { AccessToken } from './wechat-token.ts'

/** The HTTP interface that a 服务号 and 企业微信 have in common. Throws `SendError` and nothing else; no error holds a token. */
export interface WechatApi {
  /** POST, with the token renewed once when it was refused. */
  call(path: string, body: unknown): Promise<Answer>
  /** Give content to WeChat for three days; returns its media_id. Whatever fails here, nobody has seen anything yet. */
  upload(type: MediaType, content: { data: Uint8Array; mime: string; fileName: string }): Promise<string>
  /** A picture or recording that a person sent. Throws `MediaError` and nothing else. */
  download(mediaId: string, limit: { bytes: number; ms: number }): Promise<{ data: Uint8Array; mime: string }>
}

export type MediaType = 'image' | 'voice' | 'video' | 'thumb' | 'file'
export type Answer = Readonly<Record<string, unknown>>

const answerWithinMs = 10_000
/** Ten megabytes over a slow line, and still before the outbox gives up on the send. */
const uploadWithinMs = 15_000
const Uploaded = z.union([
  z.looseObject({ media_id: z.string().min(1) }),
  z.looseObject({ thumb_media_id: z.string().min(1) }),
])
const Answer = z.looseObject({ errcode: z.int().default(0) })

export function makeWechatApi(base: string, token: AccessToken): WechatApi {
  const withToken = async <T>(attempt: (token: string) => Promise<T>): Promise<T> => {
    const first = await tokenOr(() => token.get())
    try {
      return await attempt(first)
    } catch (error) {
      if (!(error instanceof TokenRefused)) throw error
    }
    const second = await tokenOr(() => token.renew(first))
    return attempt(second).catch((error: unknown) => {
      throw error instanceof TokenRefused ? fromErrcode(error.errcode) : error
    })
  }
  return {
    call: (path, body) => withToken((given) => post(`${base}/${path}?access_token=${given}`, body)),
    upload: async (type, { data, mime, fileName }) => {
      const body = () => {
        const form = new FormData()
        form.append('media', new Blob([Buffer.from(data)], { type: mime }), fileName)
        return form
      }
      const signal = () => AbortSignal.timeout(uploadWithinMs)
      const answer = await unseen(() =>
        withToken((given) =>
          readAnswer(() =>
            fetch(`${base}/media/upload?access_token=${given}&type=${type}`, {
              method: 'POST',
              body: body(),
              signal: signal(),
            }),
          ),
        ),
      )
      const read = Uploaded.safeParse(answer)
      if (!read.success) throw new SendError('transient', 'WeChat gave no media_id')
      return 'media_id' in read.data ? String(read.data.media_id) : String(read.data.thumb_media_id)
    },
    download: (mediaId, limit) =>
      withToken((given) =>
        fetchMedia(`${base}/media/get?access_token=${given}&media_id=${encodeURIComponent(mediaId)}`, limit),
      ).catch((error: unknown) => {
        throw mediaErrorOf(error)
      }),
  }
}

/** Ask WeChat for JSON without a token: how a token itself is asked for. */
export async function post(url: string, body: unknown): Promise<Answer> {
  const headers = { 'content-type': 'application/json' }
  return readAnswer(() => fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal: soon() }))
}

export async function get(url: string): Promise<Answer> {
  return readAnswer(() => fetch(url, { signal: soon() }))
}

/**
 * The calls of one message, one after the other. When a later one fails, the person has seen a part: nobody may take it for
 * unsent. @param progress where an earlier try left off, and who remembers how far this one came.
 */
export async function inOrder<T>(
  bodies: readonly T[],
  call: (body: T) => Promise<Answer>,
  { from = 0, arrived }: { readonly from?: number; readonly arrived?: (parts: number) => void } = {},
): Promise<Answer | undefined> {
  let answer: Answer | undefined
  for (const [i, body] of bodies.entries()) {
    if (i < from) continue
    try {
      answer = await call(body)
    } catch (error) {
      if (i === 0 || !(error instanceof SendError)) throw error
      const { kind, message, retryAfterMs } = error
      throw new SendError(kind, message, {
        outcomeUnknown: true,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      })
    }
    arrived?.(i + 1)
  }
  return answer
}

// --- internal

class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly errcode: number
  constructor(errcode: number) {
    super('the token was refused')
    this.errcode = errcode
  }
}

const soon = () => AbortSignal.timeout(answerWithinMs)

async function readAnswer(ask: () => Promise<Response>): Promise<Answer> {
  const { status, body } = await answered(async () => {
    const response = await ask()
    return { status: response.status, body: (await response.json()) as unknown }
  })
  const read = Answer.safeParse(body)
  if (status >= 500 || !read.success) throw unknown('WeChat answered with an error of its own')
  refuse(read.data.errcode)
  return read.data
}

async function fetchMedia(url: string, limit: { bytes: number; ms: number }) {
  return answered(async () => {
    const response = await fetch(url, { signal: AbortSignal.timeout(limit.ms) })
    const mime = (response.headers.get('content-type') ?? 'application/octet-stream').split(';')[0] ?? ''
    const data = await readUpTo(response, limit.bytes)
    // An error comes as JSON, whatever it calls itself; a video as JSON with an address, which is not followed.
    const said = mime.includes('json') || mime.startsWith('text/') ? Answer.safeParse(parsed(data)) : undefined
    if (said?.success) refuse(said.data.errcode)
    if (said) throw new SendError('invalid', 'this kind of media is not given out')
    return { data, mime }
  })
}

/** Read at most so many bytes: the far end's word for the length is not believed. */
async function readUpTo(response: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    const part = chunk as Uint8Array
    bytes += part.length
    if (bytes > most) throw new MediaError('too-large', `the media is larger than ${most} bytes`)
    chunks.push(part)
  }
  return Buffer.concat(chunks)
}

function parsed(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'))
  } catch {
    return undefined
  }
}

function refuse(errcode: number): void {
  if (errcode === 0) return
  throw isTokenError(errcode) ? new TokenRefused(errcode) : fromErrcode(errcode)
}

/** No answer, or none that can be read: it may have been carried out all the same. The cause may hold the address with its token. */
async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const known = error instanceof SendError || error instanceof TokenRefused || error instanceof MediaError
    throw known ? error : unknown('WeChat did not answer')
  }
}

async function tokenOr(work: () => Promise<string>): Promise<string> {
  try {
    return await unseen(work)
  } catch (error) {
    if (error instanceof TokenRefused) throw fromErrcode(error.errcode)
    throw error instanceof SendError
      ? error
      : new SendError('transient', 'the access token could not be read from the store')
  }
}

/** No person has seen anything of what failed here: it may be tried again without a second thought. */
async function unseen<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof SendError)) throw error
    const { kind, message, retryAfterMs } = error
    throw new SendError(kind, message, retryAfterMs === undefined ? {} : { retryAfterMs })
  }
}

const unknown = (what: string) => new SendError('transient', what, { outcomeUnknown: true })
