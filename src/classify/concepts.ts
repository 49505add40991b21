import { bodyConcepts } from './concepts-body.ts'
import { dangerConcepts } from './concepts-danger.ts'
import { lifeConcepts } from './concepts-life.ts'
import { talkConcepts } from './concepts-talk.ts'

const concepts: readonly string[] = [...dangerConcepts, ...bodyConcepts, ...lifeConcepts, ...talkConcepts]

/** Ages are concepts too, but no list of words: of an old person, of a child. */
const ages: readonly RegExp[] = [
  /(?<!\d)(?:[6-9]\d|1[01]\d)多?(?:岁|周岁|的人|啦|了|外)|[六七八九]十[一二三四五六七八九几多来]?多?(?:岁|的人|了|啦|外)|\b(?:[6-9]\d) ?(?:years|yo\b)|\b(?:is|am|age|aged) [6-9]\d\b/u,
  /(?<!\d)(?:\d|1[0-7])岁|(?<!十)(?:[一二三四五六七八九十]|十[一二三四五六七])岁|(?<!\d)\d{1,2}个月大/u,
]

export const conceptCount = concepts.length + ages.length

/** A node of the word tree: which concepts a word that ends here belongs to, and which characters may follow. */
interface Node {
  readonly next: Map<number, Node>
  readonly ends: number[]
}

const tree: Node = grown()

/** Which concepts a normalised text speaks of, by number; one walk over the text. */
export function conceptsIn(plain: string): Set<number> {
  const found = new Set<number>()
  for (let i = 0; i < plain.length; i++) {
    // A Latin word counts only from its beginning: "fire" is in "fired", not in "misfire".
    if (isLatin(plain.charCodeAt(i)) && i > 0 && isLatin(plain.charCodeAt(i - 1))) continue
    let node: Node | undefined = tree
    for (let k = i; k < plain.length; k++) {
      node = node.next.get(plain.charCodeAt(k))
      if (!node) break
      for (const concept of node.ends) found.add(concept)
    }
  }
  for (const [i, age] of ages.entries()) if (age.test(plain)) found.add(concepts.length + i)
  return found
}

function grown(): Node {
  const root: Node = { next: new Map(), ends: [] }
  for (const [concept, words] of concepts.entries()) {
    for (const word of words.split('|')) {
      let node = root
      for (let i = 0; i < word.length; i++) {
        const code = word.charCodeAt(i)
        let following = node.next.get(code)
        if (!following) {
          following = { next: new Map(), ends: [] }
          node.next.set(code, following)
        }
        node = following
      }
      if (!node.ends.includes(concept)) node.ends.push(concept)
    }
  }
  return root
}

const isLatin = (code: number): boolean => code >= 97 && code <= 122
