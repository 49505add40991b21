import type { AddressKey, Outbound } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import { personAt } from '../store/person-at.ts'
import { say } from '../texts/say.ts'
import { type Channel, SendError } from './channel.ts'

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
  const linkFor = async (to: AddressKey, attachment: number): Promise<string | undefined> => {
    const person = await personAt(db, to)
    const until = new Date(now().getTime() + linkHours * 3_600_000)
    return person && say('media.link', { hours: linkHours, url: link(attachment, person.personId, until) })
  }
  return {
    ...channel,
    send: async (to, message, idempotencyKey) => {
      const { media, ...words } = message
      if (!media) return channel.send(to, message, idempotencyKey)
      let text = words.text
      if (channel.capabilities.media.includes(media.kind)) {
        try {
          return await channel.send(to, message, idempotencyKey)
        } catch (error) {
          if (!(error instanceof SendError && error.kind === 'unfit')) throw error
          // The words are on the phone already: only the link is missing.
          if (error.outcomeUnknown) text = ''
        }
      }
      const line = await linkFor(to, media.attachment)
      const linked: Outbound = { ...words, text: [text, line].filter(Boolean).join('\n') }
      return channel.send(to, linked, `${idempotencyKey}:link`)
    },
  }
}
