import type { TrainingRow } from '../classify/train.ts'
import type { Taught } from '../store/corrections.ts'

/** A person on the case has seen more than a line of text: what they say counts three times. */
const correctionWeight = 3

/**
 * What corrections teach. A correction may raise an alarm the machine missed; it never teaches that words are harmless which
 * the crisis lexicon hears, whoever says so.
 * @param gate the lexicon alone, without the trained head.
 */
export function lessonsFrom(taught: readonly Taught[], gate: (text: string) => unknown): TrainingRow[] {
  return taught.map(({ text, programmes, needs, urgency }) => {
    const alarming = gate(text) !== undefined
    const calmed = urgency !== undefined && urgency !== 'crisis' && alarming
    return {
      text,
      author: 'corrections',
      weight: correctionWeight,
      labels: {
        intent: 'help_request',
        ...(programmes ? { programmes } : {}),
        ...(needs ? { needs } : {}),
        ...(urgency === undefined || calmed ? {} : { urgency, crisis: urgency === 'crisis' }),
      },
    }
  })
}
