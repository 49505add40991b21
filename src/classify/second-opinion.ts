import {
  higherUrgency,
  type Intent,
  type Need,
  type Programme,
  type Subject,
  type Urgency,
} from '../domain/taxonomy.ts'
import type { Detector } from './cascade.ts'
import { type Proposed, type Reason, type Suggestion, sureEnough, sureOfProgramme } from './classifier.ts'
import type { AskLlm } from './llm.ts'
import type { LlmLabels } from './llm-answer.ts'
import { inChinese } from './rules.ts'

/** How much one word of a language model counts: enough to ask the resident about it, never enough to file it unasked. */
const saidByModel = 0.6
/** Two that judge alike and do not know of each other: enough to file it. */
const bothAgree = 0.85
const halfHeard = 0.25

/**
 * The language model as a last detector: asked only where the local ones are unsure and nobody's life is at stake. It may add
 * labels and raise the urgency; it takes nothing away.
 */
export function makeSecondOpinion(ask: AskLlm<LlmLabels>, name: string): Detector {
  return {
    name: 'llm',
    judge: async (text, _context, soFar) => (isUnsure(text, soFar) ? joined(soFar, await ask(text), name) : soFar),
  }
}

// --- internal

function isUnsure(text: string, { crisis, intent, confidence }: Suggestion): boolean {
  if (crisis || text.trim().length < 4) return false
  if (intent.confidence < sureOfProgramme) return true
  return intent.label === 'help_request' && confidence < sureOfProgramme
}

function joined(local: Suggestion, said: LlmLabels, name: string): Suggestion {
  const urgency = higherUrgency(local.urgency.label, said.urgency)
  const raised = urgency !== local.urgency.label
  return {
    ...local,
    intent: local.intent.confidence < sureEnough ? { label: said.intent, confidence: saidByModel } : local.intent,
    programmes: together(local.programmes, said.programmes),
    needs: together(local.needs, said.needs),
    urgency: raised ? { label: urgency, confidence: saidByModel } : local.urgency,
    crisis: urgency === 'crisis' ? { kind: 'unclear', tier: 'veiled', because: '语言模型认为可能有危险' } : undefined,
    subject:
      local.subject && local.subject.confidence >= sureEnough
        ? local.subject
        : { label: said.subject, confidence: saidByModel },
    reasons: [...local.reasons, ...newReasons(local, said, raised ? urgency : undefined)],
    by: `${local.by}+${name}`,
  }
}

function together<T extends Programme | Need>(local: readonly Proposed<T>[], said: readonly T[]): Proposed<T>[] {
  const heard = local.map((proposed) =>
    said.includes(proposed.label)
      ? {
          ...proposed,
          given: true,
          confidence: Math.max(proposed.confidence, proposed.confidence >= halfHeard ? bothAgree : saidByModel),
        }
      : proposed,
  )
  const added = said
    .filter((label) => !local.some((proposed) => proposed.label === label))
    .map((label) => ({ label, confidence: saidByModel, given: true }))
  return [...heard, ...added].sort((a, b) => b.confidence - a.confidence)
}

/** Fixed words: what the model wrote is never shown as a reason. */
function newReasons(local: Suggestion, said: LlmLabels, raisedTo: Urgency | undefined): Reason[] {
  const labels: (Intent | Programme | Need | Subject | Urgency)[] = [
    ...said.programmes,
    ...said.needs,
    ...(raisedTo ? [raisedTo] : []),
  ]
  return labels
    .filter((label) => !local.reasons.some((reason) => reason.label === label))
    .map((label) => ({ label, because: `语言模型认为 → ${inChinese[label] ?? label}` }))
}
