import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Corpus } from '../../src/classify/corpus.ts'
import { crisisGate } from '../../src/classify/crisis.ts'
import type { Model } from '../../src/classify/model.ts'
import { baseModel, trainingFiles } from '../../src/classify/training.ts'
import { modelCommand } from '../../src/learning/command.ts'
import { makeModels } from '../../src/learning/models.ts'
import { makeLearn, makeRetrain } from '../../src/learning/retrain.ts'
import {
  claimTraining,
  insertModel,
  lastTraining,
  listModels,
  modelInUse,
  setModelInUse,
} from '../../src/store/models.ts'
import { root } from '../harness/linbang.ts'
import { freshStore, type Store } from '../harness/store.ts'

const log = pino({ level: 'silent' })
const now = () => new Date('2026-11-23T10:00:00+08:00')

describe('learning from corrections', { timeout: 120_000 }, () => {
  let store: Store
  let base: Model
  let corpus: Corpus
  let personId: number
  let staffId: number
  const files = trainingFiles(root)

  beforeAll(async () => {
    const [opened, trained] = await Promise.all([freshStore(), baseModel(files)])
    store = opened
    base = trained.model
    corpus = trained.corpus
    personId = (await store.db.person.create({ data: {} })).id
    staffId = (await store.db.staff.create({ data: { code: 'c-01', name: '示例协调员', role: 'coordinator' } })).id
  })
  afterAll(() => store.drop())

  const parts = (models = makeModels({ db: store.db, base, log })) => ({
    models,
    deps: {
      db: store.db,
      seal: store.seal,
      corpus,
      base,
      current: models.current,
      gate: crisisGate,
      worker: files.worker,
      now,
      log,
    },
  })

  /** One request that a person has corrected. */
  async function corrected(text: string, head: string, after: string[]): Promise<void> {
    const request = await store.db.helpRequest.create({
      data: {
        queryCode: '000000',
        requesterId: personId,
        ownerId: staffId,
        status: 'closed',
        urgency: 'normal',
        programmes: [],
        needs: [],
        reasons: [],
        detailsSealed: store.seal.seal({ words: [text] }),
        openedAt: now(),
        submittedAt: now(),
      },
    })
    await store.db.correction.create({
      data: { requestId: request.id, staffId, head, before: [], after, why: 'work', at: now() },
    })
  }

  it('trains beside the program, examines, keeps and uses what is no worse; another process follows', async () => {
    await corrected('我要办那个粉红卡', 'need', ['financial_medical'])
    await corrected('粉红卡怎么还没到', 'need', ['financial_medical'])
    const { models, deps } = parts()
    const done = await makeRetrain(deps)()
    expect(done.lessons).toBe(2)
    expect(done.refused).toBeUndefined()
    expect(done.version).not.toBe(base.version)
    const elsewhere = parts().models
    await Promise.all([models.refresh(), elsewhere.refresh()])
    expect(elsewhere.current().version).toBe(done.version)
    expect((await makeRetrain(deps)()).version).toBe(done.version)
  })

  it('one command goes back, and training then waits until it is told to follow again', async () => {
    const said: string[] = []
    const command = (...args: string[]) =>
      modelCommand(args, { db: store.db, base: base.version, print: (line) => said.push(line) })
    const newest = (await modelInUse(store.db))?.version ?? ''
    expect(await command('use', 'base')).toBe(0)
    const { models, deps } = parts()
    await models.refresh()
    expect(models.current().version).toBe(base.version)
    await corrected('粉红卡丢了', 'need', ['financial_medical'])
    expect((await makeRetrain(deps)()).refused).toMatch('a person chose')
    expect(await command('use', 'nonsense')).toBe(1)
    expect(await command('use', newest)).toBe(0)
    expect(await command('use', 'newest')).toBe(0)
    expect(await command('list')).toBe(0)
    expect(said.join('\n')).toContain(newest)
    expect(await command('fly')).toBe(2)
  })

  it('keeps five beside the one in use, and falls back to its own when the chosen one cannot be read', async () => {
    const row = { corrections: 0, base: base.version, scores: {}, refused: null }
    for (let i = 0; i < 8; i++) {
      const at = new Date(now().getTime() + i * 60_000)
      await insertModel(store.db, { ...row, version: `m-test-${i}`, written: Buffer.from('damaged'), at })
    }
    expect((await listModels(store.db)).length).toBeLessThanOrEqual(6)
    await setModelInUse(store.db, { version: 'm-test-7', chosen: true })
    const { models } = parts()
    await models.refresh()
    expect(models.current().version).toBe(base.version)
    await setModelInUse(store.db, undefined)
  })

  it('a poisoned correction cannot make a crisis ordinary', async () => {
    for (const text of ['药都准备好了', '我不想活了', '老公又打我了']) await corrected(text, 'urgency', ['normal'])
    const { models, deps } = parts()
    await makeRetrain(deps)()
    await models.refresh()
    expect(crisisGate('药都准备好了')).toBeDefined()
    const lessons = await store.db.correction.count({ where: { head: 'urgency' } })
    expect(lessons).toBe(3)
  })

  it('waits for enough to learn, and of two that want to train one does', async () => {
    const { deps } = parts()
    const before = (await listModels(store.db)).length
    const learn = makeLearn({ ...deps, zone: 'Asia/Shanghai' })
    await learn()
    expect((await listModels(store.db)).length).toBe(before)
    for (let i = 0; i < 20; i++) await corrected(`示例第${i}句：想要个坐便椅`, 'need', ['rehab_assistive'])
    const seen = await lastTraining(store.db)
    const claims = await Promise.all([1, 2, 3].map(() => claimTraining(store.db, seen, now(), 1)))
    expect(claims.filter((won) => won).length).toBe(1)
    await makeLearn({ ...deps, zone: 'Asia/Shanghai' })()
    expect((await lastTraining(store.db))?.corrections).toBe(await store.db.correction.count())
  })
})
