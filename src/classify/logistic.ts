import { type Example, seeded, shuffle, type Weights } from './linear.ts'

/**
 * Logistic regression learnt by AdaGrad with dropout: in every look at an example a good part of its features is hidden, so
 * that no single word may carry an alarm alone and rare words are learnt beside common ones. Across authors it hears more
 * crises at the same false alarms than the SVM does; for the other heads the SVM is the better one (docs/classification.md).
 * The same rows and seed give the same weights.
 * @param positive whether each example is one; rare positives are weighted up by how rare they are.
 */
export function trainLogistic(
  examples: readonly Example[],
  positive: readonly boolean[],
  { dimensions, rounds, seed }: { dimensions: number; rounds: number; seed: number },
): Weights {
  const w = new Float32Array(dimensions)
  const slope = new Float32Array(dimensions).fill(tiny)
  let bias = 0
  let biasSlope = tiny
  const share = positive.filter(Boolean).length / Math.max(1, examples.length)
  const boost = share === 0 ? 1 : ((1 - share) / share) ** boostPower
  const order = Uint32Array.from(examples, (_, i) => i)
  const random = seeded(seed)
  const shown = new Uint32Array(examples.reduce((most, { features }) => Math.max(most, features.ids.length), 0))
  for (let round = 0; round < rounds; round++) {
    shuffle(order, random)
    const rate = fastest * (1 - round / rounds)
    for (const i of order) {
      const example = examples[i]
      if (!example) continue
      const { ids, values } = example.features
      let count = 0
      for (let k = 0; k < ids.length; k++) if (random() >= hidden) shown[count++] = k
      let margin = bias
      for (let n = 0; n < count; n++) {
        const k = shown[n] ?? 0
        margin += ((w[ids[k] ?? 0] ?? 0) * (values[k] ?? 0)) / (1 - hidden)
      }
      const y = positive[i] ? 1 : 0
      const gradient = (1 / (1 + Math.exp(-margin)) - y) * example.weight * (y === 1 ? boost : 1)
      biasSlope += gradient * gradient
      bias -= (rate * gradient) / Math.sqrt(biasSlope)
      for (let n = 0; n < count; n++) {
        const k = shown[n] ?? 0
        const id = ids[k] ?? 0
        const own = (gradient * (values[k] ?? 0)) / (1 - hidden)
        const steep = (slope[id] ?? tiny) + own * own
        slope[id] = steep
        w[id] = (w[id] ?? 0) - (rate * own) / Math.sqrt(steep)
      }
    }
  }
  return { w, bias }
}

// --- internal

/** Share of the features that are hidden: 0.3 to 0.7 do alike across authors. */
const hidden = 0.5
const fastest = 0.3
const boostPower = 0.4
const tiny = 1e-6
