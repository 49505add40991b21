import { type OpenMedia, SendError } from '../channels/channel.ts'
import { endingOf } from '../domain/media.ts'
import { type AttachmentRow, attachmentById } from '../store/attachments.ts'
import type { Blobs } from '../store/blobs.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { converted } from './convert.ts'
import type { Tools } from './tools.ts'

interface OpenDeps {
  readonly db: Db
  readonly seal: Seal
  readonly blobs: Blobs
  readonly tools: () => Promise<Tools>
}

/** What of an attachment fits: as it was recorded, or the form that everybody can play. */
export function formOf(row: AttachmentRow, accepts: readonly string[]): { key: string; mime: string } | undefined {
  if (row.objectKey === null || row.mime === null) return undefined
  const kept = { key: row.objectKey, mime: row.mime }
  if (accepts.includes(kept.mime) || row.playKey === null || row.playMime === null) return kept
  return accepts.includes(row.playMime) ? { key: row.playKey, mime: row.playMime } : kept
}

/** What a file is called where it arrives: never by the name it came with, which may be a person's. */
export const fileName = (attachmentId: number, mime: string): string => `linbang-${attachmentId}.${endingOf(mime)}`

/** The content that a channel is about to send: as it is kept where that fits, else made anew in a form that does. */
export function makeOpenMedia({ db, seal, blobs, tools }: OpenDeps): OpenMedia {
  return async ({ attachment }, accepts) => {
    try {
      const row = await attachmentById(db, seal, attachment)
      const form = row && formOf(row, accepts)
      const data = form && (await blobs.get(form.key))
      if (!row || !form || !data) throw new SendError('invalid', 'the content of this attachment is not there')
      const kept = { data, mime: form.mime }
      const fits = accepts.length === 0 || accepts.includes(kept.mime)
      // What cannot be made anew goes as it is: the channel says what becomes of it.
      const given = fits ? kept : ((await converted(kept, accepts, await tools()).catch(() => undefined)) ?? kept)
      const seconds = row.seconds === null ? {} : { seconds: row.seconds }
      return { ...given, fileName: fileName(attachment, given.mime), ...seconds }
    } catch (cause) {
      if (cause instanceof SendError) throw cause
      throw new SendError('transient', 'the content of an attachment could not be read', { cause })
    }
  }
}
