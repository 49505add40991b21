import { subjects } from '../domain/taxonomy.ts'
import { allRules, type Clues } from './clues.ts'
import { conceptCount } from './concepts.ts'
import { fuzzySound } from './sound.ts'

/**
 * What the linear heads see of a text: hashed character 1–2-grams, the same as fuzzy pinyin (speech recognition writes the
 * right sound with the wrong character), the concepts it speaks of, which rules hit, and how long it is. Measured across
 * authors: concepts carry what an author says to the next one, longer n-grams add nothing (docs/classification.md).
 */
export interface Features {
  /** Without repeats, in no order. */
  readonly ids: Uint32Array
  readonly values: Float32Array
}

const gramBuckets = 1 << 16
const soundBuckets = 1 << 15
const conceptsAt = gramBuckets + soundBuckets
const rulesAt = conceptsAt + conceptCount
/** So many features have a rarity. */
export const rarityCount = rulesAt
const subjectAt = rulesAt + allRules.length
const tierAt = subjectAt + subjects.length
const lengthAt = tierAt + 2
const lengthSteps = [2, 4, 8, 12, 20, 40, 80, 160]
/** How many different features there are. */
export const dimensions = lengthAt + lengthSteps.length + 1

/** What the grams are read from, in characters: more than this only thins a plea out. */
const longest = 360

export function featuresOf({ plain, concepts, rules, subject, crisis }: Clues): Features {
  const tokens = tokensOf(plain.slice(0, longest))
  const ids: number[] = []
  const values: number[] = []
  grams(ids, values, tokens.map(hashOf), 0, gramBuckets, 1)
  grams(ids, values, tokens.map(soundOf), gramBuckets, soundBuckets, soundWeight)
  const add = (id: number, value: number) => {
    ids.push(id)
    values.push(value)
  }
  const share = conceptWeight / Math.sqrt(concepts.length || 1)
  for (const concept of concepts) add(conceptsAt + concept, share)
  for (const rule of rules) add(rulesAt + rule, ruleWeight)
  if (subject) add(subjectAt + subjects.indexOf(subject.label), ruleWeight)
  if (crisis) add(tierAt + (crisis.tier === 'explicit' ? 0 : 1), ruleWeight)
  const step = lengthSteps.findIndex((most) => plain.length <= most)
  add(lengthAt + (step === -1 ? lengthSteps.length : step), lengthWeight)
  return { ids: Uint32Array.from(ids), values: Float32Array.from(values) }
}

/**
 * 稀有度: how much a feature that few texts have counts more than one that all have, in sixteenths; of grams, sounds and
 * concepts, in the order of their ids.
 */
export type Rarity = Uint8Array

/** @param texts what the rarity is learnt from. */
export function rarityIn(texts: readonly Features[]): Rarity {
  const having = new Uint32Array(rulesAt)
  for (const { ids } of texts) for (const id of ids) if (id < rulesAt) having[id] = (having[id] ?? 0) + 1
  return Uint8Array.from(having, (count) =>
    Math.round(16 * (Math.log((texts.length + 1) / (count + 1)) + 1) ** rarityPower),
  )
}

/** The same features, the rare ones weighing more; the length of the whole stays as it was. */
export function weighed({ ids, values }: Features, rarity: Rarity): Features {
  const weighted = new Float32Array(values.length)
  let before = 0
  let after = 0
  for (let k = 0; k < ids.length; k++) {
    const value = values[k] ?? 0
    const heavier = (value * (rarity[ids[k] ?? 0] ?? 16)) / 16
    weighted[k] = heavier
    before += value * value
    after += heavier * heavier
  }
  const scale = Math.sqrt(before / (after || 1))
  for (let k = 0; k < weighted.length; k++) weighted[k] = (weighted[k] ?? 0) * scale
  return { ids, values: weighted }
}

/** The grams of a text as they were hashed, for saying afterwards which words spoke for a label. */
export function wordsBehind(plain: string): readonly { readonly words: string; readonly id: number }[] {
  const tokens = tokensOf(plain.slice(0, longest))
  return tokens.flatMap((token, i) => {
    const next = tokens[i + 1]
    const edge = token === '^' || next === '$' || next === undefined
    return edge ? [] : [{ words: token + next, id: pair(hashOf(token), hashOf(next)) % gramBuckets }]
  })
}

// --- internal

const soundWeight = 0.4
const conceptWeight = 0.7
/** Low: the rules were written beside the first author's lines, and promise too much there. */
const ruleWeight = 0.3
const lengthWeight = 0.15
/** Measured across authors: 0.5 to 1 do alike. */
const rarityPower = 0.7

/** Han characters one by one, other words whole; punctuation kept as one mark, because a question mark says something. */
function tokensOf(plain: string): string[] {
  const words = plain.match(/\p{Script=Han}|[\p{L}\p{M}]+|\d+|[?!]|[^\s\p{L}\d]/gu) ?? []
  return ['^', ...words.map((word) => (/^\d+$/.test(word) ? `#${Math.min(word.length, 5)}` : word)), '$']
}

/** Counted here between two texts; only the touched places are cleared. */
const counts = new Uint16Array(gramBuckets + soundBuckets)

/** One block of features, its length made one, so that a long text does not outweigh a short one. */
function grams(
  ids: number[],
  values: number[],
  tokens: readonly number[],
  base: number,
  size: number,
  weight: number,
): void {
  const from = ids.length
  const count = (gram: number) => {
    const id = base + (gram % size)
    const before = counts[id] ?? 0
    if (before === 0) ids.push(id)
    counts[id] = before + 1
  }
  for (let i = 0; i < tokens.length - 1; i++) {
    const token = tokens[i] ?? 0
    if (i > 0) count(token)
    count(pair(token, tokens[i + 1] ?? 0))
  }
  let squares = 0
  for (let k = from; k < ids.length; k++) {
    const id = ids[k] ?? 0
    const value = 1 + Math.log(counts[id] ?? 1)
    counts[id] = 0
    values.push(value)
    squares += value * value
  }
  const scale = weight / Math.sqrt(squares || 1)
  for (let k = from; k < values.length; k++) values[k] = (values[k] ?? 0) * scale
}

/** FNV-1a over UTF-16 units, mixed at the end. */
function hashOf(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return mixed(value)
}

/** Two tokens in this order. */
const pair = (first: number, second: number): number => mixed(Math.imul(first, 0x9e3779b1) ^ second)

const mixed = (value: number): number => (Math.imul(value ^ (value >>> 15), 0x85ebca6b) ^ (value >>> 13)) >>> 0

function soundOf(token: string): number {
  const known = sounds.get(token)
  if (known !== undefined) return known
  const hashed = hashOf(fuzzySound(token))
  if (sounds.size < 20_000) sounds.set(token, hashed)
  return hashed
}
const sounds = new Map<string, number>()
