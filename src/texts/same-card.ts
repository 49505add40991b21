import type { Likeness } from '../domain/likely-same.ts'
import type { Outbound } from '../domain/words.ts'
import { say } from './say.ts'

/** 可能是同一件事: what a colleague reads, with the tap that asks once more before anything happens. */

interface Named {
  readonly id: number
  readonly number: number
  readonly community?: string | null
}

export const sameSuggested = (newer: Named, older: Named, likeness: Likeness): Outbound => ({
  text: say('same.likely', { number: newer.number, into: older.number, reasons: reasonsInWords(newer, likeness) }),
  choices: [
    { token: `mg:ask:${newer.id}:${older.id}`, label: say('same.merge') },
    { token: `mg:no:${newer.id}:${older.id}`, label: say('same.notSame') },
  ],
})

export const sameAsked = (from: Named, into: Named): Outbound => ({
  text: say('same.sure', { number: from.number, into: into.number }),
  choices: [
    { token: `mg:yes:${from.id}:${into.id}`, label: say('same.sure.yes') },
    { token: `mg:no:${from.id}:${into.id}`, label: say('same.notSame') },
  ],
})

function reasonsInWords({ community }: Named, likeness: Likeness): string {
  const { kin, age, needs } = likeness
  // 妈 alone is no word to read: 妈妈.
  const whom = kin?.replace(/^我/u, '').replace(/^[妈爸]$/u, '$&$&') ?? (age === undefined ? '' : say('same.person'))
  const who = `${age === undefined ? '' : say('same.age', { age })}${whom}`
  return [
    likeness.community ? say('same.community') : '',
    who === '' ? '' : say('same.who', { who: likeness.community && community ? `${community}的${who}` : who }),
    likeness.name ? say('same.name') : '',
    likeness.phone ? say('same.phone') : '',
    likeness.door ? say('same.door') : '',
    likeness.household ? say('same.household') : '',
    likeness.sameReporter ? say('same.reporter') : '',
    needs.length > 0 ? say('same.needs', { needs: needs.map((need) => say(`need.${need}`)).join('和') }) : '',
  ]
    .filter((reason) => reason !== '')
    .join('、')
}
