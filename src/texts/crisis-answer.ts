import type { CrisisKind } from '../domain/taxonomy.ts'
import type { Outbound } from '../domain/words.ts'
import { say } from './say.ts'

/**
 * The first answer to a crisis: fixed words with the right numbers, and one question.
 * @param aboutOthers told by a neighbour or passer-by: they are thanked, kept out of danger, and asked for the place.
 */
export const crisisAnswer = (kind: CrisisKind, aboutOthers: boolean): Outbound =>
  aboutOthers && !suitsAnybody.includes(kind)
    ? { text: say('crisis.others') }
    : {
        text: say(`crisis.${kind}`),
        choices: [
          { token: 'q:safe:yes', label: say('crisis.safe.yes') },
          { token: 'q:safe:no', label: say('crisis.safe.no') },
        ],
      }

const suitsAnybody: readonly CrisisKind[] = ['fire', 'missing']
