import type { Intent, Need, Programme, Subject, Urgency } from '../domain/taxonomy.ts'
import type { Crisis, Scored } from './classifier.ts'
import { conceptsIn } from './concepts.ts'
import { crisisGate, crisisInPlain } from './crisis.ts'
import { normalise } from './normalise.ts'
import type { Rule } from './rule.ts'
import { intentRules, needRules, programmeRules, urgencyRules } from './rules-table.ts'
import { subjectIn, withoutPassingAge } from './slots.ts'

/** What the words of a text say by themselves: read once, then used by the rules and, as features, by the trained heads. */
export interface Clues {
  /**
   * The text in its one form, spaces between Han characters and a relative's age mentioned in passing taken out; of a long text
   * its beginning and its end.
   */
  readonly plain: string
  readonly crisis: Crisis | undefined
  readonly subject: (Scored<Subject> & { readonly because: string }) | undefined
  readonly intents: readonly Hit<Intent>[]
  readonly programmes: readonly Hit<Programme>[]
  readonly needs: readonly Hit<Need>[]
  readonly urgencies: readonly Hit<Urgency>[]
  /** Which concepts it speaks of, by their number. */
  readonly concepts: readonly number[]
  /** Which rules hit, by their place in {@link allRules}. */
  readonly rules: readonly number[]
}

export interface Hit<L extends string> extends Scored<L> {
  readonly words: readonly string[]
}

export const allRules: readonly Rule<string>[] = [...intentRules, ...programmeRules, ...needRules, ...urgencyRules]

/** A code of letters and digits (an invitation, a parcel, an account) says nothing by its characters. */
const code = /\b(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{5,}\b/gu

/** Of a long text the beginning and the end are read: the plea stands there, and nobody waits for the middle of a novel. */
const head = 600
const tail = 300

/**
 * @param text as it was written, any length.
 * @param calm the lexicon was asked already and heard nothing: it need not read a long text twice.
 */
export function cluesOf(text: string, { calm = false } = {}): Clues {
  // Rules and model ask about the same text one after the other.
  if (last?.text === text) return last.clues
  const clues = read(text, calm)
  last = { text, clues }
  return clues
}

let last: { readonly text: string; readonly clues: Clues } | undefined

function read(text: string, calm: boolean): Clues {
  const long = text.length > head + tail
  const written = normalise(long ? `${text.slice(0, head)}\n${text.slice(-tail)}` : text)
  const joined = written.replace(/(?<=\p{Script=Han})\s+(?=\p{Script=Han})/gu, '').replace(code, '#')
  const plain = withoutPassingAge(agesInWords(joined))
  const rules: number[] = []
  let base = 0
  const hitsOf = <L extends string>(table: readonly Rule<L>[]): Hit<L>[] => {
    const found = new Map<L, { missed: number; words: string[] }>()
    for (const [i, { label, weight, pattern }] of table.entries()) {
      const word = pattern.exec(plain)?.[0]
      if (word === undefined) continue
      rules.push(base + i)
      // Independent hits for one label add up as chances do: 0.6 twice is 0.84.
      const before = found.get(label) ?? { missed: 1, words: [] }
      found.set(label, { missed: before.missed * (1 - weight), words: [...before.words, word] })
    }
    base += table.length
    return [...found].map(([label, { missed, words }]) => ({ label, confidence: Math.min(0.97, 1 - missed), words }))
  }
  const heard = {
    intents: hitsOf(intentRules),
    programmes: hitsOf(programmeRules),
    needs: hitsOf(needRules),
    urgencies: hitsOf(urgencyRules),
  }
  return {
    ...heard,
    plain,
    crisis: calm ? undefined : long ? crisisGate(text) : crisisInPlain(written),
    subject: subjectIn(plain),
    concepts: [...conceptsIn(plain)],
    rules,
  }
}

/** One form for ages: most people say 八十二岁, and what is learnt of it must count for 82岁. */
const agesInWords = (text: string): string =>
  text.replace(/(?<![\d.])([1-9]?)(\d)(?=多?周?岁)/gu, (_, tens: string, ones: string) =>
    tens === '' ? inHan(ones) : `${tens === '1' ? '' : inHan(tens)}十${ones === '0' ? '' : inHan(ones)}`,
  )

const inHan = (digit: string): string => '零一二三四五六七八九'.charAt(Number(digit))
