import {
  type ClassifyContext,
  type Proposed,
  type Reason,
  type Scored,
  type Suggestion,
  sureEnough,
} from './classifier.ts'
import { type Clues, cluesOf, type Hit } from './clues.ts'
import { rulesVersion } from './rules-table.ts'
import { slotsIn } from './slots.ts'

/** Labels by rules alone: pure, explained, sure only where the words are. The crisis gate runs first and always counts. */
export function byRules(text: string, context: ClassifyContext): Suggestion {
  const found = cluesOf(text)
  const { plain, crisis, subject } = found
  const programmes = strongest(found.programmes, 3)
  const needs = withoutIdleQuestion(strongest(found.needs, 4))
  const intent = intentOf(plain, found.intents, programmes.length + needs.length > 0, crisis !== undefined)
  const urgency = crisis
    ? ({ label: 'crisis', confidence: crisis.tier === 'explicit' ? 0.95 : 0.7 } as const)
    : (strongest(found.urgencies, 1)[0] ?? { label: 'normal' as const, confidence: 0.6 })
  const asked = intent.label === 'help_request'
  return {
    intent,
    programmes: asked || crisis ? programmes : [],
    needs: asked || crisis ? needs : [],
    urgency,
    subject: subject ? { label: subject.label, confidence: subject.confidence } : undefined,
    crisis,
    slots: slotsIn(plain, context.gazetteer),
    reasons: reasonsFor(found),
    confidence: Math.min(intent.confidence, ...(asked ? [programmes[0]?.confidence ?? 0.3] : [])),
    by: rulesVersion,
  }
}

// --- internal

const strongest = <L extends string>(found: readonly Hit<L>[], most: number): Proposed<L>[] =>
  [...found]
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, most)
    .map(({ label, confidence }) => ({ label, confidence, given: confidence >= sureEnough }))

/** "怎么办" beside a real need is a way of speaking, not a wish for information. */
function withoutIdleQuestion<T extends Scored<string>>(needs: readonly T[]): T[] {
  return needs.length > 1 ? needs.filter((n) => n.label !== 'information') : [...needs]
}

function intentOf(
  plain: string,
  found: readonly Hit<Suggestion['intent']['label']>[],
  namesATrouble: boolean,
  crisis: boolean,
): Suggestion['intent'] {
  if (crisis) return { label: 'help_request', confidence: 0.9 }
  const of = (label: string) => found.find((hit) => hit.label === label)
  const short = plain.length <= 16
  for (const label of ['human', 'cancel', 'status', 'complaint'] as const) {
    const hit = of(label)
    if (hit) return { label, confidence: short ? hit.confidence : hit.confidence * 0.85 }
  }
  for (const label of ['thanks', 'chat'] as const) {
    const hit = of(label)
    if (hit && !namesATrouble) return { label, confidence: hit.confidence }
  }
  const asked = of('help_request')
  if (asked && namesATrouble) return { label: 'help_request', confidence: 0.95 }
  if (asked) return { label: 'help_request', confidence: 0.65 }
  if (namesATrouble) return { label: 'help_request', confidence: 0.75 }
  return { label: 'other', confidence: 0.3 }
}

/** The labels as a social worker says them. */
export const inChinese: Readonly<Record<string, string>> = {
  disability: '关爱残疾人',
  elder: '居家养老',
  single_mother: '援助单亲妈妈家庭',
  migrant: '关爱外来务工人员',
  nursing: '护理',
  employment: '就业',
  counselling: '心理疏导',
  financial_medical: '费用和补贴',
  rehab_assistive: '康复和辅具',
  daily_living: '日常生活',
  legal: '法律和维权',
  child_education: '孩子教育',
  companionship: '陪伴',
  housing_access: '住房和无障碍',
  information: '政策咨询',
  urgent: '紧急',
  soon: '较急',
  crisis: '危急',
}

function reasonsFor({ crisis, subject, programmes, needs, urgencies }: Clues): Reason[] {
  const because = (hit: Hit<Reason['label']>): Reason => ({
    label: hit.label,
    because: `提到 ${[...new Set(hit.words)].join('、')} → ${inChinese[hit.label] ?? hit.label}`,
  })
  return [
    ...(crisis === undefined ? [] : [{ label: 'crisis' as const, because: `${crisis.because} → 危急` }]),
    ...programmes.map(because),
    ...needs.map(because),
    ...urgencies.map(because),
    ...(subject ? [{ label: subject.label, because: subject.because }] : []),
  ]
}
