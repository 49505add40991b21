import type { MediaKind } from '../domain/media.ts'
import type { OutboundMedia } from '../domain/words.ts'
import { type OpenMedia, SendError } from './channel.ts'
import type { MediaType, WechatApi } from './wechat-api.ts'

/** 临时素材: recordings, pictures and films given to WeChat before they are sent, within its rules of form and size. */

/** What one kind may be. `accepts` empty: anything. `bytes` and `seconds` at most. */
interface MediaRule {
  readonly type: MediaType
  readonly accepts: readonly string[]
  readonly bytes: number
  readonly seconds?: number
}

export type MediaRules = Partial<Readonly<Record<MediaKind, MediaRule>>>

const megabyte = 1_000_000

/** 服务号: no files. */
export const officialMedia = {
  voice: { type: 'voice', accepts: ['audio/amr', 'audio/mpeg'], bytes: 2 * megabyte, seconds: 60 },
  picture: { type: 'image', accepts: ['image/jpeg', 'image/png', 'image/gif'], bytes: 10 * megabyte },
  video: { type: 'video', accepts: ['video/mp4'], bytes: 10 * megabyte },
} as const satisfies MediaRules

/** 企业微信 */
export const wecomMedia = {
  voice: { type: 'voice', accepts: ['audio/amr'], bytes: 2 * megabyte, seconds: 60 },
  picture: { type: 'image', accepts: ['image/jpeg', 'image/png'], bytes: 10 * megabyte },
  video: { type: 'video', accepts: ['video/mp4'], bytes: 10 * megabyte },
  file: { type: 'file', accepts: [], bytes: 20 * megabyte },
} as const satisfies MediaRules

/** The little picture that stands for a film at a 服务号. */
const thumbBytes = 64_000
const leastBytes = 6

/** WeChat forgets after three days; nothing is sent with an id about to run out. */
const keptMs = (3 * 24 - 1) * 3_600_000
/** What a dead process had uploaded is uploaded again: the memory is only for what is sent twice. */
const mostRemembered = 500

export interface Uploads {
  /** The body that sends it, uploaded unless that was done before. Throws `SendError`; `unfit` when the rules forbid it. */
  bodyOf(media: OutboundMedia): Promise<MediaBody>
  /** Its id was refused: the next body is of a new one. */
  forget(media: OutboundMedia): void
}

export type MediaBody = Readonly<Record<string, unknown>> & { readonly msgtype: string }

export interface UploadDeps {
  readonly api: WechatApi
  readonly openMedia: OpenMedia
  readonly rules: MediaRules
  /** A film needs a picture of its own to stand for it. */
  readonly thumbs: boolean
  readonly now: () => Date
}

export function makeUploads({ api, openMedia, rules, thumbs, now }: UploadDeps): Uploads {
  const remembered = new Map<number, { readonly body: Promise<MediaBody>; readonly until: number }>()
  return {
    bodyOf: (media) => {
      const known = remembered.get(media.attachment)
      if (known && known.until > now().getTime()) return known.body
      // Remembered before it is there: a notice that goes to hundreds at once is uploaded once.
      const upload = { body: uploaded(media), until: now().getTime() + keptMs }
      const [oldest] = remembered.keys()
      if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest)
      remembered.set(media.attachment, upload)
      upload.body.catch(() => {
        if (remembered.get(media.attachment) === upload) remembered.delete(media.attachment)
      })
      return upload.body
    },
    forget: ({ attachment }) => void remembered.delete(attachment),
  }

  async function uploaded(media: OutboundMedia): Promise<MediaBody> {
    const rule = rules[media.kind]
    if (!rule) throw unfit('this kind of content is not taken')
    const { type, accepts } = rule
    const content = await openMedia(media, accepts)
    if (accepts.length > 0 && !accepts.includes(content.mime)) throw unfit('it cannot be had in a form that is taken')
    if (content.data.length > rule.bytes || content.data.length < leastBytes) throw unfit('it is too large or empty')
    if (rule.seconds !== undefined && (content.seconds ?? 0) > rule.seconds) throw unfit('it plays too long')
    const thumb = type === 'video' && thumbs ? { thumb_media_id: await thumbOf(media) } : {}
    return { msgtype: type, [type]: { media_id: await api.upload(type, content), ...thumb } }
  }

  async function thumbOf(media: OutboundMedia): Promise<string> {
    const still = await openMedia(media, ['image/jpeg'])
    if (still.mime !== 'image/jpeg' || still.data.length > thumbBytes)
      throw unfit('there is no picture to stand for it')
    return api.upload('thumb', still)
  }
}

/** Send the body of a media message; when its id has run out before its time, once more with a new one. */
export async function sendMedia<T>(
  uploads: Uploads,
  media: OutboundMedia,
  body: MediaBody,
  call: (body: MediaBody) => Promise<T>,
): Promise<T> {
  try {
    return await call(body)
  } catch (error) {
    if (!(error instanceof SendError && error.kind === 'unfit')) throw error
    uploads.forget(media)
  }
  return call(await uploads.bodyOf(media))
}

const unfit = (why: string) => new SendError('unfit', `the content does not fit here: ${why}`)
