/** What may be sent: kinds of content, what counts as which, and how much of it. */

export const mediaKinds = ['voice', 'picture', 'video', 'file'] as const
export type MediaKind = (typeof mediaKinds)[number]

const megabyte = 1_000_000

/** Most bytes of one attachment. A bot may fetch 20 MB from Telegram; a recording of ten minutes is a tenth of its limit. */
export const mostBytes: Readonly<Record<MediaKind, number>> = {
  voice: 10 * megabyte,
  picture: 10 * megabyte,
  video: 20 * megabyte,
  file: 20 * megabyte,
}

/** Why an attachment was not kept. */
export const refusals = ['too_large', 'type', 'unreadable', 'infected', 'unavailable'] as const
export type Refusal = (typeof refusals)[number]

/** What the scanner says: `unknown` when there is none or it did not answer. */
export const verdicts = ['clean', 'infected', 'unknown'] as const
export type Verdict = (typeof verdicts)[number]

/** What a piece of content is. `mime` is in the one spelling that the rest of the house knows. */
export interface ContentType {
  readonly kind: MediaKind
  readonly mime: string
}

const accepted: Readonly<Record<string, ContentType>> = {
  'audio/ogg': { kind: 'voice', mime: 'audio/ogg' },
  'audio/opus': { kind: 'voice', mime: 'audio/ogg' },
  'audio/webm': { kind: 'voice', mime: 'audio/webm' },
  'audio/mp4': { kind: 'voice', mime: 'audio/mp4' },
  'audio/x-m4a': { kind: 'voice', mime: 'audio/mp4' },
  'audio/mpeg': { kind: 'voice', mime: 'audio/mpeg' },
  'audio/aac': { kind: 'voice', mime: 'audio/aac' },
  'audio/wav': { kind: 'voice', mime: 'audio/wav' },
  'audio/vnd.wave': { kind: 'voice', mime: 'audio/wav' },
  'audio/amr': { kind: 'voice', mime: 'audio/amr' },
  'audio/silk': { kind: 'voice', mime: 'audio/silk' },
  'image/jpeg': { kind: 'picture', mime: 'image/jpeg' },
  'image/png': { kind: 'picture', mime: 'image/png' },
  'image/webp': { kind: 'picture', mime: 'image/webp' },
  'image/gif': { kind: 'picture', mime: 'image/gif' },
  'video/mp4': { kind: 'video', mime: 'video/mp4' },
  'video/webm': { kind: 'video', mime: 'video/webm' },
  'video/quicktime': { kind: 'video', mime: 'video/quicktime' },
  'video/3gpp': { kind: 'video', mime: 'video/3gpp' },
  'application/pdf': { kind: 'file', mime: 'application/pdf' },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    kind: 'file',
    mime: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    kind: 'file',
    mime: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  },
  'application/rtf': { kind: 'file', mime: 'application/rtf' },
  'text/plain': { kind: 'file', mime: 'text/plain' },
}

/** Containers that hold a film or only its sound: what the sender calls it decides. */
const soundOf: Readonly<Record<string, string>> = {
  'video/webm': 'audio/webm',
  'video/mp4': 'audio/mp4',
  'video/3gpp': 'audio/mp4',
  'video/ogg': 'audio/ogg',
  'application/ogg': 'audio/ogg',
}

/**
 * What content is, by what its bytes say.
 * @param sniffed the type its bytes show. @param declared what the sender says it is: only tells sound from film.
 * @returns `undefined` when it is nothing that may be sent.
 */
export function contentType(sniffed: string, declared: string | undefined): ContentType | undefined {
  const bare = bareType(sniffed)
  const sound = declared !== undefined && bareType(declared).startsWith('audio/') ? soundOf[bare] : undefined
  return accepted[sound ?? bare]
}

export const bareType = (mime: string): string => (mime.split(';')[0] ?? '').trim().toLowerCase()

/** The ending of a file name for a type, for those who keep it on disk. */
export function endingOf(mime: string): string {
  return endings[mime] ?? 'bin'
}

const endings: Readonly<Record<string, string>> = {
  'audio/ogg': 'ogg',
  'audio/webm': 'webm',
  'audio/mp4': 'm4a',
  'audio/mpeg': 'mp3',
  'audio/aac': 'aac',
  'audio/wav': 'wav',
  'audio/amr': 'amr',
  'audio/silk': 'silk',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'video/quicktime': 'mov',
  'video/3gpp': '3gp',
  'application/pdf': 'pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/rtf': 'rtf',
  'text/plain': 'txt',
}
