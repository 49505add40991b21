import type { Crisis } from './classifier.ts'
import { lexicon } from './crisis-lexicon.ts'
import { lookAlikes } from './crisis-lookalikes.ts'
import { normalise } from './normalise.ts'

/** The gate reads this much of a text, from both ends: more than the longest message of any channel, and never slow. */
const longestRead = 5_000

/**
 * The lexicon's word: pure, local, on every message a resident sends, in every state, before consent. An explicit row wins
 * over a veiled one; within a tier the first in the lexicon decides the kind. Negation and quotation do not silence it:
 * "我不是想死,就是累" still needs a person's eyes. A false alarm costs a worker two minutes, a miss can cost a life. Where a
 * model is there, the trained head weighs it with the whole text (docs/decisions/0008).
 */
export function crisisGate(text: string): Crisis | undefined {
  const read = text.length > longestRead ? `${text.slice(0, longestRead / 2)}\n${text.slice(-longestRead / 2)}` : text
  return crisisInPlain(normalise(read))
}

/** One pass over the text instead of one for each pattern. */
const anyLookAlike = new RegExp(lookAlikes.map((pattern) => `(?:${pattern.source})`).join('|'), 'gu')

/** The gate on a text that is normalised already. */
export function crisisInPlain(normalised: string): Crisis | undefined {
  // Most messages hold nothing of the lexicon at all, with or without look-alikes.
  const raw = bothReadings(normalised)
  if (!lexicon.some(({ pattern }) => pattern.test(raw))) return undefined
  const read = bothReadings(normalised.replace(anyLookAlike, '□'))
  let veiled: Crisis | undefined
  for (const { kind, tier, pattern, because } of lexicon) {
    if (!pattern.test(read)) continue
    if (tier === 'explicit') return { kind, tier, because }
    veiled ??= { kind, tier, because }
  }
  return veiled
}

/** A short text as it stands and, on a line of its own, without what splits it: fragments and spaces must not hide a phrase. */
function bothReadings(plain: string): string {
  if (plain.length >= 200) return plain
  const joined = plain.replace(/[\s,。、.…~!?]+(?=\p{Script=Han})/gu, '')
  return joined === plain ? plain : `${plain}\n${joined}`
}
