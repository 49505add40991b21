import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { onDuty } from '../../src/domain/duty.ts'
import { workingCalendar } from '../../src/store/calendar.ts'
import { transaction } from '../../src/store/db.ts'
import { readDistrict, seedOnce, writeDistrict } from '../../src/store/district.ts'
import { dutyFacts } from '../../src/store/staff.ts'
import { root } from '../harness/linbang.ts'
import { freshStore } from '../harness/store.ts'

const shipped = readFileSync(`${root}/prisma/seed/huli.yaml`, 'utf8')
const now = new Date('2026-11-23T03:00:00+08:00')

function district() {
  const read = readDistrict(shipped)
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  return read.district
}

describe('the shipped district', () => {
  it('is the one of the 2012 post', () => {
    const { streets, programmes, agencies, staff, contracts } = district()
    expect([streets.length, programmes.length, agencies.length]).toEqual([5, 4, 5])
    const count = (role: string) => staff.filter((s) => s.role === role).length
    expect([count('social_worker'), count('nurse'), count('counsellor')]).toEqual([27, 13, 10])
    const disability = contracts.filter((c) => c.programme === 'disability')
    expect(disability.reduce((sum, c) => sum + c.amountYuan, 0)).toBe(500_000)
    expect(new Set(disability.map((c) => c.agency)).size).toBe(2)
    expect(staff.every((s) => s.name.startsWith('示例'))).toBe(true)
  })

  it('imports twice without a change, seeds once however many start, and has somebody on duty at three in the morning', async () => {
    const store = await freshStore()
    try {
      expect((await Promise.all([1, 2, 3].map(() => seedOnce(store.db, shipped, now)))).filter(Boolean).length).toBe(1)
      const before = [await store.db.community.count(), await store.db.shift.count(), await store.db.quota.count()]
      await transaction(store.db, (tx) => writeDistrict(tx, district()))
      expect([await store.db.community.count(), await store.db.shift.count(), await store.db.quota.count()]).toEqual(
        before,
      )

      const facts = await dutyFacts(store.db, now, 'Asia/Shanghai')
      const calendar = await workingCalendar(store.db, 'Asia/Shanghai')
      const duty = new Set(onDuty(facts, calendar, now).map((d) => d.staffId))
      for (const agency of await store.db.agency.findMany({ include: { staff: true } })) {
        expect(agency.staff.filter((s) => duty.has(s.id)).length).toBeGreaterThanOrEqual(2)
      }
      const communities = await store.db.community.findMany()
      for (const programme of ['disability', 'elder', 'single_mother', 'migrant']) {
        const covered = new Set(facts.contracts.filter((c) => c.programme === programme).flatMap((c) => c.communityIds))
        expect(communities.filter((c) => !covered.has(c.id))).toEqual([])
      }
    } finally {
      await store.drop()
    }
  })
})

describe('a mistake in a district file', () => {
  const mistakes = [
    ['an agency that does not exist', 'agency: a5\n    buyer', 'agency: a9\n    buyer', /没有代码为“a9”的机构/],
    ['an end before the beginning', 'endsOn: 2027-12-31', 'endsOn: 2025-12-31', /结束比开始还早/],
    ['a date that is none', 'startsOn: 2026-01-01', 'startsOn: 2026-13-01', /日期|没有这一天/],
    ['a role nobody knows', 'role: nurse', 'role: wizard', /role/],
    ['broken YAML', 'staff:', 'staff: [', /写法不对/],
  ] as const
  it.each(mistakes)('%s is named by its line', (_name, right, wrong, said) => {
    expect(shipped).toContain(right)
    const read = readDistrict(shipped.replace(right, wrong))
    if (!('problems' in read)) throw new Error('the mistake was not found')
    const [first] = read.problems
    expect(read.problems.map((p) => p.message).join('\n')).toMatch(said)
    expect(first?.line).toBeGreaterThan(1)
  })
})
