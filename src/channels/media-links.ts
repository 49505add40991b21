import type { AddressKey, Outbound } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import { personAt } from '../store/person-at.ts'
import { say } from '../texts/say.ts'
import type { Channel } from './channel.ts'

interface LinkDeps {
  readonly db: Db
  /** The whole address of a link that lets this person open it for a while. */
  readonly link: (attachmentId: number, viewerPersonId: number, until: Date) => string
  readonly now: () => Date
}

/** In a chat a link is read hours later; whether its reader may still open it is asked anew each time. */
const linkHours = 24

/** A channel that cannot carry everything: what it cannot becomes a link beneath the words. */
export function withMediaLinks(channel: Channel, { db, link, now }: LinkDeps): Channel {
  const worded = async (to: AddressKey, message: Outbound): Promise<Outbound> => {
    const { media, ...words } = message
    if (!media || channel.capabilities.media.includes(media.kind)) return message
    const person = await personAt(db, to)
    if (!person) return words
    const url = link(media.attachment, person.personId, new Date(now().getTime() + linkHours * 3_600_000))
    return { ...words, text: `${words.text}\n${say('media.link', { hours: linkHours, url })}` }
  }
  return {
    ...channel,
    send: async (to, message, idempotencyKey) => channel.send(to, await worded(to, message), idempotencyKey),
  }
}
