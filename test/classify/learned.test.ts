import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeCascade } from '../../src/classify/cascade.ts'
import type { Classify } from '../../src/classify/classifier.ts'
import { crisisGate } from '../../src/classify/crisis.ts'
import { whyRefused } from '../../src/classify/examination.ts'
import { makeGate, makeLearned } from '../../src/classify/learned.ts'
import { readModel, writeModel } from '../../src/classify/model.ts'
import { baseModel, trainInThread, trainingFiles, versionFor } from '../../src/classify/training.ts'
import { lessonsFrom } from '../../src/learning/lessons.ts'
import { root } from '../harness/linbang.ts'
import { testClassifier } from './contract.ts'
import { explicit, lookAlikes, veiled } from './phrases.ts'

const files = trainingFiles(root)
const { model, corpus } = await baseModel(files)
const trained: Classify = makeCascade({ detectors: [makeLearned(() => model)], onFailure: raise })

testClassifier('the trained model behind the rules', trained)

describe('the trained model', () => {
  const heard = (text: string) => trained(text, { gazetteer: [] })

  it.each([
    ['我爸78岁刚出院，今天没人照顾', 'elder', 'nursing', 'family'],
    ['轮椅坏了出不了门', 'disability', 'rehab_assistive', 'self'],
    ['从四川来打工，工资三个月没发', 'migrant', 'legal', 'self'],
    ['离婚了一个人带两个孩子，学费交不起', 'single_mother', 'financial_medical', 'self'],
  ])('files %s', async (text, programme, need) => {
    const found = await heard(text)
    expect(found.intent.label).toBe('help_request')
    expect(found.programmes.filter((p) => p.given).map((p) => p.label)).toContain(programme)
    expect(found.needs.filter((n) => n.given).map((n) => n.label)).toContain(need)
  })

  it('never takes a code, a number or a way in for a crisis', () => {
    const gate = makeGate(
      () => model,
      crisisGate,
      (error) => raise('crisis head', error),
    )
    const code = fc.stringMatching(/^[0-9A-F]{8,10}$|^[A-HJ-NP-Z2-9]{8}$|^\d{1,12}$/)
    fc.assert(
      fc.property(fc.constantFrom('', '加入 ', '查 1001 ', '单号'), code, (words, given) => {
        expect(gate(words + given)).toBeUndefined()
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives a reason in words for every label it files', async () => {
    const found = await heard('我是盲人，想找份工作，谁能教我用手机')
    for (const label of [...found.programmes, ...found.needs].filter((l) => l.given)) {
      const because = found.reasons.find((reason) => reason.label === label.label)?.because
      expect(because).toMatch(/→/)
      expect(because).not.toMatch(/[\^$]/)
    }
    expect(found.by).toBe(`rules-3+${model.version}`)
  })

  it('never lowers what the gate heard, whatever is written around it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (around) => {
        expect((await heard(`${around}。药都准备好了。${around}`)).urgency.label).toBe('crisis')
      }),
      { numRuns: 100 },
    )
  })

  it('hears the frozen phrases at the door and inside, and no everyday word that sounds like one', async () => {
    const gate = makeGate(() => model, crisisGate, raiseAny)
    expect([...explicit, ...veiled].filter((phrase) => gate(phrase) === undefined)).toEqual([])
    const inside = await Promise.all(explicit.map(async (phrase) => [phrase, (await heard(phrase)).urgency.label]))
    expect(inside.filter(([, urgency]) => urgency !== 'crisis')).toEqual([])
    const falsely = lookAlikes.filter((phrase) => gate(phrase) !== undefined)
    expect(falsely.length / lookAlikes.length, falsely.join(' | ')).toBeLessThan(0.02)
  })

  it('says the same at the door as inside', async () => {
    const gate = makeGate(() => model, crisisGate, raiseAny)
    for (const { text } of corpus.training.filter((_, i) => i % 20 === 0))
      expect([text, gate(text)?.kind]).toEqual([text, (await heard(text)).crisis?.kind])
  })

  it('weighs a hint with the words around it, and somebody still looks today; an explicit word always stands', async () => {
    const gate = makeGate(() => model, crisisGate, raiseAny)
    const takenBack = corpus.training.filter(
      ({ text, labels }) => labels.crisis === false && crisisGate(text)?.tier === 'veiled' && gate(text) === undefined,
    )
    expect(takenBack.length).toBeGreaterThan(5)
    for (const { text } of takenBack) expect([text, (await heard(text)).urgency.label]).toEqual([text, 'urgent'])
    for (const joke of ['他打我 斗地主的时候他打我一对王炸 哈哈', '我不想活了 哈哈 开玩笑的 今天斗地主输惨了'])
      expect([joke, gate(joke)?.tier]).toEqual([joke, 'explicit'])
  })

  it('a head that fails keeps nothing out', () => {
    const failures: unknown[] = []
    const broken = makeGate(
      () => {
        throw new Error('no model')
      },
      crisisGate,
      (error) => failures.push(error),
    )
    expect(broken('药都准备好了')?.kind).toBe('suicide')
    expect(broken('你好')).toBeUndefined()
    expect(failures.length).toBe(1)
  })

  it('the head alone hears some crises without the lexicon, and greets as before', () => {
    const gate = makeGate(
      () => model,
      () => undefined,
      raiseAny,
    )
    const crises = corpus.training.filter((row) => row.labels.crisis)
    expect(crises.filter((row) => gate(row.text)).length).toBeGreaterThan(crises.length / 10)
    expect(gate('你好')).toBeUndefined()
  })

  it('is the same from the same rows, in memory as on disk, and another from one more row', async () => {
    const again = await trainInThread(corpus.training, versionFor(corpus, files), files)
    expect(Buffer.compare(writeModel(again), writeModel(model))).toBe(0)
    expect(readModel(writeModel(model))).toEqual(model)
    const lesson = { text: '示例', author: 'corrections', weight: 3, labels: {} }
    expect(versionFor(corpus, files, [lesson])).not.toBe(model.version)
  }, 180_000)

  it('is refused when it is damaged or was written for other features', () => {
    const written = writeModel(model)
    expect(() => readModel(written.subarray(0, 2_000))).toThrow()
    expect(() =>
      readModel(Buffer.from(written.toString('latin1').replace('"dimensions":', '"dimensions":1'), 'latin1')),
    ).toThrow()
  })
})

