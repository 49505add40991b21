import { z } from 'zod'
import {
  type CrisisKind,
  crisisKinds,
  type Intent,
  intents,
  type Need,
  needs,
  type Programme,
  programmes,
  type Subject,
  subjects,
  type Urgency,
  urgencies,
} from '../domain/taxonomy.ts'
import { dimensions, type Features, type Rarity, rarityCount, weighed } from './features.ts'
import { platt, softmax } from './linear.ts'

/** One of these labels (`one`), or any of them at once (`many`). */
export const heads = [
  { name: 'intent', kind: 'one', labels: intents },
  { name: 'programme', kind: 'many', labels: programmes },
  { name: 'need', kind: 'many', labels: needs },
  { name: 'urgency', kind: 'one', labels: urgencies },
  { name: 'subject', kind: 'one', labels: subjects },
  { name: 'crisis', kind: 'many', labels: ['crisis'] },
  { name: 'crisisKind', kind: 'one', labels: crisisKinds },
] as const satisfies readonly { name: string; kind: 'one' | 'many'; labels: readonly string[] }[]

export type HeadName = (typeof heads)[number]['name']

/** Every head's every label is one column of the weights. */
export const columns: readonly { readonly head: HeadName; readonly label: string }[] = heads.flatMap(
  ({ name, labels }) => labels.map((label) => ({ head: name, label })),
)

/** From margin to probability: a temperature for a head that chooses one, Platt's two numbers for each label of the others. */
export interface Calibration {
  readonly temperature: Readonly<Record<string, number>>
  readonly platt: Readonly<Record<string, { readonly a: number; readonly b: number }>>
  /** By label of a head that chooses many: from this probability it is given. */
  readonly givenFrom: Readonly<Record<string, number>>
  readonly alarmFrom: AlarmFrom
}

/**
 * From which probability of the crisis head there is an alarm: where the lexicon heard nothing, and where it heard a veiled
 * phrase. docs/classification.md tells how they are chosen.
 */
export interface AlarmFrom {
  readonly alone: number
  readonly veiled: number
}

/** 模型: trained weights, one byte each, feature by feature, with what turns their sums into probabilities. */
export interface Model {
  /** Names the rows and the code it was trained from: the same rows and code give the same version. */
  readonly version: string
  readonly rarity: Rarity
  readonly weights: Int8Array
  /** By column: what one unit of a weight is worth. */
  readonly scales: Float32Array
  readonly biases: Float32Array
  readonly calibration: Calibration
}

export interface Prediction {
  readonly intent: ReadonlyMap<Intent, number>
  readonly programme: ReadonlyMap<Programme, number>
  readonly need: ReadonlyMap<Need, number>
  readonly urgency: ReadonlyMap<Urgency, number>
  readonly subject: ReadonlyMap<Subject, number>
  readonly crisis: number
  readonly crisisKind: ReadonlyMap<CrisisKind, number>
}

/** Margins of every column for one text. */
export function marginsOf(
  model: Pick<Model, 'weights' | 'scales' | 'biases'>,
  { ids, values }: Features,
): Float64Array {
  const { weights, scales, biases } = model
  const width = columns.length
  const sums = new Float64Array(width)
  for (let k = 0; k < ids.length; k++) {
    const value = values[k] ?? 0
    const row = (ids[k] ?? 0) * width
    for (let c = 0; c < width; c++) sums[c] = (sums[c] ?? 0) + value * (weights[row + c] ?? 0)
  }
  for (let c = 0; c < width; c++) sums[c] = (sums[c] ?? 0) * (scales[c] ?? 0) + (biases[c] ?? 0)
  return sums
}

export function predict(model: Model, features: Features): Prediction {
  const margins = marginsOf(model, weighed(features, model.rarity))
  const { temperature, platt: scaling } = model.calibration
  const probabilities = Object.fromEntries(
    slices.map(({ name, kind, labels, keys, at }) => {
      const found = new Map<string, number>()
      if (kind === 'many') {
        for (const [i, label] of labels.entries()) {
          found.set(label, platt(scaling[keys[i] ?? ''] ?? unfitted, margins[at + i] ?? 0))
        }
      } else {
        const p = softmax(margins.subarray(at, at + labels.length), temperature[name] ?? 1)
        for (const [i, label] of labels.entries()) found.set(label, p[i] ?? 0)
      }
      return [name, found]
    }),
  ) as { [N in HeadName]: Map<Extract<(typeof heads)[number], { name: N }>['labels'][number], number> }
  return { ...probabilities, crisis: probabilities.crisis.get('crisis') ?? 0 }
}

/** Where each head's columns begin, and what its calibration is called. */
const slices = heads.map(({ name, kind, labels }, i) => ({
  name,
  kind,
  labels: labels as readonly string[],
  keys: labels.map((label) => `${name}:${label}`),
  at: heads.slice(0, i).reduce((sum, head) => sum + head.labels.length, 0),
}))

const unfitted = { a: -2, b: 0 }

const Header = z.object({
  version: z.string(),
  dimensions: z.literal(dimensions),
  columns: z.array(z.object({ head: z.string(), label: z.string() })),
  scales: z.array(z.number()).length(columns.length),
  biases: z.array(z.number()).length(columns.length),
  calibration: z.object({
    temperature: z.record(z.string(), z.number()),
    platt: z.record(z.string(), z.object({ a: z.number(), b: z.number() })),
    givenFrom: z.record(z.string(), z.number()),
    alarmFrom: z.object({ alone: z.number(), veiled: z.number() }),
  }),
})

/** The inverse of {@link writeModel}. @throws when the buffer is damaged or was written by code with other features. */
export function readModel(written: Buffer): Model {
  const end = written.indexOf(0x0a)
  const { version, scales, biases, calibration, ...header } = Header.parse(
    JSON.parse(written.subarray(0, Math.max(0, end)).toString('utf8')),
  )
  const rarity = new Uint8Array(written.subarray(end + 1, end + 1 + rarityCount))
  const weights = new Int8Array(written.subarray(end + 1 + rarityCount))
  if (weights.length !== dimensions * columns.length || JSON.stringify(header.columns) !== JSON.stringify(columns)) {
    throw new Error(`model ${version} was written for other features or labels`)
  }
  return { version, rarity, weights, scales: Float32Array.from(scales), biases: Float32Array.from(biases), calibration }
}

/** A model as one buffer: a line of JSON, then the rarities, then the weights. */
export function writeModel(model: Model): Buffer {
  const { version, scales, biases, calibration } = model
  const header = { version, dimensions, columns, scales: [...scales], biases: [...biases], calibration }
  return Buffer.concat([
    Buffer.from(`${JSON.stringify(header)}\n`),
    Buffer.from(model.rarity),
    Buffer.from(model.weights.buffer, model.weights.byteOffset, model.weights.byteLength),
  ])
}
