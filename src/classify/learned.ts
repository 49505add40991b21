import { higherUrgency, urgencies } from '../domain/taxonomy.ts'
import type { Detector } from './cascade.ts'
import { type Crisis, type Proposed, type Reason, type Scored, type Suggestion, sureEnough } from './classifier.ts'
import { type Clues, cluesOf } from './clues.ts'
import { featuresOf, wordsBehind } from './features.ts'
import { columns, type Model, type Prediction, predict } from './model.ts'
import { inChinese } from './rules.ts'

/** Below this a label is not even a possibility worth telling. */
const worthTelling = 0.05

/** The trained heads as a detector: the rules are among their features, so their word replaces the rules' word. */
export function makeLearned(model: () => Model): Detector {
  return {
    name: 'model',
    weighsTheLexicon: true,
    judge: async (text, _context, soFar) => {
      const used = model()
      const clues = cluesOf(text)
      return suggestionFrom(used, { text, clues }, predict(used, featuresOf(clues)), soFar)
    },
  }
}

/**
 * The crisis gate: the lexicon, and the trained head, which has read the whole text. It stands at the door, so a head that
 * fails is told of and never keeps a message out; the lexicon's word then stands.
 */
export function makeGate(
  model: () => Model,
  lexicon: (text: string) => Crisis | undefined,
  onFailure: (error: unknown) => void,
): (text: string) => Crisis | undefined {
  return (text) => {
    const said = lexicon(text)
    if (said && standsAlone(said, text)) return said
    try {
      const used = model()
      const clues = said ? cluesOf(text) : cluesOf(text, { calm: true })
      return alarmOf(used, text, said, predict(used, featuresOf(clues)))
    } catch (error) {
      onFailure(error)
      return said
    }
  }
}

function suggestionFrom(
  model: Model,
  { text, clues }: { text: string; clues: Clues },
  found: Prediction,
  soFar: Suggestion,
): Suggestion {
  const programmes = asSureAsItsRule(proposed('programme', found.programme, model).slice(0, 3), clues.programmes)
  const needs = proposed('need', found.need, model).slice(0, 5)
  const intent = top(found.intent)
  const crisis = alarmOf(model, text, soFar.crisis, found)
  const subject = top(found.subject)
  const given = [...programmes, ...needs].filter((label) => label.given)
  const asked = intent.label === 'help_request'
  return {
    intent,
    programmes,
    needs,
    urgency: crisis
      ? { label: 'crisis', confidence: Math.max(found.crisis, soFar.crisis ? lexiconIsRight : sureEnough) }
      : calmUrgency(found, soFar),
    subject: subject.confidence >= sureEnough ? subject : soFar.subject,
    crisis,
    slots: soFar.slots,
    reasons: [...reasonsThatStand(soFar, given, crisis), ...ownReasons(model, clues, soFar, given)],
    confidence: Math.min(intent.confidence, ...(asked ? [programmes[0]?.confidence ?? 0] : [])),
    by: `${soFar.by}+${model.version}`,
  }
}

/** Up to this many characters a veiled phrase is all there is to read: nothing around it can say that it is meant otherwise. */
const bare = 8

/** What no head may talk away: an explicit word, whatever stands around it, and a hint that is the whole text. */
const standsAlone = ({ tier }: Crisis, text: string): boolean => tier === 'explicit' || text.length <= bare

/**
 * Whether there is an alarm, the head knowing what the lexicon said. A veiled phrase is a hint: the head follows it unless it is
 * sure of the contrary. It raises alarms of its own too, never explicit ones, because no single word says them.
 */
function alarmOf(model: Model, text: string, said: Crisis | undefined, found: Prediction): Crisis | undefined {
  const from = model.calibration.alarmFrom
  if (said && (standsAlone(said, text) || found.crisis >= from.veiled)) return said
  if (found.crisis < from.alone) return undefined
  return { kind: top(found.crisisKind).label, tier: 'veiled', because: '整段话听起来有危险' }
}

/** How often the lexicon was right at texts of authors it had not met, roughly. */
const lexiconIsRight = 0.9

/**
 * Among the urgencies that are no crisis: whether it is one was decided by the gate and the crisis head. What is likely among
 * these stays believed; how likely is said with the crisis in mind that may have been missed.
 */
