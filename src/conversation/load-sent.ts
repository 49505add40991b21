import { attachmentOfInbound } from '../store/attachments.ts'
import type { Tx } from '../store/db.ts'
import type { Heard } from './hearing.ts'
import type { Event } from './turned.ts'

/** What was sent besides words, with the attachment that holds it. */
export async function sentEvent(
  tx: Tx,
  { inboundId, content }: Heard & { kind: 'sent' },
  about: number | undefined,
): Promise<Event> {
  const attachment = await attachmentOfInbound(tx, inboundId)
  if (attachment === undefined) return { kind: 'showed', what: 'unsupported' } // stored by an older version
  const { seconds } = content.media
  return {
    kind: 'sent',
    media: { attachment, kind: content.kind, ...(seconds === undefined ? {} : { seconds }) },
    ...('recognised' in content && content.recognised ? { recognised: true } : {}),
    ...('caption' in content && content.caption ? { caption: content.caption } : {}),
    ...(about === undefined ? {} : { about }),
  }
}
