import type { Features } from './features.ts'

/** The mathematics of a linear head: no names of this district in here. */

const biasFeature = 0.5

export interface Example {
  readonly features: Features
  /** The squared length of the features with the bias: the same for every label, so it is reckoned once. */
  readonly squared: number
  /** How much this row counts: corrections by social workers count more. */
  readonly weight: number
}

export const exampleOf = (features: Features, weight: number): Example => ({
  features,
  squared: features.values.reduce((sum, v) => sum + v * v, biasFeature ** 2),
  weight,
})

export interface Weights {
  readonly w: Float32Array
  readonly bias: number
}

/**
 * L2-regularised L2-loss SVM by dual coordinate descent (Hsieh et al., ICML 2008).
 * @param positive whether each example is one; rare positives are weighted up by how rare they are, within limits.
 */
export function trainSvm(
  examples: readonly Example[],
  positive: readonly boolean[],
  { dimensions, c, rounds, seed }: { dimensions: number; c: number; rounds: number; seed: number },
): Weights {
  const w = new Float32Array(dimensions)
  let bias = 0
  const count = examples.length
  const share = positive.filter(Boolean).length / Math.max(1, count)
  const boost = share === 0 ? 1 : Math.min(8, ((1 - share) / share) ** 0.8)
  const alpha = new Float64Array(count)
  let order = Uint32Array.from({ length: count }, (_, i) => i)
  const random = seeded(seed)
  // Examples that are far on the right side are left alone (shrinking), until the last look at all of them.
  let aside = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    shuffle(order, random)
    let furthest = 0
    let kept = 0
    for (let at = 0; at < order.length; at++) {
      const i = order[at] ?? 0
      const example = examples[i]
      if (!example) continue
      const { ids, values } = example.features
      const y = positive[i] ? 1 : -1
      const half = 0.5 / (c * example.weight * (positive[i] ? boost : 1))
      const now = alpha[i] ?? 0
      let margin = bias * biasFeature
      for (let k = 0; k < ids.length; k++) margin += (w[ids[k] ?? 0] ?? 0) * (values[k] ?? 0)
      const gradient = y * margin - 1 + half * now
      if (now === 0 && gradient > aside) continue
      order[kept++] = i
      const projected = now === 0 ? Math.min(gradient, 0) : gradient
      furthest = Math.max(furthest, Math.abs(projected))
      if (projected === 0) continue
      const next = Math.max(0, now - gradient / (example.squared + half))
      alpha[i] = next
      const step = (next - now) * y
      bias += step * biasFeature
      for (let k = 0; k < ids.length; k++) {
        const id = ids[k] ?? 0
        w[id] = (w[id] ?? 0) + step * (values[k] ?? 0)
      }
    }
    if (furthest < tolerance) {
      if (order.length === count) break
      order = Uint32Array.from({ length: count }, (_, i) => i)
      aside = Number.POSITIVE_INFINITY
      continue
    }
    order = order.subarray(0, kept)
    aside = furthest
  }
  return { w, bias: bias * biasFeature }
}

/** Platt scaling: the margin as a probability, `1 / (1 + exp(a·margin + b))`, fitted by Newton's method (Lin et al. 2007). */
export function fitPlatt(margins: readonly number[], positive: readonly boolean[]): { a: number; b: number } {
  const hits = positive.filter(Boolean).length
  const misses = positive.length - hits
  const high = (hits + 1) / (hits + 2)
  const low = 1 / (misses + 2)
  let a = 0
  let b = Math.log((misses + 1) / (hits + 1))
  const loss = (a: number, b: number) =>
    margins.reduce((sum, margin, i) => {
      const z = a * margin + b
      const t = positive[i] ? high : low
      return sum + (z >= 0 ? t * z + Math.log1p(Math.exp(-z)) : (t - 1) * z + Math.log1p(Math.exp(z)))
    }, 0)
  for (let round = 0, before = loss(a, b); round < 100; round++) {
    let [ga, gb, haa, hbb, hab] = [0, 0, 1e-12, 1e-12, 0]
    margins.forEach((margin, i) => {
      const p = 1 / (1 + Math.exp(a * margin + b))
      const d = (positive[i] ? high : low) - p
      const v = p * (1 - p)
      ga += margin * d
      gb += d
      haa += margin * margin * v
      hbb += v
      hab += margin * v
    })
    if (Math.abs(ga) < 1e-5 && Math.abs(gb) < 1e-5) break
    const det = haa * hbb - hab * hab
    const da = -(hbb * ga - hab * gb) / det
    const db = -(haa * gb - hab * ga) / det
    let step = 1
    for (; step > 1e-10; step /= 2) {
      const after = loss(a + step * da, b + step * db)
      if (after < before + 1e-4 * step * (ga * da + gb * db)) {
        a += step * da
        b += step * db
        before = after
        break
      }
    }
    if (step <= 1e-10) break
  }
  return { a, b }
}

export const platt = ({ a, b }: { a: number; b: number }, margin: number): number => 1 / (1 + Math.exp(a * margin + b))

export function softmax(scores: ArrayLike<number>, temperature: number): number[] {
  let top = Number.NEGATIVE_INFINITY
  for (let i = 0; i < scores.length; i++) top = Math.max(top, scores[i] ?? 0)
  const raised: number[] = []
  let sum = 0
  for (let i = 0; i < scores.length; i++) {
    const value = Math.exp(((scores[i] ?? 0) - top) / temperature)
    raised.push(value)
    sum += value
  }
  return raised.map((value) => value / sum)
}

/** The temperature at which the softmax of these margins says as often right as it claims: golden-section search. */
export function fitTemperature(margins: readonly (readonly number[])[], truth: readonly number[]): number {
  const loss = (log: number) =>
    margins.reduce(
      (sum, scores, i) => sum - Math.log(Math.max(1e-9, softmax(scores, Math.exp(log))[truth[i] ?? 0] ?? 0)),
      0,
    )
  const golden = (Math.sqrt(5) - 1) / 2
  let [low, high] = [Math.log(0.02), Math.log(5)]
  for (let round = 0; round < 40; round++) {
    const a = high - golden * (high - low)
    const b = low + golden * (high - low)
    if (loss(a) < loss(b)) high = b
    else low = a
  }
  return Math.exp((low + high) / 2)
}

/** mulberry32: the same numbers on every machine, so that the same rows train the same model. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

// --- internal

const tolerance = 0.02

/** In place. */
export function shuffle(order: Uint32Array, random: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const held = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = held
  }
}