function calmUrgency(found: Prediction, { crisis, urgency }: Suggestion): Suggestion['urgency'] {
  // The lexicon heard something, the head does not believe it: somebody still looks today.
  if (crisis) return { label: 'urgent', confidence: sureEnough }
  const calm = urgencies.filter((label) => label !== 'crisis')
  const best = top(new Map(calm.map((label) => [label, found.urgency.get(label) ?? 0])))
  const sum = calm.reduce((all, label) => all + (found.urgency.get(label) ?? 0), 0) || 1
  const believed = best.confidence / sum >= sureEnough
  const own = { label: best.label, confidence: believed ? Math.max(best.confidence, sureEnough) : best.confidence }
  return higherUrgency(urgency.label, own.label) === own.label ? own : urgency
}

/** Labels that a text may or may not carry: their reasons fall with them. */
const optional: ReadonlySet<string> = new Set(
  columns.filter((c) => c.head === 'programme' || c.head === 'need').map((c) => c.label),
)

function reasonsThatStand(soFar: Suggestion, given: readonly Scored<string>[], crisis: Crisis | undefined): Reason[] {
  const kept = soFar.reasons.filter(({ label }) =>
    label === 'crisis' ? crisis !== undefined : !optional.has(label) || given.some((g) => g.label === label),
  )
  return soFar.crisis === undefined && crisis
    ? [{ label: 'crisis', because: `${crisis.because} → ${inChinese.crisis}` }, ...kept]
    : kept
}

/** For a label that no rule spoke for: the words whose weight for it was greatest. */
function ownReasons(
  model: Model,
  clues: Clues,
  soFar: Suggestion,
  given: readonly Scored<Reason['label']>[],
): Reason[] {
  const silent = given.filter(({ label }) => !soFar.reasons.some((reason) => reason.label === label))
  if (silent.length === 0) return []
  const grams = wordsBehind(clues.plain)
  return silent.map(({ label }) => {
    const words = weightiest(model, grams, columnOf.get(label) ?? 0)
    const because = words.length === 0 ? '整段话像是' : `说到 ${words.join('、')}`
    return { label, because: `${because} → ${inChinese[label] ?? label}` }
  })
}

const columnOf: ReadonlyMap<string, number> = new Map(columns.map(({ label }, c) => [label, c]))

/** The two grams whose weight for a column is greatest, the greatest first. */
function weightiest(model: Model, grams: ReturnType<typeof wordsBehind>, column: number): string[] {
  let first: { words: string; weight: number } | undefined
  let second: typeof first
  for (const { words, id } of grams) {
    const weight = model.weights[id * columns.length + column] ?? 0
    if (weight <= 0 || words === first?.words || weight <= (second?.weight ?? 0)) continue
    if (weight > (first?.weight ?? 0)) {
      second = first
      first = { words, weight }
    } else second = { words, weight }
  }
  return [first, second].flatMap((gram) => (gram ? [gram.words] : []))
}

function proposed<L extends string>(head: string, found: ReadonlyMap<L, number>, model: Model): Proposed<L>[] {
  const { givenFrom } = model.calibration
  return [...found]
    .filter(([, confidence]) => confidence >= worthTelling)
    .map(([label, confidence]) => ({
      label,
      confidence,
      given: confidence >= (givenFrom[`${head}:${label}`] ?? sureEnough),
    }))
    .sort((a, b) => b.confidence - a.confidence)
}

/**
 * Where the heads agree with a rule, it is as sure as the rule: who says an age or a certificate in so many words is not
 * asked again who needs help.
 */
function asSureAsItsRule<L extends string>(labels: readonly Proposed<L>[], hits: readonly Scored<L>[]): Proposed<L>[] {
  return labels
    .map((proposal) => {
      const rule = proposal.given ? hits.find(({ label }) => label === proposal.label) : undefined
      return { ...proposal, confidence: Math.max(proposal.confidence, rule?.confidence ?? 0) }
    })
    .sort((a, b) => b.confidence - a.confidence)
}

function top<L extends string>(found: ReadonlyMap<L, number>): Scored<L> {
  let best: Scored<L> | undefined
  for (const [label, confidence] of found) if (!best || confidence > best.confidence) best = { label, confidence }
  if (!best) throw new Error('a head without labels')
  return best
}
