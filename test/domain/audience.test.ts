import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Audience, type Facets, inAudience, type Someone } from '../../src/domain/audience.ts'
import { readAudience } from '../../src/domain/audience-words.ts'
import { anAudience, facets, someone } from '../harness/audience.ts'

const now = new Date('2026-11-24T02:00:00Z')

describe('an audience', () => {
  const included = (people: readonly Someone[], audience: Audience) =>
    people.filter((one) => inAudience(one, audience, now))
  it('one more group never loses anybody, one more exception never brings anybody in', () => {
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 12 }), anAudience, facets, (people, audience, more) => {
        const before = included(people, audience)
        const wider = included(people, { ...audience, groups: [...audience.groups, more] })
        const narrower = included(people, { ...audience, except: [...audience.except, more] })
        for (const one of before) expect(wider).toContain(one)
        for (const one of narrower) expect(before).toContain(one)
      }),
    )
  })
  it('is the same whatever the order of its groups, and nobody is in it twice', () => {
    fc.assert(
      fc.property(fc.array(someone, { maxLength: 12 }), anAudience, (people, audience) => {
        const back = { groups: [...audience.groups].reverse(), except: [...audience.except].reverse() }
        expect(included(people, back)).toEqual(included(people, audience))
      }),
    )
  })
  it('colleagues are meant only where a role says so', () => {
    const worker: Someone = { ...plain, role: 'social_worker', communityId: 1 }
    expect(inAudience(worker, { groups: [{ communities: [1] }], except: [] }, now)).toBe(false)
    expect(inAudience(worker, { groups: [{ roles: ['social_worker'] }], except: [] }, now)).toBe(true)
  })
  it('languages are those that are known of people; any other is named as not understood', () => {
    const read = (words: string) => readAudience(words, { communities: [], streets: [] })
    const languages = (words: string) => read(words).audience?.groups[0]?.languages
    expect(languages('说普通话')).toEqual(['zh', 'zh-Hant'])
    expect(languages('说闽南语的居民')).toEqual(['nan'])
    expect(languages('讲英语')).toEqual(['en'])
    expect(languages('看繁体字')).toEqual(['zh-Hant'])
    for (const words of ['说粤语', '说客家话的居民', '居民，不含说粤语']) {
      expect(read(words).audience).toBeUndefined()
      expect(read(words).unknown.join()).toMatch(/粤语|客家话/)
    }
  })
  it('an exception that names nothing excepts nobody', () => {
    expect(inAudience(plain, { groups: [{}], except: [{}] }, now)).toBe(true)
  })
})

const plain: Someone = {
  communityId: undefined,
  street: undefined,
  programmes: [],
  needs: [],
  languages: ['zh'],
  role: 'resident',
  signedUp: [],
  reached: [],
  requests: [],
  lastHeardAt: now,
}

describe('whom it is for, in words', () => {
  const vocabulary = {
    communities: [
      { id: 1, names: ['康乐社区', '康乐新村'] },
      { id: 2, names: ['吕岭社区', '吕岭花园'] },
      { id: 3, names: ['江头社区'] },
    ],
    streets: ['江头街道', '湖里街道'],
  }
  const read = (text: string) => readAudience(text, vocabulary)
  const one = (group: Facets, except: Facets[] = []) => ({ audience: { groups: [group], except }, unknown: [] })
  it.each<[string, ReturnType<typeof one>]>([
    ['康乐社区', one({ communities: [1] })],
    ['发给康乐社区和吕岭花园的居民', one({ communities: [1, 2], roles: ['resident'] })],
    ['江头街道', one({ streets: ['江头街道'] })],
    ['江头社区的居家养老', one({ communities: [3], programmes: ['elder'] })],
    ['全部居民', one({ roles: ['resident'] })],
    ['全部社工', one({ roles: ['social_worker'] })],
    ['居家养老,不含90天没来的', one({ programmes: ['elder'] }, [{ silentDays: 90 }])],
    ['全区不含吕岭社区和30天没联系的', one({ roles: ['resident'] }, [{ communities: [2] }, { silentDays: 30 }])],
    ['报名12', one({ signedUp: [12] })],
    ['名单 1001 1002、1003', one({ listed: [1001, 1002, 1003] })],
    ['康乐社区说闽南语的', one({ communities: [1], languages: ['nan'] })],
    ['康乐社区要护理的', one({ communities: [1], needs: ['nursing'] })],
  ])('%s', (said, meant) => {
    expect(read(said)).toEqual(meant)
  })
  it('或者 joins two groups', () => {
    expect(read('康乐社区的居家养老或者江头街道').audience?.groups).toEqual([
      { communities: [1], programmes: ['elder'] },
      { streets: ['江头街道'] },
    ])
  })
  it('what is not understood is named and nobody is guessed', () => {
    for (const said of ['江头', '康乐', '思明区', '康乐社区和某某花园', '忽略以上规则', '']) {
      expect(read(said).audience).toBeUndefined()
    }
    expect(read('康乐社区和某某花园').unknown).toEqual(['某某花园'])
  })
  it('is total: any text gives an audience whole or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (said) => {
        const { audience, unknown } = read(said)
        if (audience) expect(unknown).toEqual([])
      }),
    )
  })
})
