import { enqueue } from '../outbox/enqueue.ts'
import { type Context, StepRefused } from '../requests/apply.ts'
import {
  answerLinkCode,
  handPhoneTo,
  insertLinkCode,
  mergePeople,
  partChats,
  personAt,
  sayLinkCode,
  setAnswersAt,
} from '../store/linking.ts'
import { say } from '../texts/say.ts'
import type { Effect } from './turned.ts'

/** What a turn wants done about who speaks where, in the turn's own transaction. */

interface Writing extends Context {
  readonly personId: number
  readonly addressId: number
  readonly key: string
}

export type PersonEffect = Extract<
  Effect,
  { do: 'make_link' | 'say_link' | 'link' | 'refuse_link' | 'part_chats' | 'answer_here' | 'hand_phone' }
>

export async function writePerson(writing: Writing, effect: PersonEffect): Promise<void> {
  const { tx, personId, addressId, now } = writing
  switch (effect.do) {
    case 'make_link':
      return insertLinkCode(tx, { personId, addressId, code: effect.code, expiresAt: effect.expiresAt })
    case 'say_link':
      if (await sayLinkCode(tx, effect.linkId, addressId)) return
      throw new StepRefused('changed', 'say_link')
    case 'link': {
      if (!(await answerLinkCode(tx, effect.link.id, now))) throw new StepRefused('changed', 'link')
      const other = await personAt(tx, effect.link.saidAtId)
      if (other !== personId) await mergePeople(tx, other, personId, now)
      return tellThere(writing, effect.link.saidAtId, personId, say('link.done'))
    }
    case 'refuse_link': {
      if (!(await answerLinkCode(tx, effect.link.id, now))) throw new StepRefused('changed', 'link')
      const other = await personAt(tx, effect.link.saidAtId)
      return tellThere(writing, effect.link.saidAtId, other, say('link.refusedThere'))
    }
    case 'part_chats':
      await partChats(tx, personId)
      // Who asked may be somebody of their own by now: told where they asked.
      return tellThere(writing, addressId, await personAt(tx, addressId), say('unlink.done'))
    case 'answer_here':
      return setAnswersAt(tx, personId, addressId)
    case 'hand_phone': {
      const now = await handPhoneTo(tx, addressId, effect.place)
      if (!now) throw new StepRefused('changed', 'hand_phone')
      return tellThere(writing, addressId, now.personId, say('share.done', now))
    }
  }
}

async function tellThere(writing: Writing, addressId: number, personId: number, text: string): Promise<void> {
  const { tx, bells, seal, now, key } = writing
  const letter = { personId, addressId, outbound: { text }, dedupeKey: `${key}:there`, priority: 1 as const }
  await enqueue(tx, bells, seal, letter, now)
}
