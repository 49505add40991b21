import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fuzzySound } from '../../src/classify/sound.ts'
import type { Details } from '../../src/domain/details.ts'
import { kinOf, oneByKin } from '../../src/domain/kin.ts'
import { likelySame, numberIn, type Told, withinDays } from '../../src/domain/likely-same.ts'
import { needs, programmes, subjects } from '../../src/domain/taxonomy.ts'

const at = new Date('2026-11-23T01:30:00Z')
const plea = (words: string, more: Partial<Told> = {}, details: Partial<Details> = {}): Told => ({
  requesterId: 1,
  householdId: null,
  communityId: 5,
  programmes: ['elder'],
  needs: ['nursing'],
  subject: 'family',
  details: { words: [words], kin: '我妈', ...details },
  at,
  ...more,
})
const same = (newer: Told, older: Told) => likelySame(newer, older, fuzzySound)

describe('two pleas for one matter', () => {
  const son = plea('我妈82岁刚出院，住康乐，没人照顾，她叫林秀英')
  const daughter = plea('我妈妈今年八十二岁，叫林秀音，出院了要人照顾', {
    requesterId: 2,
    at: new Date(+at + 86_400_000),
  })

  it('are seen as one though the name is spelt otherwise and the age written in words', () => {
    expect(same(daughter, son)).toMatchObject({ community: true, age: 82, name: true, needs: ['nursing'] })
  })

  it('a year apart is how 虚岁 is counted; ten years apart are two people', () => {
    expect(same({ ...daughter, details: { ...daughter.details, words: ['我妈83岁要人照顾'] } }, son)).toBeDefined()
    expect(same({ ...daughter, details: { ...daughter.details, words: ['我妈72岁要人照顾'] } }, son)).toBeUndefined()
  })

  it('a mother and a father, another community, other needs, another week are not one matter', () => {
    const with_ = (more: Partial<Told>) => same({ ...daughter, ...more }, son)
    expect(with_({ details: { words: ['我爸82岁要人照顾'], kin: '我爸' } })).toBeUndefined()
    expect(with_({ communityId: 6 })).toBeUndefined()
    expect(with_({ needs: ['employment'], programmes: ['migrant'] })).toBeUndefined()
    expect(with_({ at: new Date(+at + (withinDays + 1) * 86_400_000) })).toBeUndefined()
  })

  it('a kin word and a name alone are what many share: nothing is suggested', () => {
    const one = plea('我妈叫林秀英要人照顾')
    expect(same(plea('我妈叫林秀英要人照顾', { requesterId: 2 }), one)).toBeUndefined()
  })

  it('a telephone said in both, however it is written, or one door', () => {
    const one = plea('我妈要人照顾，电话 138 0000-1234')
    expect(same(plea('婆婆没人管', { requesterId: 2 }, { kin: '我婆婆', phone: '+8613800001234' }), one)?.phone).toBe(
      true,
    )
    const door = plea('我妈住3号楼502，没人照顾')
    expect(same(plea('奶奶在三号楼502室', { requesterId: 2 }, { kin: '我奶奶' }), door)?.door).toBe(true)
  })

  it('two who ask for themselves are two people, one who asks twice is one', () => {
    const me = plea('我82岁没人照顾', { subject: 'self' }, { kin: undefined })
    expect(same({ ...me, requesterId: 2 }, me)).toBeUndefined()
    expect(same(me, me)?.sameReporter).toBe(true)
  })
})

describe('whatever is told', () => {
  const said = fc
    .array(
      fc.constantFrom(
        '我妈',
        '八十二岁',
        '82岁',
        '3号楼',
        '502',
        '叫林秀英',
        '13800001234',
        '照顾',
        '，',
        '岁岁',
        '百十',
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''))
  const told: fc.Arbitrary<Told> = fc.record({
    requesterId: fc.integer({ min: 1, max: 3 }),
    householdId: fc.constantFrom(null, 1, 2),
    communityId: fc.constantFrom(null, 5, 6),
    programmes: fc.subarray([...programmes], { maxLength: 2 }),
    needs: fc.subarray([...needs], { maxLength: 2 }),
    subject: fc.constantFrom(null, ...subjects),
    details: fc.record({
      words: fc.array(said, { maxLength: 3 }),
      kin: fc.constantFrom('我妈', '我爸', '婆婆', 'son'),
    }),
    at: fc.integer({ min: 0, max: 12 }).map((days) => new Date(+at + days * 86_400_000)),
  })

  it('which of the two came first changes nothing of whether it is suggested', () => {
    fc.assert(fc.property(told, told, (a, b) => (same(a, b) === undefined) === (same(b, a) === undefined)))
  })

  it('nothing is suggested without a place, a household or a reporter in common, nor long apart', () => {
    fc.assert(
      fc.property(told, told, (a, b) => {
        const found = same(a, b)
        if (!found) return
        expect(found.community || found.household || found.sameReporter).toBe(true)
        expect(Math.abs(+a.at - +b.at)).toBeLessThanOrEqual(withinDays * 86_400_000)
        expect(found.kin === undefined || oneByKin(a.details.kin ?? '', b.details.kin ?? '')).toBe(true)
      }),
    )
  })

  it('what is named was said in the newer one: its reader learns nothing of the other', () => {
    fc.assert(
      fc.property(told, told, (a, b) => {
        const found = same(a, b)
        expect(found?.kin === undefined || found.kin === a.details.kin).toBe(true)
        for (const need of found?.needs ?? []) expect(a.needs).toContain(need)
      }),
    )
  })

  it('numbers in words are read as they are meant', () => {
    const read = ['八十二', '八二', '十', '十五', '九十', '一百零一', '82'].map(numberIn)
    expect(read).toEqual([82, 82, 10, 15, 90, 101, 82])
  })

  it('words for kin', () => {
    expect(oneByKin('我妈', '我婆婆')).toBe(true)
    expect(oneByKin('我外婆', '我外公')).toBe(false)
    expect(oneByKin('我老婆', '我妈')).toBe(true)
    expect(oneByKin('我老公', '我妈')).toBe(false)
    expect(kinOf('某某')).toBeUndefined()
  })
})
