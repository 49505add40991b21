import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { acrossAuthors, acrossInWords } from '../../src/classify/across-authors.ts'
import { heldOutAuthor, readCorpus, readLabelled } from '../../src/classify/corpus.ts'
import { evaluate } from '../../src/classify/evaluate.ts'
import { byRules } from '../../src/classify/rules.ts'
import { train } from '../../src/classify/train.ts'
import { trainingFiles } from '../../src/classify/training.ts'
import { intents, needs, programmes, urgencies } from '../../src/domain/taxonomy.ts'
import { root } from '../harness/linbang.ts'

const { corpusDir } = trainingFiles(root)
const rows = readdirSync(corpusDir).flatMap((file) => {
  const { rows, problems } = readLabelled(readFileSync(`${corpusDir}/${file}`, 'utf8'))
  expect(problems).toEqual([])
  return rows
})

describe('the corpus', () => {
  it('has 2,500 utterances and every label many times', () => {
    expect(rows.length).toBeGreaterThanOrEqual(2_500)
    for (const label of intents) expect(rows.filter((row) => row.intent === label).length).toBeGreaterThan(50)
    for (const label of programmes)
      expect(rows.filter((row) => row.programmes?.includes(label)).length).toBeGreaterThan(80)
    for (const label of needs) expect(rows.filter((row) => row.needs?.includes(label)).length).toBeGreaterThan(80)
    for (const label of urgencies) expect(rows.filter((row) => row.urgency === label).length).toBeGreaterThan(80)
  })

  it('says what a crisis is about exactly where there is one, and never tags one as a look-alike', () => {
    for (const row of rows) {
      expect([row.id, row.urgency === 'crisis']).toEqual([row.id, row.crisis !== undefined])
      if (row.urgency === 'crisis') expect([row.id, row.lookalike]).toEqual([row.id, undefined])
    }
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length)
  })

  it('holds nobody real: no number that could be rung', () => {
    expect(rows.filter((row) => /(?<!\d)1[3-9]\d{9}(?!\d)/.test(row.text))).toEqual([])
  })

  it('keeps the held-out file out of training', () => {
    const { training, gold } = readCorpus(corpusDir)
    expect(training.every((row) => row.author !== heldOutAuthor)).toBe(true)
    expect(gold.length).toBeGreaterThan(100)
    expect(training.length + gold.length).toBe(rows.length)
  })

  it('a line that cannot be read is named, the others are kept', () => {
    const read = readLabelled('{"text":"好"}\nnonsense\n{"text":"坏","urgency":"extreme"}\n\n{"text":1}')
    expect(read.rows.map((row) => row.text)).toEqual(['好'])
    expect(read.problems.map((problem) => problem.split(':')[0])).toEqual(['line 2', 'line 3', 'line 5'])
  })
})

describe('an evaluation', () => {
  it('counts what was right, missed and falsely alarmed, label by label', async () => {
    const found = await evaluate(
      [
        { text: '我不想活了', urgency: 'crisis' },
        { text: '阳台的风真大', urgency: 'crisis' },
        { text: '轮椅坏了', programmes: ['disability'], needs: ['rehab_assistive'], urgency: 'normal' },
        { text: '谢谢', intent: 'thanks', programmes: ['elder'] },
      ],
      async (text, context) => byRules(text, context),
    )
    expect(found.crisis).toMatchObject({ all: 2, recall: 0.5, falseAlarms: 0, missed: ['阳台的风真大'] })
    const disability = found.heads.programme.labels.find((l) => l.label === 'disability')
    expect(disability).toMatchObject({ precision: 1, recall: 1, f1: 1, support: 1 })
    expect(found.heads.programme.macroF1).toBe(0.5)
    expect(found.heads.intent.labels.find((l) => l.label === 'thanks')?.f1).toBe(1)
  })
})

describe('an evaluation across authors', () => {
  it('leaves out each author but the first, and trains on none of their lines', async () => {
    const training = ['a', 'j', 'k'].map((author) => ({
      text: `${author} 轮椅坏了`,
      author,
      weight: 1,
      labels: { intent: 'help_request' as const, programmes: ['disability' as const], urgency: 'normal' as const },
    }))
    const seen: string[] = []
    const results = await acrossAuthors({ training }, async (rows) => {
      seen.push(rows.map((row) => row.author).join(''))
      return train(rows, 'test')
    })
    expect(seen).toEqual(['ak', 'aj'])
    expect(results.map(({ author, found }) => [author, found.rows])).toEqual([
      ['j', 1],
      ['k', 1],
    ])
    expect(acrossInWords(results)).toMatch(/^j\s+1/m)
  })
})
