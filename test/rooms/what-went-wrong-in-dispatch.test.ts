import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeEscalate } from '../../src/dispatch/escalate.ts'
import { makeForesight } from '../../src/dispatch/foresight.ts'
import { makeHandOver } from '../../src/dispatch/hand-over.ts'
import { type InTurn, makeInTurn } from '../../src/dispatch/in-turn.ts'
import { makeOffer } from '../../src/dispatch/offer.ts'
import { fairTurn } from '../../src/domain/policy.ts'
import type { Actor, RequestStep } from '../../src/domain/request-step.ts'
import type { Urgency } from '../../src/domain/taxonomy.ts'
import { applyStep, openRequest, StepRefused } from '../../src/requests/apply.ts'
import { workingCalendar } from '../../src/store/calendar.ts'
import { type Db, openDb, transaction } from '../../src/store/db.ts'
import { readDistrict, writeDistrict } from '../../src/store/district.ts'
import { insertException } from '../../src/store/rota.ts'
import { coordinatorOnDuty, dutyFacts } from '../../src/store/staff.ts'
import { root } from '../harness/linbang.ts'
import { freshStore, type Store, seal } from '../harness/store.ts'
import { works } from '../harness/story.ts'

/** Failures that neighbouring systems had in who is asked, when, and how often; here on the real rooms with a clock by hand. */
describe('what went wrong with duty and offers elsewhere', () => {
  let store: Store
  let now: Date
  const more: Db[] = []
  const log = pino({ level: 'silent' })
  const zone = 'Asia/Shanghai'
  const system: Actor = { kind: 'system' }
  beforeEach(async () => {
    store = await freshStore()
    now = new Date('2026-11-23T09:30:00+08:00')
    const read = readDistrict(readFileSync(join(root, 'prisma/seed/huli.yaml'), 'utf8'))
    if ('problems' in read) throw new Error('the seed has a mistake')
    await transaction(store.db, (tx) => writeDistrict(tx, read.district))
    for (const { id } of await store.db.staff.findMany({ where: { role: { not: 'volunteer' } } })) {
      const address = { channel: 'web', account: 'web', externalId: `s${id}`, lastHeardAt: now }
      const person = await store.db.person.create({ data: { addresses: { create: address } }, select: { id: true } })
      await store.db.staff.update({ where: { id }, data: { personId: person.id } })
    }
  })
  afterEach(async () => {
    for (const db of more.splice(0)) await db.$disconnect()
    await store.drop()
  })

  function roomsOn(db: Db) {
    const inTurn = makeInTurn({
      db,
      seal,
      ring: async () => undefined,
      calendar: () => workingCalendar(db, zone),
      facts: () => dutyFacts(db, now, zone),
      now: () => now,
      log,
    })
    return {
      inTurn,
      offer: makeOffer({ inTurn, policy: fairTurn, log }),
      escalate: makeEscalate({ inTurn, policy: fairTurn, log }),
      handOver: makeHandOver({ inTurn, policy: fairTurn, log }),
      foresight: makeForesight({ inTurn }),
    }
  }
  /** As another process would have it: its own connections, its own copy of everything. */
  function anotherProcess() {
    const db = openDb(store.url, { max: 4 })
    more.push(db)
    return roomsOn(db)
  }
  const forward = (minutes: number) => {
    now = new Date(now.getTime() + minutes * 60_000)
  }

  async function plea(inTurn: InTurn, urgency: Urgency = 'soon'): Promise<number> {
    let id = 0
    await inTurn(async (context) => {
      const address = { channel: 'web', account: 'web', externalId: randomUUID(), lastHeardAt: now }
      const { id: requesterId } = await context.tx.person.create({
        data: { addresses: { create: address } },
        select: { id: true },
      })
      const community = await context.tx.community.findFirstOrThrow({ where: { code: 'jinshang' } })
      const description = { urgency, programmes: ['elder' as const], needs: [], communityId: community.id }
      const opened = await openRequest(
        context,
        {
          requesterId,
          coordinatorId: coordinatorOnDuty(context.people, context.calendar, context.now).id,
          description,
          details: { words: ['示例'] },
          textOnly: false,
          classifiedBy: null,
          reasons: [],
          confidence: null,
        },
        { kind: 'resident', personId: requesterId },
      )
      id = opened.id
      await applyStep(context, id, { step: 'submitted' }, { kind: 'resident', personId: requesterId })
    })
    return id
  }
  const take = (inTurn: InTurn, id: number, step: RequestStep, by: Actor) =>
    inTurn(async (context) => void (await applyStep(context, id, step, by)))
  const openOffers = (requestId: number) =>
    store.db.offer.findMany({ where: { requestId, status: 'open' }, include: { staff: true } })
  async function onlyOnDuty(agency: string, ...codes: string[]) {
    const everybody = await store.db.staff.findMany({ where: { agencyId: { not: null } } })
    for (const { code } of everybody) await works(store.db, code, codes.includes(code) ? [{ from: 0, to: 24 }] : [])
    return store.db.staff.findFirstOrThrow({ where: { agency: { code: agency }, code: codes[0] ?? '' } })
  }

  it('four processes offering at once never give one worker more than their limit', async () => {
    const { id: staffId } = await onlyOnDuty('a3', 'a3-sw-01')
    await store.db.staff.update({ where: { id: staffId }, data: { loadLimit: 3 } })
    const here = roomsOn(store.db)
    const ids: number[] = []
    for (let i = 0; i < 12; i++) ids.push(await plea(here.inTurn))
    const processes = [here, anotherProcess(), anotherProcess(), anotherProcess()]
    await Promise.all(ids.map((requestId, i) => (processes[i % 4] ?? here).offer({ requestId })))
    expect(await store.db.offer.count({ where: { staffId, status: 'open' } })).toBe(3)
    // Nobody was lost on the way: what found no room is with the lead or a coordinator, with a deadline.
    const rows = await store.db.helpRequest.findMany()
    expect(rows.every((r) => r.nextDeadline !== null && ['queued', 'offered'].includes(r.status))).toBe(true)
  })

  it('going off and on again brings back what waited; nothing is left that only a coordinator can fetch', async () => {
    const { id: staffId } = await onlyOnDuty('a3', 'a3-sw-01')
    const here = roomsOn(store.db)
    await here.inTurn(({ tx }) =>
      insertException(tx, {
        staffId,
        onDuty: false,
        why: 'said',
        from: now,
        until: new Date(now.getTime() + 3 * 3_600_000),
      }),
    )
    await here.handOver()
    const requestId = await plea(here.inTurn)
    await here.offer({ requestId })
    expect((await openOffers(requestId)).map((o) => o.staffId)).not.toContain(staffId)
    await store.db.setting.upsert({
      where: { key: 'duty.watched' },
      create: { key: 'duty.watched', value: now.toISOString() },
      update: { value: now.toISOString() },
    })
    forward(185)
    for (let i = 0; i < 6; i++) {
      const row = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
      if (row.nextDeadline && row.nextDeadline <= now) await here.escalate({ requestId })
    }
    await here.handOver()
    expect((await openOffers(requestId)).map((o) => o.staffId)).toContain(staffId)
  })

  it('a worker who is at their limit may still hand on: the request is not tied to a place they no longer need', async () => {
    const { id: giver } = await onlyOnDuty('a3', 'a3-sw-01', 'a3-sw-02')
    const other = await store.db.staff.findUniqueOrThrow({ where: { code: 'a3-sw-02' } })
    await store.db.staff.update({ where: { id: giver }, data: { loadLimit: 1 } })
    const here = roomsOn(store.db)
    const requestId = await plea(here.inTurn)
    await take(here.inTurn, requestId, { step: 'accepted', staffId: giver }, { kind: 'staff', staffId: giver })
    await take(here.inTurn, requestId, { step: 'handed_on', reason: 'full' }, { kind: 'staff', staffId: giver })
    await here.offer({ requestId })
    expect((await openOffers(requestId)).map((o) => o.staffId)).toEqual([other.id])
    await take(here.inTurn, requestId, { step: 'accepted', staffId: other.id }, { kind: 'staff', staffId: other.id })
    const row = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
    expect([row.ownerId, row.assigneeId]).toEqual([other.id, other.id])
    // And the giver has room again.
    const next = await plea(here.inTurn)
    await here.offer({ requestId: next })
    expect((await openOffers(next)).length).toBe(1)
  })

  it('every step of the ladder comes at its minute and not before, though nobody’s timer ever rings', async () => {
    await onlyOnDuty('a3', 'a3-sw-01')
    const here = roomsOn(store.db)
    const requestId = await plea(here.inTurn, 'urgent')
    await here.offer({ requestId })
    const began = now
    const seen: [number, string][] = []
    for (let minute = 0; minute <= 45; minute++) {
      now = new Date(began.getTime() + minute * 60_000)
      const before = await store.db.requestEvent.count({ where: { requestId } })
      // Asked every minute, as a sweep does; only what is due may move.
      await here.escalate({ requestId })
      const events = await store.db.requestEvent.findMany({ where: { requestId }, orderBy: { version: 'asc' } })
      for (const event of events.slice(before)) seen.push([minute, event.step])
    }
    expect(seen.find(([, step]) => step === 'unanswered' || step === 'offered')?.[0]).toBe(10)
    // Ten minutes a rung: the worker, the lead, then the coordinator by the half hour that was promised, and again.
    const climbed = seen.filter(([, step]) => step === 'climbed').map(([minute]) => minute)
    expect(climbed.length).toBeGreaterThan(0)
    expect(climbed[0]).toBeLessThanOrEqual(30)
    for (const [minute] of seen) expect(minute % 10).toBe(0)
  })

  it('a process that dies after each step is followed by another that goes on from the rows, to a named person', async () => {
    await onlyOnDuty('a3', 'a3-sw-01')
    let here = anotherProcess()
    const requestId = await plea(here.inTurn, 'urgent')
    const waits: string[] = []
    for (let i = 0; i < 12; i++) {
      const row = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
      waits.push(`${row.status}/${row.deadlineKind}`)
      // What the dead one knew is gone; the deadline in the row is not.
      here = anotherProcess()
      now = new Date(Math.max(now.getTime(), row.nextDeadline?.getTime() ?? 0))
      await here.escalate({ requestId })
    }
    expect(new Set(waits).size).toBeGreaterThan(2)
    const told = await store.db.outboundMessage.count({ where: { dedupeKey: { startsWith: `climb:${requestId}:` } } })
    expect(told).toBeGreaterThan(0)
    const { id: staffId } = await store.db.staff.findUniqueOrThrow({ where: { code: 'c-01' } })
    await take(here.inTurn, requestId, { step: 'accepted', staffId }, { kind: 'staff', staffId })
    const row = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
    expect(row).toMatchObject({ status: 'active', ownerId: staffId })
  })

  it('an acknowledgement, a decline or a bell of an earlier round changes nothing in a later one', async () => {
    const { id: first } = await onlyOnDuty('a3', 'a3-sw-01', 'a3-sw-02')
    const second = await store.db.staff.findUniqueOrThrow({ where: { code: 'a3-sw-02' } })
    const here = roomsOn(store.db)
    const requestId = await plea(here.inTurn)
    await here.offer({ requestId })
    await take(here.inTurn, requestId, { step: 'accepted', staffId: first }, { kind: 'staff', staffId: first })
    const seen = (await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })).version
    await take(here.inTurn, requestId, { step: 'handed_on', reason: 'ill' }, { kind: 'staff', staffId: first })
    await here.offer({ requestId })
    await take(here.inTurn, requestId, { step: 'accepted', staffId: second.id }, { kind: 'staff', staffId: second.id })
    const after = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
    const late = here.inTurn(
      async (context) =>
        void (await applyStep(context, requestId, { step: 'acknowledged' }, { kind: 'staff', staffId: first }, seen)),
    )
    await expect(late).rejects.toBeInstanceOf(StepRefused)
    const declined: RequestStep = { step: 'declined', staffId: first, reason: 'busy', othersOpen: 0 }
    await expect(take(here.inTurn, requestId, declined, { kind: 'staff', staffId: first })).rejects.toBeInstanceOf(
      StepRefused,
    )
    // Months later a bell that was lost on the way arrives.
    await here.escalate({ requestId })
    await here.offer({ requestId })
    expect(await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })).toEqual(after)
    await take(
      here.inTurn,
      requestId,
      { step: 'resolved', outcome: 'solved', askAt: null },
      { kind: 'staff', staffId: second.id },
    )
    await take(here.inTurn, requestId, { step: 'confirmed_solved' }, { kind: 'resident', personId: after.requesterId })
    forward(120 * 24 * 60)
    await here.escalate({ requestId })
    await here.offer({ requestId })
    expect(await store.db.requestEvent.count({ where: { requestId, at: { gte: now } } })).toBe(0)
  })

  it('two processes that look for holes and shift ends at the same moment tell each thing once', async () => {
    await onlyOnDuty('a3', 'a3-sw-01')
    const [one, two] = [anotherProcess(), anotherProcess()]
    await Promise.all([one.foresight(), two.foresight(), one.foresight()])
    const holes = await store.db.outboundMessage.findMany({ where: { dedupeKey: { startsWith: 'holes:' } } })
    const toEach = new Map<number, number>()
    for (const { personId } of holes) toEach.set(personId, (toEach.get(personId) ?? 0) + 1)
    expect(holes.length).toBeGreaterThan(0)
    expect([...toEach.values()].every((count) => count === 1)).toBe(true)
    // Hours later nothing is new: no word about what has passed, and none again about what was told.
    const before = await store.db.outboundMessage.count()
    forward(180)
    await one.foresight()
    expect(await store.db.outboundMessage.count({ where: { dedupeKey: { startsWith: 'holes:' } } })).toBe(holes.length)
    expect(await store.db.outboundMessage.count()).toBe(before)
  })

  it('a worker without an open page is on duty all the same: the rota decides, not a green dot', async () => {
    const { id: staffId } = await onlyOnDuty('a3', 'a3-sw-01')
    await store.db.address.updateMany({ data: { lastHeardAt: new Date('2026-09-01T00:00:00Z') } })
    const here = roomsOn(store.db)
    const requestId = await plea(here.inTurn)
    await here.offer({ requestId })
    expect((await openOffers(requestId)).map((o) => o.staffId)).toEqual([staffId])
  })

  it('accepted and then silent: reminded twice, then looked for somebody else, whatever the urgency, and the resident hears it', async () => {
    const { id: staffId } = await onlyOnDuty('a3', 'a3-sw-01', 'a3-sw-02')
    const here = roomsOn(store.db)
    for (const urgency of ['normal', 'urgent'] as const) {
      const requestId = await plea(here.inTurn, urgency)
      await take(here.inTurn, requestId, { step: 'accepted', staffId }, { kind: 'staff', staffId })
      await take(here.inTurn, requestId, { step: 'contacted' }, { kind: 'staff', staffId })
      for (let i = 0; i < 3; i++) {
        const row = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
        now = new Date(Math.max(now.getTime(), row.nextDeadline?.getTime() ?? 0))
        await here.escalate({ requestId })
      }
      const row = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
      // 首接负责: it is looked for, and until somebody has it the first receiver answers for it.
      expect(row).toMatchObject({ status: 'queued', ownerId: staffId, assigneeId: staffId })
      const truth = await store.db.outboundMessage.count({
        where: { dedupeKey: { startsWith: `taken:resident:${requestId}` } },
      })
      expect(truth).toBe(1)
      expect(await store.db.requestEvent.count({ where: { requestId, step: 'reminded' } })).toBe(2)
    }
    await expect(
      here.inTurn(async (context) => void (await applyStep(context, 1, { step: 'accepted', staffId }, system))),
    ).rejects.toBeInstanceOf(StepRefused)
  })

  it('a promise for the last minute of a working day is not left in silence until the next morning', async () => {
    await onlyOnDuty('a3', 'a3-sw-01', 'a3-sw-02', 'a3-sw-03', 'a3-sw-04', 'a3-sw-05')
    const here = roomsOn(store.db)
    now = new Date('2026-11-23T08:30:00+08:00')
    // 390 working minutes: by 17:30, when the working day ends. Each of the five has two hours to answer, and none does.
    const requestId = await plea(here.inTurn, 'normal')
    const promised = new Date('2026-11-23T17:30:00+08:00')
    for (;;) {
      const { nextDeadline } = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
      if (nextDeadline === null || nextDeadline > promised) break
      now = nextDeadline > now ? nextDeadline : now
      await here.escalate({ requestId })
    }
    const events = await store.db.requestEvent.findMany({
      where: { requestId, at: promised },
      orderBy: { version: 'asc' },
    })
    expect(events.map((event) => event.step)).toEqual(['unanswered', 'offered', 'offered'])
    // The next worker, and beside them the lead.
    expect((await openOffers(requestId)).map((o) => o.staff.role).sort()).toEqual(['lead', 'social_worker'])
  })

  it('a ladder the district has changed holds at once, and the rehearsal and the receipt read the same', async () => {
    await store.db.setting.create({
      data: {
        key: 'district.ladder',
        value: JSON.stringify({ urgent: { answer: 3, acknowledge: 20, next: ['coordinator'] } }),
      },
    })
    await onlyOnDuty('a3', 'a3-sw-01')
    const here = roomsOn(store.db)
    const requestId = await plea(here.inTurn, 'urgent')
    await here.offer({ requestId })
    const [offer] = await openOffers(requestId)
    expect(offer && offer.expiresAt.getTime() - now.getTime()).toBe(3 * 60_000)
    forward(3)
    await here.escalate({ requestId })
    const row = await store.db.helpRequest.findUniqueOrThrow({ where: { id: requestId } })
    expect((await store.db.requestEvent.findFirst({ where: { requestId, step: 'climbed' } }))?.toStatus).toBe('queued')
    expect(row.rung).toBeGreaterThan(0)
  })
})
