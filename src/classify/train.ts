import type { CrisisKind, Intent, Need, Programme, Subject, Urgency } from '../domain/taxonomy.ts'
import type { Crisis } from './classifier.ts'
import { cluesOf } from './clues.ts'
import { dimensions, type Features, featuresOf, type Rarity, rarityCount, rarityIn, weighed } from './features.ts'
import { type Example, exampleOf, fitPlatt, fitTemperature, platt, trainSvm, type Weights } from './linear.ts'
import { trainLogistic } from './logistic.ts'
import { type AlarmFrom, type Calibration, columns, type HeadName, heads, type Model } from './model.ts'

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

/** 一部分: some heads, trained; the parts of a model are trained side by side and put together. */
export interface TrainedPart {
  readonly rarity: Rarity
  readonly columns: readonly {
    readonly at: number
    readonly w: Int8Array
    readonly scale: number
    readonly bias: number
  }[]
  readonly calibration: Calibration
}

/** Two shares of about the same work. */
export const shares: readonly (readonly HeadName[])[] = [
  ['need', 'urgency', 'crisisKind'],
  ['intent', 'programme', 'subject', 'crisis'],
]

/** Every head at once. The same rows give the same model. @param version names what it was trained from. */
export const train = (rows: readonly TrainingRow[], version: string): Model =>
  assembled(
    shares.map((names) => trainPart(rows, names)),
    version,
  )

/** Linear SVMs on all rows, probabilities calibrated on rows of authors the weights had not seen. */
export function trainPart(rows: readonly TrainingRow[], names: readonly HeadName[]): TrainedPart {
  const { examples, said, rarity } = prepared(rows)
  const own = columns.flatMap(({ head }, c) => (names.includes(head) ? [c] : []))
  const targets = new Map(own.map((c) => [c, rows.map((row) => targetOf(row, c))]))
  const outside = new Map(own.map((c) => [c, new Float64Array(rows.length).fill(Number.NaN)]))
  const folds = foldsOf(rows)
  for (const fold of new Set(folds)) {
    for (const [c, target] of targets) {
      const { w, bias } = trainColumn(examples, target, c, (i) => folds[i] !== fold)
      for (const [i, { features }] of examples.entries()) {
        const margins = outside.get(c)
        if (margins && folds[i] === fold && target[i] !== undefined) margins[i] = margin(w, bias, features)
      }
    }
  }
  return {
    rarity,
    columns: own.map((c) =>
      quantised(
        c,
        trainColumn(examples, targets.get(c) ?? [], c, () => true),
      ),
    ),
    calibration: calibrate({ names, targets, outside, said }),
  }
}

/** @param parts of the same rows, every head once. */
export function assembled(parts: readonly TrainedPart[], version: string): Model {
  const width = columns.length
  const weights = new Int8Array(dimensions * width)
  const scales = new Float32Array(width)
  const biases = new Float32Array(width)
  for (const { at, w, scale, bias } of parts.flatMap((part) => part.columns)) {
    scales[at] = scale
    biases[at] = bias
    for (let f = 0; f < dimensions; f++) weights[f * width + at] = w[f] ?? 0
  }
  return {
    version,
    rarity: parts[0]?.rarity ?? new Uint8Array(rarityCount).fill(16),
    weights,
    scales,
    biases,
    calibration: {
      temperature: Object.assign({}, ...parts.map((part) => part.calibration.temperature)),
      platt: Object.assign({}, ...parts.map((part) => part.calibration.platt)),
      givenFrom: Object.assign({}, ...parts.map((part) => part.calibration.givenFrom)),
      alarmFrom: parts.find((part) => part.calibration.platt['crisis:crisis'])?.calibration.alarmFrom ?? deaf,
    },
  }
}

// --- internal

/** Of authors: each is judged by weights that have seen at least two thirds of the others. */
const foldCount = 3
const rounds = 20
const costOf: Readonly<Record<Exclude<HeadName, 'crisis'>, number>> = {
  intent: 0.3,
  programme: 0.3,
  need: 0.3,
  urgency: 0.2,
  subject: 0.2,
  crisisKind: 0.6,
}

function prepared(rows: readonly TrainingRow[]) {
  const read = rows.map((row) => cluesOf(row.text))
  const plain = read.map(featuresOf)
  const rarity = rarityIn(plain)
  return {
    rarity,
    examples: plain.map((features, i) => exampleOf(weighed(features, rarity), rows[i]?.weight ?? 1)),
    said: read.map(({ crisis }) => crisis?.tier),
  }
}

