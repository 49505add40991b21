import { higherUrgency } from '../domain/taxonomy.ts'
import { type Classify, type ClassifyContext, nothingHeard, type Suggestion } from './classifier.ts'
import { crisisGate } from './crisis.ts'
import { byRules } from './rules.ts'

/** A further opinion on what the rules said: a trained model, a language model. It may fail; it may never lower. */
export interface Detector {
  readonly name: string
  /** It has read what the crisis lexicon said and answers for both: its word on a crisis is the last. A language model's never is. */
  readonly weighsTheLexicon?: boolean
  judge(text: string, context: ClassifyContext, soFar: Suggestion): Promise<Suggestion>
}

/**
 * Rules first, then each detector on what is known so far. What the lexicon and the trained head say of a crisis together
 * stands whatever follows, the highest urgency anybody gave is kept, and a detector that fails leaves things as they were.
 */
export function makeCascade({
  detectors,
  onFailure,
}: {
  readonly detectors: readonly Detector[]
  readonly onFailure: (name: string, error: unknown) => void
}): Classify {
  return async (text, context) => {
    let soFar = safely(text, context, onFailure)
    for (const detector of detectors) {
      try {
        const judged = await detector.judge(text, context, soFar)
        soFar = detector.weighsTheLexicon ? judged : keepingTheHighest(soFar, judged)
      } catch (error) {
        onFailure(detector.name, error)
      }
    }
    return soFar
  }
}

function keepingTheHighest(before: Suggestion, after: Suggestion): Suggestion {
  const label = higherUrgency(before.urgency.label, after.urgency.label)
  const urgency = label === after.urgency.label ? after.urgency : before.urgency
  const crisis = before.crisis ?? after.crisis
  return { ...after, urgency, crisis, reasons: [...new Set([...before.reasons, ...after.reasons])] }
}

/** If even the rules fail, the gate still speaks, and everything else is honestly unknown. */
function safely(text: string, context: ClassifyContext, onFailure: (name: string, error: unknown) => void): Suggestion {
  try {
    return byRules(text, context)
  } catch (error) {
    onFailure('rules', error)
    const crisis = crisisGate(text)
    if (!crisis) return nothingHeard
    const intent = { label: 'help_request', confidence: 0.9 } as const
    return { ...nothingHeard, intent, urgency: { label: 'crisis', confidence: 0.9 }, crisis }
  }
}
