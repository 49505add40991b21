import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeFieldKey, loadFieldKey, makeSeal } from '../../src/store/secrets.ts'
import { seal } from '../harness/store.ts'

describe('a seal', () => {
  it('gives back what was sealed, whatever JSON it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const same = JSON.parse(JSON.stringify(value)) as unknown
        expect(seal.open(seal.seal(value))).toEqual(same)
      }),
    )
  })

  it('shows nothing of it, and never twice the same', () => {
    const words = '示例居民说的话'
    const once = seal.seal({ words })
    expect(once).toMatch(/^s1\.[\w-]+$/)
    expect(Buffer.from(once.slice(3), 'base64url').toString('utf8')).not.toContain(words.slice(0, 2))
    expect(seal.seal({ words })).not.toBe(once)
  })

  it('does not open with another key', () => {
    const other = makeSeal(new Uint8Array(32).fill(8))
    expect(() => other.open(seal.seal('示例'))).toThrow()
  })

  it('does not open when any bit was changed or the end was cut off', () => {
    const sealed = seal.seal({ urgency: 'crisis' })
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(() => seal.open(`s1.${changed.toString('base64url')}`)).toThrow()
      }),
    )
    for (let length = 0; length < bytes.length; length++) {
      expect(() => seal.open(`s1.${bytes.subarray(0, length).toString('base64url')}`)).toThrow()
    }
  })

  it('says so when a text is not a sealed one', () => {
    expect(() => seal.open('我想找工作')).toThrow('unknown form')
    expect(() => seal.open('')).toThrow('unknown form')
  })
})

describe('the field key', () => {
  let dataDir: string
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'linbang-key-'))
  })
  afterEach(() => rmSync(dataDir, { recursive: true }))

  it('is made once in a new data directory, for its owner only', () => {
    const dir = join(dataDir, 'new')
    const key = loadFieldKey({ dataDir: dir })
    expect(key.length).toBe(32)
    expect(loadFieldKey({ dataDir: dir })).toEqual(key)
    expect(statSync(join(dir, 'field.key')).mode & 0o077).toBe(0)
    expect(readdirSync(dir)).toEqual(['field.key'])
  })

  it('is the setting when there is one, as hex or as base64, and then no file is made', () => {
    const key = Buffer.alloc(32, 0xab)
    expect(loadFieldKey({ fieldKey: key.toString('hex'), dataDir })).toEqual(key)
    expect(loadFieldKey({ fieldKey: key.toString('base64'), dataDir })).toEqual(key)
    expect(readdirSync(dataDir)).toEqual([])
    expect(() => decodeFieldKey('short')).toThrow('32 bytes')
  })

  it('is never replaced: a damaged file stops the start', () => {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(join(dataDir, 'field.key'), '')
    expect(() => loadFieldKey({ dataDir })).toThrow(`${join(dataDir, 'field.key')} holds no key`)
    expect(readFileSync(join(dataDir, 'field.key'), 'utf8')).toBe('')
  })
})
