import { SendError } from '../channels/channel.ts'
import type { Outbound } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import { placesAt } from '../store/linking.ts'
import { preferencesOf } from '../store/preferences.ts'
import type { Begun, Held } from '../store/sending.ts'
import { say } from '../texts/say.ts'
import { isVoiced, voicedOutbound } from '../texts/voice.ts'

/** A message as its reader will see it: what is measured, counted and sent is the same. */
export type Wording = (message: Outbound) => Outbound

/**
 * How messages to this person at this address are worded: in the words they want, and with whom it is for where somebody
 * else speaks on this phone now.
 */
export async function wordingFor(
  db: Db,
  { addressId, personId: speaking }: Pick<Held, 'addressId' | 'personId'>,
  { personId }: Pick<Begun, 'personId'>,
): Promise<Wording> {
  const place =
    speaking === personId ? undefined : (await placesAt(db, addressId)).find((one) => one.personId === personId)?.place
  const preferences = await preferencesOf(db, personId)
  return (message) => {
    const named = place === undefined ? message : { ...message, text: say('share.for', { place, text: message.text }) }
    return isVoiced(named) ? voicedOutbound(named, preferences) : named
  }
}

/** It goes out later: never in words that its reader may not be able to use. */
export const unworded = (cause: unknown): SendError =>
  new SendError('transient', 'how this person wants to be spoken to could not be read', { cause })
