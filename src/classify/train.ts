import type { CrisisKind, Intent, Need, Programme, Subject, Urgency } from '../domain/taxonomy.ts'
import { cluesOf } from './clues.ts'
import { crisisGate } from './crisis.ts'
import { dimensions, type Features, featuresOf, withoutGate } from './features.ts'
import { type Example, fitPlatt, fitTemperature, platt, trainSvm, type Weights } from './linear.ts'
import { type Calibration, columns, type HeadName, heads, type Model } from './model.ts'

/** A text with the labels a person gave it. A label nobody gave teaches nothing. */
export interface TrainingRow {
  readonly text: string
  /** Rows of one author are held out together when the probabilities are calibrated. */
  readonly author: string
  readonly weight: number
  readonly labels: {
    readonly intent?: Intent | undefined
    readonly programmes?: readonly Programme[] | undefined
    readonly needs?: readonly Need[] | undefined
    readonly urgency?: Urgency | undefined
    readonly subject?: Subject | undefined
    readonly crisis?: boolean | undefined
    readonly crisisKind?: CrisisKind | undefined
  }
}

/**
 * Trains every head: linear SVMs on all rows, probabilities calibrated on rows of authors the weights had not seen.
 * The same rows give the same model. @param version names what it was trained from.
 */
export function train(rows: readonly TrainingRow[], version: string): Model {
  const examples: Example[] = rows.map((row) => ({ features: featuresOf(cluesOf(row.text)), weight: row.weight }))
  const targets = columns.map(({ head, label }) => rows.map((row) => targetOf(row, head, label)))
  const folds = foldsOf(rows)
  const outside = columns.map(() => new Float64Array(rows.length).fill(Number.NaN))
  for (const fold of new Set(folds)) {
    for (const [c, target] of targets.entries()) {
      const { w, bias } = trainColumn(examples, target, c, (i) => folds[i] !== fold)
      for (const [i, { features }] of examples.entries()) {
        const margins = outside[c]
        if (margins && folds[i] === fold && target[i] !== undefined) margins[i] = margin(w, bias, features)
      }
    }
  }
  const calibration = calibrate(rows, targets, outside)
  return {
    version,
    ...quantised(targets.map((target, c) => trainColumn(examples, target, c, () => true))),
    calibration,
  }
}

// --- internal

const foldCount = 3
const rounds = 25
const costOf: Readonly<Record<HeadName, number>> = {
  intent: 0.3,
  programme: 0.3,
  need: 0.3,
  urgency: 0.2,
  subject: 0.2,
  crisis: 1,
  crisisKind: 0.6,
}

/** `undefined`: the row says nothing about this column. */
function targetOf({ labels }: TrainingRow, head: HeadName, label: string): boolean | undefined {
  const one = (given: string | undefined) => (given === undefined ? undefined : given === label)
  const many = (given: readonly string[] | undefined) => given?.includes(label)
  switch (head) {
    case 'intent':
      return one(labels.intent)
    case 'programme':
      return many(labels.programmes)
    case 'need':
      return many(labels.needs)
    case 'urgency':
      return one(labels.urgency)
    case 'subject':
      return labels.intent === undefined || labels.intent === 'help_request' ? one(labels.subject) : undefined
    case 'crisis':
      return labels.crisis
    case 'crisisKind':
      return one(labels.crisisKind)
  }
}

/** Authors dealt out to a few folds; one author alone is dealt out by rows. */
function foldsOf(rows: readonly TrainingRow[]): number[] {
  const authors = [...new Set(rows.map((row) => row.author))].sort()
  const alone = authors.length < 2
  return rows.map((row, i) => (alone ? i : authors.indexOf(row.author)) % foldCount)
}

function trainColumn(
  examples: readonly Example[],
  target: readonly (boolean | undefined)[],
  column: number,
  included: (i: number) => boolean,
): Weights {
  const own: Example[] = []
  const positive: boolean[] = []
  for (const [i, example] of examples.entries()) {
    const y = target[i]
    if (y === undefined || !included(i)) continue
    own.push(example)
    positive.push(y)
  }
  const head = columns[column]?.head ?? 'intent'
  // The lexicon's word stands by itself: a head that leaned on it would learn nothing of the crises the lexicon misses.
  if (head === 'crisis')
    own.forEach((example, i) => {
      own[i] = { ...example, features: withoutGate(example.features) }
    })
  return trainSvm(own, positive, { dimensions, c: costOf[head], rounds, seed: 20_261_123 + column })
}

const margin = (w: Float32Array, bias: number, { ids, values }: Features): number =>
  ids.reduce((sum, id, k) => sum + (w[id] ?? 0) * (values[k] ?? 0), bias)

