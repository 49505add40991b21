import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zh } from '../src/texts/say.ts'
import { root } from './harness/linbang.ts'

function files(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'generated') return []
    const path = join(dir, entry.name)
    return entry.isDirectory() ? files(path) : [path]
  })
}
const sources = files(join(root, 'src')).filter((file) => file.endsWith('.ts'))

describe('the house', () => {
  it('has no file that has grown past its one thing, and no drawer by name', () => {
    expect(sources.length).toBeGreaterThan(60)
    const long = sources.filter((file) => readFileSync(file, 'utf8').split('\n').length > 301)
    expect(long.map((file) => relative(root, file))).toEqual([])
    expect(sources.filter((file) => /manager|helper|utils?\b|index\.ts$/i.test(relative(root, file)))).toEqual([])
  })

  it('has rules that read no clock and roll no dice', () => {
    const pure = sources.filter((file) =>
      /src\/(domain|conversation\/(turn|resident|worker|coordinator|intake|staff))/.test(file),
    )
    expect(pure.length).toBeGreaterThan(15)
    const impure = pure.filter((file) => /new Date\(\)|Date\.now\(\)|Math\.random\(\)/.test(readFileSync(file, 'utf8')))
    expect(impure.map((file) => relative(root, file))).toEqual([])
  })
})

describe('every text', () => {
  const entries = Object.entries(zh)
  const residents = entries.filter(([key]) =>
    /^(resident|ask|confirm|receipt|human|status|withdraw|feedback|chat|crisis|nudge|notice)/.test(key),
  )

  it('a resident reads has sentences of at most forty characters', () => {
    const long = residents.flatMap(([key, text]) =>
      text
        .split(/[。！？\n：]/u)
        .filter((sentence) => (sentence.match(/\p{Script=Han}/gu) ?? []).length > 40)
        .map((sentence) => `${key}: ${sentence}`),
    )
    expect(long).toEqual([])
  })

  it('is free of jargon, of empty promises, and of meaning by emoji alone', () => {
    const jargon = /工单|个案|转介|SLA|预估|尽快|马上就到|系统故障|\p{Extended_Pictographic}/u
    expect(residents.filter(([, text]) => jargon.test(text)).map(([key]) => key)).toEqual([])
  })

  it('of a crisis holds a number to call, and at most three', () => {
    const first = entries.filter(([key]) =>
      /^crisis\.(suicide|violence|medical|fire|missing|child_harm|unclear)$/.test(key),
    )
    expect(first.length).toBe(7)
    for (const [key, text] of first) {
      const numbers = new Set(text.match(/\b1\d{2,7}\b/g) ?? [])
      expect([key, numbers.size >= 1 && numbers.size <= 3]).toEqual([key, true])
    }
  })
})
