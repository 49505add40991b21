import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuditor } from '../../src/dispatch/auditor.ts'
import { makeEscalate } from '../../src/dispatch/escalate.ts'
import { makeInTurn } from '../../src/dispatch/in-turn.ts'
import { officeSpans } from '../../src/domain/calendar.ts'
import { fairTurn } from '../../src/domain/policy.ts'
import { transaction } from '../../src/store/db.ts'
import { orphans } from '../../src/store/orphans.ts'
import { dutyFacts } from '../../src/store/staff.ts'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { seal } from '../harness/store.ts'
import { submits } from '../harness/story.ts'

/** The auditor alone, on the store of a Linbang whose bells and sweeps see nothing of it (their clock stands still). */
describe('the auditor', () => {
  let linbang: Linbang
  let counted: number[]
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  async function audit(at: Date): Promise<void> {
    const { db } = linbang
    const now = () => at
    const log = pino({ level: 'silent' })
    const calendar = async () => ({ zone: 'Asia/Shanghai', days: new Map(), spans: officeSpans })
    const facts = () => dutyFacts(db, at, 'Asia/Shanghai')
    const inTurn = makeInTurn({ db, seal, ring: async () => undefined, calendar, facts, now, log })
    const escalate = makeEscalate({ inTurn, policy: fairTurn, log })
    counted = []
    await makeAuditor({ db, inTurn, escalate, now, log, onAudit: (n) => counted.push(n) })()
  }

  it('finds nothing to mend where the promise is kept', async () => {
    await submits(await linbang.resident())
    await audit(linbang.clock.now())
    expect(counted).toEqual([0])
  })

  it('a deadline that nobody woke up for is found, handled and told of', async () => {
    const resident = await linbang.resident()
    const number = await submits(resident)
    const before = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    const later = new Date((before.nextDeadline?.getTime() ?? 0) + 3 * 60_000)
    await audit(later)
    expect(counted[0]).toBeGreaterThan(0)
    const after = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(after.nextDeadline?.getTime()).toBeGreaterThan(later.getTime())
    expect(await orphans(linbang.db, new Date(later.getTime() - 120_000), 10)).toEqual([])
    const coordinator = await linbang.coordinator()
    const told = await linbang.db.outboundMessage.count({ where: { dedupeKey: { startsWith: 'audit:' } } })
    expect(told).toBe(1)
    coordinator.hangUp()
  })

  it('reads only what is open, however many requests are closed, so that nobody has to switch it off', async () => {
    const { db } = linbang
    await db.$executeRaw`
      INSERT INTO "HelpRequest" ("queryCode", "requesterId", status, version, "ownerId", rung, urgency, programmes, needs,
        "detailsSealed", reasons, "openedAt")
      SELECT '000000', one."requesterId", 'closed', 9, one."ownerId", 0, 'normal', '{}', '{}', one."detailsSealed", '{}',
        one."openedAt"
      FROM (SELECT * FROM "HelpRequest" ORDER BY id LIMIT 1) one, generate_series(1, 20000)`
    await db.$executeRaw`ANALYZE "HelpRequest"`
    const read = await transaction(db, async (tx) => {
      const found = await orphans(tx, linbang.clock.now(), 10)
      const [stat] = await tx.$queryRaw<{ rows: number }[]>`
        SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_user_tables WHERE relname = 'HelpRequest'`
      return { found, rows: stat?.rows ?? Number.NaN }
    })
    const open = await db.helpRequest.count({ where: { nextDeadline: { not: null } } })
    expect(read.rows).toBeLessThanOrEqual(3 * (open + 1))
    await db.$executeRaw`DELETE FROM "HelpRequest" WHERE version = 9 AND status = 'closed' AND "queryCode" = '000000'`
  })

  it('a request whose owner has left goes to the coordinator and is offered anew', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.says(`接 ${number}`)
    await resident.sees('已经接下')
    await linbang.db.staff.update({ where: { code: 'a3-sw-01' }, data: { active: false } })
    await audit(linbang.clock.now())
    expect(counted).toEqual([1])
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { owner: true } })
    expect(row).toMatchObject({ status: 'queued', assigneeId: null, owner: { role: 'coordinator' } })
    const events = await linbang.db.requestEvent.findMany({ where: { requestId: row.id, step: 'owner_left' } })
    expect(events.length).toBe(1)
    await audit(linbang.clock.now())
    expect(counted).toEqual([0])
  })
})
