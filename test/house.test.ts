import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { zh } from '../src/texts/say.ts'
import { zhCrisis } from '../src/texts/zh-crisis.ts'
import { zhNotice } from '../src/texts/zh-notice.ts'
import { zhResident } from '../src/texts/zh-resident.ts'
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
  const residents: [string, string][] = [
    ...Object.entries({ ...zhResident, ...zhCrisis }),
    ...Object.entries(zhNotice).filter(([key]) => key.startsWith('notice.')),
  ]
  const code = sources
    .filter((file) => !/src\/texts\/zh-/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')

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
    const jargon = /工单|个案|转介|SLA|预估|尽快|马上就到|系统故障|案主|服务对象|\p{Extended_Pictographic}/u
    expect(residents.filter(([, text]) => jargon.test(text)).map(([key]) => key)).toEqual([])
    // Staff know their own words, but not ours.
    const ours = /工单|SLA|尽快|\p{Extended_Pictographic}/u
    expect(entries.filter(([, text]) => ours.test(text.replaceAll('✓', ''))).map(([key]) => key)).toEqual([])
  })

  it('asks one thing at a time', () => {
    const many = residents.filter(([, text]) => (text.match(/？/gu) ?? []).length > 1)
    // In a crisis the second question only helps to answer the first.
    expect(many.map(([key]) => key).filter((key) => !key.startsWith('crisis.'))).toEqual([])
  })

  it('writes Chinese with Chinese marks', () => {
    const halfWidth = /\p{Script=Han}[,;:!?]|[,;!?]\p{Script=Han}/u
    expect(entries.filter(([, text]) => halfWidth.test(text)).map(([key]) => key)).toEqual([])
  })

  it('is said somewhere', () => {
    const unsaid = entries.filter(([key]) => {
      if (code.includes(`'${key}'`) || new RegExp(`\\b${key}:`).test(code)) return false
      // A key put together in the code: `programme.${programme}`.
      const parts = key.split('.')
      return !parts.some((_, i) => i > 0 && code.includes(`\`${parts.slice(0, i).join('.')}.\${`))
    })
    expect(unsaid.map(([key]) => key)).toEqual([])
  })

  it('of a crisis holds a number to call, and at most three', () => {
    const first = entries.filter(([key]) =>
      /^crisis\.(suicide|violence|medical|fire|missing|child_harm|unclear|others)$/.test(key),
    )
    expect(first.length).toBe(8)
    for (const [key, text] of first) {
      const numbers = new Set(text.match(/\b1\d{2,7}\b/g) ?? [])
      expect([key, numbers.size >= 1 && numbers.size <= 3]).toEqual([key, true])
    }
  })
})

describe('every failure that others had', () => {
  it('has the test that is named for it', () => {
    const table = readFileSync(join(root, 'docs/failures-elsewhere.md'), 'utf8')
    const named = [...table.matchAll(/^\| [^|]+ \| ([^|]+) \|$/gm)].map(([, title = '']) => title.trim()).slice(2)
    expect(named.length).toBeGreaterThanOrEqual(24)
    const tests = files(join(root, 'test'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n')
    expect(named.filter((title) => !tests.includes(`'${title}'`))).toEqual([])
  })
})

describe('a button', () => {
  it('carries at most 64 bytes, with the longest ids and names it can hold', () => {
    const templates = sources.flatMap((file) => [
      ...readFileSync(file, 'utf8').matchAll(/token: `([^`]+)`|answer\('(\w+)', `?'?([^,`']+)[`']?,/g),
    ])
    const tokens = templates.map(([, token, slot, value]) => token ?? `q:${slot}:${value}`)
    expect(tokens.length).toBeGreaterThan(20)
    // A database id has at most ten digits; the longest name is that of a programme or need.
    const longest = (token: string) =>
      token.replace(/\$\{[^}]*(?:id|Id|ID)\}/g, '2147483647').replace(/\$\{[^}]*\}/g, 'rehab_assistive')
    expect(tokens.map(longest).filter((token) => Buffer.byteLength(token) > 64)).toEqual([])
  })
})