describe('what corrections teach', () => {
  it('a crisis marked as ordinary teaches nothing about urgency, one that was missed teaches an alarm', () => {
    const poisoned = { requestId: 1, text: '药都准备好了', urgency: 'normal' as const, needs: [] }
    const missed = { requestId: 2, text: '阳台的风真大', urgency: 'crisis' as const }
    const [first, second] = lessonsFrom([poisoned, missed], crisisGate)
    expect(first?.labels).toEqual({ intent: 'help_request', needs: [] })
    expect(second?.labels).toMatchObject({ urgency: 'crisis', crisis: true })
  })
})

describe('a retrained model', () => {
  const scores = {
    heads: { intent: 0.9, programme: 0.9, need: 0.8, urgency: 0.7, subject: 0.7 },
    crisisRecall: 0.97,
    falseAlarms: 0.01,
  }
  it('may be a little worse at labels, and not at all at hearing a crisis', () => {
    const with_ = (change: object) => ({ ...scores, ...change })
    expect(whyRefused(scores, scores)).toBeUndefined()
    expect(whyRefused(scores, with_({ heads: { ...scores.heads, need: 0.791 } }))).toBeUndefined()
    expect(whyRefused(scores, with_({ heads: { ...scores.heads, need: 0.785 } }))).toMatch('need drops')
    expect(whyRefused(scores, with_({ crisisRecall: 0.969 }))).toMatch('fewer crises')
  })
})

function raiseAny(error: unknown): void {
  throw error
}

function raise(name: string, error: unknown): void {
  throw new Error(name, { cause: error })
}
