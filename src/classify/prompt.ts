import { parse } from 'yaml'
import { z } from 'zod'

/** A prompt as it stands in `prompts/`: what it is for in front, then the words for the model. */
export interface Prompt {
  readonly name: string
  readonly version: number
  readonly words: string
}

const Front = z.object({
  name: z.string(),
  version: z.int().positive(),
  purpose: z.string(),
  input: z.string(),
  schema: z.string(),
})

/** @throws when the front matter is missing or incomplete: a prompt without a version cannot be answered for. */
export function readPrompt(file: string): Prompt {
  const [, front = '', words = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]+)$/.exec(file.replaceAll('\r\n', '\n')) ?? []
  const { name, version } = Front.parse(parse(front))
  return { name, version, words: words.trim() }
}
