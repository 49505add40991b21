import type { Tx } from '../store/db.ts'
import { chatsOf, linkCodeAsked, linkCodeSaid, mayMerge, personAt, placesAt } from '../store/linking.ts'
import { countWrongCodes, inviteCode } from '../store/people.ts'
import { asksWhoSpeaks, personWish } from './person-talk.ts'
import type { Event } from './turned.ts'
import type { Speakers } from './view.ts'

/** Wrong tries at a code that one person has an hour. */
export const triesAnHour = 5

/** Who speaks in which chat; `undefined` when this turn is not about that. */
export async function loadSpeakers(
  tx: Tx,
  event: Event | undefined,
  { personId, addressId, now }: { readonly personId: number; readonly addressId: number; readonly now: Date },
): Promise<Speakers | undefined> {
  if (!asksWhoSpeaks(event)) return undefined
  const places = await placesAt(tx, addressId)
  return {
    freshCode: inviteCode(),
    chats: await chatsOf(tx, personId),
    places: places.map((one) => one.place),
    place: places.find((one) => one.personId === personId)?.place,
    said: event?.kind === 'said' ? await codeSaid(tx, event.text, personId, now) : undefined,
    asked: event?.kind === 'chose' ? await codeAsked(tx, event.token, personId) : undefined,
  }
}

async function codeSaid(tx: Tx, text: string, personId: number, now: Date): Promise<Speakers['said']> {
  const wish = personWish(text)
  if (wish?.wish !== 'link_code') return undefined
  const since = new Date(now.getTime() - 3_600_000)
  if ((await countWrongCodes(tx, personId, since)) >= triesAnHour) return 'too_many'
  return (await linkCodeSaid(tx, wish.code, now)) ?? 'wrong'
}

async function codeAsked(tx: Tx, token: string, personId: number): Promise<Speakers['asked']> {
  const id = Number(/^q:link:\w+:(\d+)$/u.exec(token)?.[1])
  const found = Number.isSafeInteger(id) ? await linkCodeAsked(tx, id, personId) : undefined
  if (!found || found.saidAtId === null) return undefined
  const { saidAtId } = found
  return { id: found.id, saidAtId, mayMerge: await mayMerge(tx, personId, await personAt(tx, saidAtId)) }
}
