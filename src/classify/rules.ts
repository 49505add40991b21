import type { ClassifyContext, Reason, Scored, Suggestion } from './classifier.ts'
import { crisisGate } from './crisis.ts'
import { normalise } from './normalise.ts'
import { intentRules, needRules, programmeRules, type Rule, rulesVersion, urgencyRules } from './rules-table.ts'
import { slotsIn, subjectIn } from './slots.ts'

/** Labels by rules alone: pure, explained, sure only where the words are. The crisis gate runs first and always counts. */
export function byRules(text: string, context: ClassifyContext): Suggestion {
  // Some write with a space between characters, some sign first and order the words as signed: the words are what counts.
  const plain = normalise(text).replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, '')
  const crisis = crisisGate(text)
  const found = matchAll(plain)
  const programmes = strongest(found.programmes, 3)
  const needs = withoutIdleQuestion(strongest(found.needs, 4))
  const intent = intentOf(plain, found.intents, programmes.length + needs.length > 0, crisis !== undefined)
  const urgency = crisis
    ? ({ label: 'crisis', confidence: crisis.tier === 'explicit' ? 0.95 : 0.7 } as const)
    : (strongest(found.urgencies, 1)[0] ?? { label: 'normal' as const, confidence: 0.6 })
  const subject = subjectIn(text)
  const asked = intent.label === 'help_request'
  return {
    intent,
    programmes: asked || crisis ? programmes : [],
    needs: asked || crisis ? needs : [],
    urgency,
    subject: subject ? { label: subject.label, confidence: subject.confidence } : undefined,
    crisis,
    slots: slotsIn(text, context.gazetteer),
    reasons: reasonsFor(found, crisis?.because, subject),
    confidence: Math.min(intent.confidence, ...(asked ? [programmes[0]?.confidence ?? 0.3] : [])),
    by: rulesVersion,
  }
}

// --- internal

interface Hit<L extends string> extends Scored<L> {
  readonly words: readonly string[]
}

function matchAll(plain: string) {
  return {
    intents: hits(plain, intentRules),
    programmes: hits(plain, programmeRules),
    needs: hits(plain, needRules),
    urgencies: hits(plain, urgencyRules),
  }
}

/** Independent hits for one label add up as chances do: 0.6 twice is 0.84. */
function hits<L extends string>(plain: string, rules: readonly Rule<L>[]): Hit<L>[] {
  const found = new Map<L, { missed: number; words: string[] }>()
  for (const { label, weight, pattern } of rules) {
    const word = pattern.exec(plain)?.[0]
    if (word === undefined) continue
    const before = found.get(label) ?? { missed: 1, words: [] }
    found.set(label, { missed: before.missed * (1 - weight), words: [...before.words, word] })
  }
  return [...found].map(([label, { missed, words }]) => ({ label, confidence: Math.min(0.97, 1 - missed), words }))
}

const strongest = <L extends string>(found: readonly Hit<L>[], most: number): Scored<L>[] =>
  [...found]
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, most)
    .map(({ label, confidence }) => ({ label, confidence }))

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

const chinese: Readonly<Record<string, string>> = {
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

function reasonsFor(
  found: ReturnType<typeof matchAll>,
  crisis: string | undefined,
  subject: ReturnType<typeof subjectIn>,
): Reason[] {
  const because = (hit: Hit<Reason['label']>): Reason => ({
    label: hit.label,
    because: `提到 ${[...new Set(hit.words)].join('、')} → ${chinese[hit.label] ?? hit.label}`,
  })
  return [
    ...(crisis === undefined ? [] : [{ label: 'crisis' as const, because: `${crisis} → 危急` }]),
    ...found.programmes.map(because),
    ...found.needs.map(because),
    ...found.urgencies.map(because),
    ...(subject ? [{ label: subject.label, because: subject.because }] : []),
  ]
}