function calibrate(
  rows: readonly TrainingRow[],
  targets: readonly (readonly (boolean | undefined)[])[],
  outside: readonly Float64Array[],
): Calibration {
  const temperature: Record<string, number> = {}
  const scaling: Record<string, { a: number; b: number }> = {}
  const givenFrom: Record<string, number> = {}
  let at = 0
  for (const { name, kind, labels } of heads) {
    const own = labels.map((_, i) => at + i)
    at += labels.length
    const known = rows.flatMap((_, i) => (targets[own[0] ?? 0]?.[i] === undefined ? [] : [i]))
    if (known.length === 0) continue
    if (kind === 'one') {
      temperature[name] = fitTemperature(
        known.map((i) => own.map((c) => outside[c]?.[i] ?? 0)),
        known.map((i) => own.findIndex((c) => targets[c]?.[i] === true)),
      )
    } else {
      for (const [k, label] of labels.entries()) {
        const c = own[k] ?? 0
        const margins = known.map((i) => outside[c]?.[i] ?? 0)
        const truth = known.map((i) => targets[c]?.[i] === true)
        const fitted = fitPlatt(margins, truth)
        scaling[`${name}:${label}`] = fitted
        givenFrom[`${name}:${label}`] = bestCut(
          margins.map((m) => platt(fitted, m)),
          truth,
        )
      }
    }
  }
  return { temperature, platt: scaling, givenFrom, crisisFrom: alarmThreshold(rows, targets, outside, scaling) }
}

/** The probability from which giving the label does best by F1 among unseen authors, within sensible bounds. */
function bestCut(probabilities: readonly number[], truth: readonly boolean[]): number {
  const all = truth.filter(Boolean).length
  const falling = probabilities.map((p, i) => ({ p, hit: truth[i] === true })).sort((a, b) => b.p - a.p)
  let best = { f1: 0, cut: cuts.highest }
  let hits = 0
  for (const [i, { p, hit }] of falling.entries()) {
    if (hit) hits++
    const f1 = (2 * hits) / (i + 1 + all)
    const next = falling[i + 1]?.p ?? 0
    if (f1 > best.f1 && next < p) best = { f1, cut: (p + next) / 2 }
  }
  return Math.min(cuts.highest, Math.max(cuts.lowest, best.cut))
}

const cuts = { lowest: 0.2, highest: 0.5 }

/**
 * At most this share of texts without a crisis may raise a false alarm, the lexicon's own included, among unseen authors; and
 * what the head may add whatever the lexicon spends.
 */
const falseAlarmsMost = 0.01
const headAddsMost = 0.003
const thresholds = { lowest: 0.1, highest: 0.9 }

/** The most sensitive threshold of the crisis head that keeps false alarms of lexicon and head together below the limit. */
function alarmThreshold(
  rows: readonly TrainingRow[],
  targets: readonly (readonly (boolean | undefined)[])[],
  outside: readonly Float64Array[],
  scaling: Readonly<Record<string, { a: number; b: number }>>,
): number {
  const c = columns.findIndex(({ head }) => head === 'crisis')
  const calm = rows.flatMap((row, i) =>
    targets[c]?.[i] === false ? [{ text: row.text, margin: outside[c]?.[i] ?? 0 }] : [],
  )
  const fitted = scaling['crisis:crisis']
  if (!fitted || calm.length === 0) return thresholds.highest
  const byLexicon = calm.filter(({ text }) => crisisGate(text) !== undefined).length
  const left = Math.floor(calm.length * falseAlarmsMost) - byLexicon
  const allowed = Math.max(left, Math.floor(calm.length * headAddsMost))
  const rest = calm
    .filter(({ text }) => crisisGate(text) === undefined)
    .map((row) => platt(fitted, row.margin))
    .sort((a, b) => b - a)
  return Math.min(thresholds.highest, Math.max(thresholds.lowest, (rest[allowed] ?? 0) + 1e-6))
}

/** One byte a weight: measured to cost nothing in accuracy, and a fourth of the memory. */
function quantised(trained: readonly Weights[]): Pick<Model, 'weights' | 'scales' | 'biases'> {
  const width = trained.length
  const weights = new Int8Array(dimensions * width)
  const scales = new Float32Array(width)
  for (const [c, { w }] of trained.entries()) {
    const scale = w.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1
    scales[c] = scale
    for (let f = 0; f < dimensions; f++) weights[f * width + c] = Math.round((w[f] ?? 0) / scale)
  }
  return { weights, scales, biases: Float32Array.from(trained, ({ bias }) => bias) }
}
