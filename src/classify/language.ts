import { Converter } from 'opencc-js/cn2t'
import { normalise } from './normalise.ts'

/** The language a text is written in, as far as it decides who can answer; `undefined` when it does not show. */
export type Written = 'zh' | 'zh-Hant' | 'en' | 'other'

/** Fewer words than this could be a name, a code or a brand in any language. */
const fewestWords = 2

export function languageOf(text: string): Written | undefined {
  const letters = text.normalize('NFKC').match(/\p{L}/gu) ?? []
  const han = letters.filter((letter) => /\p{Script=Han}/u.test(letter))
  if (han.length > 0 && han.length * 2 >= letters.length) return traditionalOrNot(han.join(''))
  const words =
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/\p{Script=Latin}+(?:'\p{Script=Latin}+)?/gu) ?? []
  if (han.length === 0 && words.length > 0 && words.join('').length * 1.2 >= letters.length) {
    if (words.some((word) => common.has(word)))
      return words.length >= fewestWords || greetings.has(words[0] ?? '') ? 'en' : undefined
    return words.length >= 4 ? 'other' : undefined
  }
  const foreign = letters.filter((letter) => !/[\p{Script=Han}a-z]/iu.test(letter))
  return foreign.length >= 3 && foreign.length * 2 > letters.length ? 'other' : undefined
}

/**
 * The language to answer in from now on, after these words; `undefined`: as before. Characters that both scripts write say
 * nothing against 繁體.
 */
export function turnsTo(text: string, present: string): Exclude<Written, 'other'> | undefined {
  const written = languageOf(text)
  if (written === undefined || written === 'other' || written === present) return undefined
  if (written === 'zh' && present === 'zh-Hant' && toTraditional(text) === text) return undefined
  return written
}

const toTraditional = Converter({ from: 'cn', to: 't' })

/** Characters that only 繁體 writes; one alone may be a name. */
function traditionalOrNot(han: string): Written | undefined {
  const simplified = normalise(han)
  if (simplified.length !== han.length) return undefined
  const changed = [...han].filter((character, i) => character !== [...simplified][i]).length
  if (changed >= 2) return 'zh-Hant'
  return changed === 0 && han.length >= 4 ? 'zh' : undefined
}

const greetings = new Set(['hello', 'hi', 'hey', 'help', 'please'])
const common = new Set(
  'hello hi hey help please i my me you your we he she it the a an is am are was have has had do does can cannot need want to and not no of in for with at on from what when where who how this that there'.split(
    ' ',
  ),
)
