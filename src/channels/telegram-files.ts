import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, GrammyError, InputFile } from 'grammy'
import { z } from 'zod'
import { type MediaKind, mediaKinds } from '../domain/media.ts'
import type { MediaRef, OutboundMedia } from '../domain/words.ts'
import type { FileIds } from '../store/channel-files.ts'
import { type MediaContent, MediaError, type OpenMedia } from './channel.ts'

/** Recordings, pictures and files over the Bot API. The address of a file holds the bot's token: it is never kept or told. */

/** The longest text that may stand under a picture or recording. */
export const longestCaption = 1_024
/** What a bubble of each kind takes; anything else goes as a file. */
const bubbles: Readonly<Record<MediaKind, readonly string[]>> = {
  voice: ['audio/ogg', 'audio/mpeg', 'audio/mp4'],
  picture: ['image/jpeg', 'image/png', 'image/webp'],
  video: ['video/mp4'],
  file: [],
}

export async function fetchFile(
  { api, apiRoot, token }: { api: Api; apiRoot: string; token: string },
  { id, mime }: MediaRef,
  limit: { bytes: number; ms: number },
): Promise<MediaContent> {
  const signal = AbortSignal.timeout(limit.ms)
  try {
    const file = await api.getFile(id, signal as Parameters<Api['getFile']>[1])
    if (file.file_size !== undefined && file.file_size > limit.bytes) throw tooLarge()
    const { file_path: path } = z.object({ file_path: z.string().min(1) }).parse(file)
    const response = await fetch(`${apiRoot}/file/bot${token}/${path}`, { signal, redirect: 'error' })
    if (!response.ok) {
      await response.body?.cancel()
      throw new MediaError(response.status === 404 ? 'gone' : 'transient', `Telegram answered ${response.status}`)
    }
    return { data: await upTo(response, limit.bytes), ...(mime === undefined ? {} : { mime }) }
  } catch (error) {
    throw asMediaError(error)
  }
}

export interface SendingFiles {
  readonly api: Api
  readonly account: string
  readonly open: OpenMedia
  /** Absent: everything is uploaded each time. */
  readonly fileIds: FileIds | undefined
}

interface Options {
  readonly caption?: string
}

export type SendFile = (chat: number, media: OutboundMedia, options: Options) => Promise<{ message_id: number }>

/** How long the second of two who send the same waits for the first to have uploaded it. */
const waitForUploadMs = 4_000

/**
 * Send one attachment, with a text under it and buttons beneath. Uploaded once: from then on Telegram's own id of it is
 * enough, for a notice to thousands as well. An id that Telegram no longer knows is uploaded anew.
 */
export function makeSendFile({ api, account, open, fileIds }: SendingFiles): SendFile {
  const uploading = new Map<number, Promise<unknown>>()

  return async (chat, media, options) => {
    const { attachment } = media
    const until = Date.now() + waitForUploadMs
    for (;;) {
      const other = uploading.get(attachment)
      const left = until - Date.now()
      if (other && left > 0) {
        await Promise.race([other, sleep(left)])
        continue
      }
      const known = await recall(attachment)
      if (known) {
        try {
          return await bubble(chat, known.how, known.id, media, options)
        } catch (error) {
          if (!isUnknownFile(error)) throw error
          return upload(chat, media, options)
        }
      }
      // Whoever began meanwhile may have kept an id that this look was too early for.
      if (!uploading.has(attachment) || left <= 0) break
    }
    // Nothing is awaited between the look and the mark: of many who send the same, one uploads.
    const mine = upload(chat, media, options)
    uploading.set(
      attachment,
      mine.catch(() => undefined),
    )
    return mine.finally(() => uploading.delete(attachment))
  }

  async function upload(chat: number, media: OutboundMedia, options: Options): Promise<{ message_id: number }> {
    const { data, mime, fileName } = await open(media, bubbles[media.kind])
    const how = bubbles[media.kind].includes(mime) ? media.kind : 'file'
    const sent = await bubble(chat, how, new InputFile(data, fileName), media, options)
    const id = idIn(sent, how)
    // It arrived: an id that could not be kept only costs another upload.
    if (id !== undefined) {
      await fileIds?.keep('telegram', account, media.attachment, `${how}:${id}`).catch(() => undefined)
    }
    return sent
  }

  async function recall(attachment: number): Promise<Known | undefined> {
    const kept = await fileIds?.recall('telegram', account, attachment).catch(() => undefined)
    const [, how, id = ''] = /^(voice|picture|video|file):(.+)$/.exec(kept ?? '') ?? []
    return how === undefined ? undefined : { how: Kinds.parse(how), id }
  }

  function bubble(
    chat: number,
    how: MediaKind,
    file: string | InputFile,
    { seconds }: OutboundMedia,
    options: Options,
  ) {
    switch (how) {
      case 'voice':
        return api.sendVoice(chat, file, seconds === undefined ? options : { ...options, duration: seconds })
      case 'picture':
        return api.sendPhoto(chat, file, options)
      case 'video':
        return api.sendVideo(chat, file, options)
      case 'file':
        return api.sendDocument(chat, file, options)
    }
  }
}

// --- internal

/** In which bubble it was sent, which is part of what its id means. */
interface Known {
  readonly how: MediaKind
  readonly id: string
}

const Kinds = z.enum(mediaKinds)
const File = z.object({ file_id: z.string().min(1) })
const Sent = z.object({
  voice: File.optional(),
  photo: z.array(File).optional(),
  video: File.optional(),
  document: File.optional(),
})

/** What Telegram calls it from now on; a picture is kept in several sizes, of which the largest is the last. */
function idIn(sent: unknown, how: MediaKind): string | undefined {
  const read = Sent.safeParse(sent)
  if (!read.success) return undefined
  const { voice, photo, video, document } = read.data
  switch (how) {
    case 'voice':
      return voice?.file_id
    case 'picture':
      return photo?.at(-1)?.file_id
    case 'video':
      return video?.file_id
    case 'file':
      return document?.file_id
  }
}

const isUnknownFile = (error: unknown): boolean =>
  error instanceof GrammyError &&
  error.error_code === 400 &&
  /wrong file|file[_ ](?:id|identifier|reference)|wrong remote file/i.test(error.description)

const tooLarge = () => new MediaError('too-large', 'the file is larger than it may be')

/** Counted while it comes: what the far end says of its size is not believed. */
async function upTo(response: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > most) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Without the cause: the words of a network error name the address, and the address holds the token. */
function asMediaError(error: unknown): MediaError {
  if (error instanceof MediaError) return error
  if (error instanceof GrammyError) {
    if (/too big/i.test(error.description)) return tooLarge()
    const gone = error.error_code === 400 || error.error_code === 404
    return new MediaError(gone ? 'gone' : 'transient', `Telegram refused the file: code ${error.error_code}`)
  }
  return new MediaError('transient', 'Telegram did not give the file in time')
}
