import type { Evaluation, ScoredHead } from './evaluate.ts'

/** 考核: whether a newly trained model may take over from the one in use, both examined on the same texts. */

/** How far the mean F1 of a head may drop, in points of 0.01: within the noise of a few hundred texts. */
const mayDrop = 0.01

export interface Scores {
  readonly heads: { readonly [head in ScoredHead]: number }
  readonly crisisRecall: number
  readonly falseAlarms: number
}

export const scoresOf = ({ heads, crisis }: Evaluation): Scores => ({
  heads: {
    intent: heads.intent.macroF1,
    programme: heads.programme.macroF1,
    need: heads.need.macroF1,
    urgency: heads.urgency.macroF1,
    subject: heads.subject.macroF1,
  },
  crisisRecall: crisis.recall,
  falseAlarms: crisis.falseAlarms,
})

/** Why the newcomer is refused, in words; `undefined`: it may be used. A crisis less heard is never made up for by anything. */
export function whyRefused(inUse: Scores, newcomer: Scores): string | undefined {
  if (newcomer.crisisRecall < inUse.crisisRecall) {
    return `it hears fewer crises: recall ${newcomer.crisisRecall.toFixed(3)} instead of ${inUse.crisisRecall.toFixed(3)}`
  }
  const worse = (['intent', 'programme', 'need', 'urgency', 'subject'] as const).filter(
    (head) => newcomer.heads[head] < inUse.heads[head] - mayDrop,
  )
  if (worse.length === 0) return undefined
  return worse
    .map((head) => `${head} drops from ${inUse.heads[head].toFixed(3)} to ${newcomer.heads[head].toFixed(3)}`)
    .join('; ')
}
