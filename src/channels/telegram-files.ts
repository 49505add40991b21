import { type Api, GrammyError, InputFile } from 'grammy'
import { z } from 'zod'
import type { MediaKind } from '../domain/media.ts'
import type { MediaRef, Outbound } from '../domain/words.ts'
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

/** Send one attachment, with a text under it and buttons beneath. */
export async function sendFile(
  api: Api,
  chat: number,
  media: NonNullable<Outbound['media']>,
  open: OpenMedia,
  options: { caption?: string },
): Promise<{ message_id: number }> {
  const { data, mime, fileName } = await open(media, bubbles[media.kind])
  const file = new InputFile(data, fileName)
  if (!bubbles[media.kind].includes(mime)) return api.sendDocument(chat, file, options)
  switch (media.kind) {
    case 'voice':
      return api.sendVoice(chat, file, media.seconds === undefined ? options : { ...options, duration: media.seconds })
    case 'picture':
      return api.sendPhoto(chat, file, options)
    case 'video':
      return api.sendVideo(chat, file, options)
    case 'file':
      return api.sendDocument(chat, file, options)
  }
}

// --- internal

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
