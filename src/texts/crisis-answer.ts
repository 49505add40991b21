import type { CrisisKind } from '../domain/taxonomy.ts'
import type { Outbound } from '../domain/words.ts'
import { say } from './say.ts'

/** The first answer to a crisis: fixed words with the right numbers, and one question. */
export const crisisAnswer = (kind: CrisisKind): Outbound => ({
  text: say(`crisis.${kind}`),
  choices: [
    { token: 'q:safe:yes', label: say('crisis.safe.yes') },
    { token: 'q:safe:no', label: say('crisis.safe.no') },
  ],
})
