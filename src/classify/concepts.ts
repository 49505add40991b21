import { bodyConcepts } from './concepts-body.ts'
import { dangerConcepts } from './concepts-danger.ts'
import { lifeConcepts } from './concepts-life.ts'
import { talkConcepts } from './concepts-talk.ts'

const concepts: readonly string[] = [...dangerConcepts, ...bodyConcepts, ...lifeConcepts, ...talkConcepts]

export const conceptCount = concepts.length

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