/** `undefined`: the row says nothing about this column. */
function targetOf({ labels }: TrainingRow, column: number): boolean | undefined {
  const { head, label } = columns[column] ?? { head: 'intent', label: '' }
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
  const seed = 20_261_123 + column
  return head === 'crisis'
    ? trainLogistic(own, positive, { dimensions, rounds: 15, seed })
    : trainSvm(own, positive, { dimensions, c: costOf[head], rounds, seed })
}

const margin = (w: Float32Array, bias: number, { ids, values }: Features): number =>
  ids.reduce((sum, id, k) => sum + (w[id] ?? 0) * (values[k] ?? 0), bias)

interface Outside {
  readonly names: readonly HeadName[]
  readonly targets: ReadonlyMap<number, readonly (boolean | undefined)[]>
  /** By column, the margin of each row by weights that had not seen its author. */
  readonly outside: ReadonlyMap<number, Float64Array>
  /** What the crisis lexicon said of each row. */
  readonly said: readonly (Crisis['tier'] | undefined)[]
}

function calibrate(seen: Outside): Calibration {
  const { names, targets, outside } = seen
  const temperature: Record<string, number> = {}
  const scaling: Record<string, { a: number; b: number }> = {}
  const givenFrom: Record<string, number> = {}
  let at = 0
  for (const { name, kind, labels } of heads) {
    const own = labels.map((_, i) => at + i)
    at += labels.length
    if (!names.includes(name)) continue
    const truthOf = (c: number, i: number) => targets.get(c)?.[i]
    const known = seen.said.flatMap((_, i) => (truthOf(own[0] ?? 0, i) === undefined ? [] : [i]))
    if (known.length === 0) continue
    if (kind === 'one') {
      temperature[name] = fitTemperature(
        known.map((i) => own.map((c) => outside.get(c)?.[i] ?? 0)),
        known.map((i) => own.findIndex((c) => truthOf(c, i) === true)),
      )
    } else {
      for (const [k, label] of labels.entries()) {
        const c = own[k] ?? 0
        const margins = known.map((i) => outside.get(c)?.[i] ?? 0)
        const truth = known.map((i) => truthOf(c, i) === true)
        const fitted = fitPlatt(margins, truth)
        scaling[`${name}:${label}`] = fitted
        givenFrom[`${name}:${label}`] = bestCut(
          margins.map((m) => platt(fitted, m)),
          truth,
        )
      }
    }
  }
  return { temperature, platt: scaling, givenFrom, alarmFrom: alarmsFrom(seen, scaling['crisis:crisis']) }
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
 * The head may raise a false alarm at this share of the texts that hold no crisis and no word of the lexicon, as authors wrote
 * them it had not seen. Many of these were written to look like a crisis: in a day's messages it is far less.
 */
const headAddsMost = 0.01
/** How many of the real crises among the hints that the lexicon hears the head may talk away. */
const talkedAwayMost = 0.05
const thresholds = { lowest: 0.1, highest: 0.9 }
/** However many false alarms it would save: the head talks away no hint that it finds likelier than this. */
const talkedAwayBelow = 0.4
/** A head that was not trained raises no alarm, and none of the lexicon's is taken from it. */
const deaf: AlarmFrom = { alone: 1.1, veiled: 0 }

/** From which probability of the crisis head there is an alarm, by what the lexicon said of the same text. */
function alarmsFrom({ targets, outside, said }: Outside, fitted: { a: number; b: number } | undefined): AlarmFrom {
  const c = columns.findIndex(({ head }) => head === 'crisis')
  const truth = targets.get(c)
  if (!fitted || !truth?.includes(false)) return deaf
  const falling = (crisis: boolean, tier: Crisis['tier'] | undefined) =>
    truth
      .flatMap((real, i) => (real === crisis && said[i] === tier ? [platt(fitted, outside.get(c)?.[i] ?? 0)] : []))
      .sort((a, b) => b - a)
  const allowed = Math.floor(truth.filter((real) => real === false).length * headAddsMost)
  const alone = (falling(false, undefined)[allowed] ?? 0) + 1e-6
  const hints = falling(true, 'veiled')
  const keeping = hints[Math.ceil(hints.length * (1 - talkedAwayMost)) - 1] ?? 0
  return {
    alone: Math.min(thresholds.highest, Math.max(thresholds.lowest, alone)),
    veiled: Math.min(talkedAwayBelow, keeping),
  }
}

/** One byte a weight: measured to cost nothing in accuracy, and a fourth of the memory. */
function quantised(at: number, { w, bias }: Weights): TrainedPart['columns'][number] {
  const scale = w.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127 || 1
  return { at, w: Int8Array.from(w, (value) => Math.round(value / scale)), scale, bias }
}
