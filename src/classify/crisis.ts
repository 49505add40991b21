import type { Crisis } from './classifier.ts'
import { lexicon } from './crisis-lexicon.ts'
import { lookAlikes } from './crisis-lookalikes.ts'
import { normalise } from './normalise.ts'

/** The gate reads this much from both ends of a text: nobody hides a plea in the middle of ten thousand characters by accident. */
const longestRead = 12_000

/**
 * The crisis gate: pure, local, on every message a resident sends, in every state, before consent. An explicit row wins
 * over a veiled one; within a tier the first in the lexicon decides the kind. Negation and quotation do not silence it:
 * "我不是想死,就是累" still needs a person's eyes. A false alarm costs a worker two minutes, a miss can cost a life.
 */
export function crisisGate(text: string): Crisis | undefined {
  const read = text.length > longestRead ? `${text.slice(0, longestRead / 2)}\n${text.slice(-longestRead / 2)}` : text
  return crisisInPlain(normalise(read))
}

/** One pass over the text instead of one for each pattern. */
const anyLookAlike = new RegExp(lookAlikes.map((pattern) => `(?:${pattern.source})`).join('|'), 'gu')

/** The gate on a text that is normalised already. */
export function crisisInPlain(normalised: string): Crisis | undefined {
  const plain = normalised.replace(anyLookAlike, '□')
  // Fragments and spaces between characters must not hide a phrase.
  const joined = plain.replace(/[\s,。、.…~!?]+(?=\p{Script=Han})/gu, '')
  let veiled: Crisis | undefined
  for (const { kind, tier, pattern, because } of lexicon) {
    if (!pattern.test(plain) && !(joined !== plain && joined.length < 200 && pattern.test(joined))) continue
    if (tier === 'explicit') return { kind, tier, because }
    veiled ??= { kind, tier, because }
  }
  return veiled
}
