import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { officeSpans } from '../../src/domain/calendar.ts'
import { applyStep, type Context, openRequest, overtaken } from '../../src/requests/apply.ts'
import { openRequestsOf } from '../../src/store/carried.ts'
import { type Tx, transaction } from '../../src/store/db.ts'
import { dutyFacts } from '../../src/store/staff.ts'
import { freshStore, type Store } from '../harness/store.ts'

const now = new Date('2026-11-23T09:30:00+08:00')

describe('a step decided on a row that was read without its lock', () => {
  let store: Store
  let personId: number
  let context: (tx: Tx) => Context
  beforeEach(async () => {
    store = await freshStore()
    personId = (await store.db.person.create({ data: {} })).id
    const people = await dutyFacts(store.db, now, 'Asia/Shanghai')
    const calendar = { zone: 'Asia/Shanghai', days: new Map(), spans: officeSpans }
    context = (tx) => ({ tx, seal: store.seal, bells: [], offerIds: [], calendar, people, now })
    const { id: coordinatorId } = await store.db.staff.create({
      data: { code: 'c-01', name: '示例协调员', role: 'coordinator' },
    })
    const opening = {
      requesterId: personId,
      coordinatorId,
      description: { programmes: [], needs: [], urgency: 'normal' as const },
      details: { words: ['家里没人照顾'] },
      textOnly: false,
      classifiedBy: null,
      reasons: [],
      confidence: null,
    }
    await transaction(store.db, (tx) => openRequest(context(tx), opening, { kind: 'resident', personId }))
  })
  afterEach(() => store.drop())

  it('is undone whole when somebody else was quicker, and says so', async () => {
    const late = transaction(store.db, async (tx) => {
      const [seen] = await openRequestsOf(tx, store.seal, personId)
      if (!seen) throw new Error('no request')
      await transaction(store.db, (other) => applyStep(context(other), seen.id, { step: 'nudged' }, { kind: 'system' }))
      tx.write`INSERT INTO "Setting" (key, value) VALUES ('late', '')`
      await applyStep(context(tx), seen, { step: 'withdrawn' }, { kind: 'resident', personId }, seen.version)
    })
    expect(overtaken(await late.catch((error: unknown) => error))).toBe(true)
    expect(await store.db.setting.count({ where: { key: 'late' } })).toBe(0)
    const [request] = await openRequestsOf(store.db, store.seal, personId)
    expect([request?.status, request?.version]).toEqual(['intake', 2])
    const steps = await store.db.requestEvent.findMany({ orderBy: { version: 'asc' }, select: { step: true } })
    expect(steps.map(({ step }) => step)).toEqual(['opened', 'nudged'])
  })
})
