import { passOn } from '../outbox/pass-on.ts'
import { attachmentsOfRequest } from '../store/attachments.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import type { Writing } from './writing.ts'

/** Who has just taken a request gets everything that the resident sent for it; what they had before does not come again. */
export async function passAll(writing: Writing, request: RequestRow, personId: number): Promise<void> {
  const { tx, bells, seal, now } = writing
  for (const { id, kind, seconds } of await attachmentsOfRequest(tx, request.id, request.requesterId)) {
    const text = say('media.ofRequest', { number: request.number, what: say(`media.${kind}`) })
    const media = { attachment: id, kind, ...(seconds === null ? {} : { seconds }) }
    const letter = {
      personId,
      requestId: request.id,
      priority: 2,
      relayFrom: 'resident',
      outbound: { text, media },
    } as const
    await passOn(tx, bells, seal, letter, now)
  }
}
