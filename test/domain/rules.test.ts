import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { actions, may, permissions } from '../../src/domain/authorise.ts'
import { matchChoice } from '../../src/domain/choice-words.ts'
import { mask } from '../../src/domain/mask.ts'
import { staffRoles } from '../../src/domain/policy.ts'

describe('an answer in words', () => {
  const choices = [
    { token: 'a', label: '护理' },
    { token: 'b', label: '找工作' },
    { token: 'c', label: '其他' },
  ]
  it.each([
    ['1', 'a'],
    ['１', 'a'],
    ['1.', 'a'],
    ['一', 'a'],
    ['壹', 'a'],
    ['①', 'a'],
    ['第一个', 'a'],
    ['第1', 'a'],
    ['选1', 'a'],
    ['1号', 'a'],
    ['1 护理', 'a'],
    ['护理', 'a'],
    ['我要护理', 'a'],
    ['二', 'b'],
    ['第二个吧', 'b'],
    ['工作', 'b'],
    [' ３ 。', 'c'],
    ['我选3', 'c'],
  ])('%s is the choice %s', (said, token) => {
    expect(matchChoice(said, choices)?.token).toBe(token)
  })
  it.each([
    '',
    '4',
    '0',
    '1个人在家',
    '13800000000',
    '82岁',
    '我不要护理',
    '我妈今年1月摔了一跤现在走不动',
    '三个月没发工资',
    '一直头晕',
  ])('%s is no choice', (said) => {
    expect(matchChoice(said, choices)).toBeUndefined()
  })
  it('yes and no find the choice that begins with them', () => {
    const yesNo = [
      { token: 'y', label: '解决了' },
      { token: 'n', label: '没解决' },
    ]
    expect(matchChoice('对', yesNo)?.token).toBe('y')
    expect(matchChoice('没有', yesNo)?.token).toBe('n')
    const undo = [{ token: 's:undo:1', label: '撤销换班' }]
    expect(matchChoice('换班', undo, false)).toBeUndefined()
    expect(matchChoice('撤销换班', undo, false)?.token).toBe('s:undo:1')
    expect(matchChoice('没有解决', yesNo)?.token).toBe('n')
  })
  it('is total: any text, any choices, no throw, and never a choice that was not there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string(), { maxLength: 4 }), (said, labels) => {
        const given = labels.map((label, i) => ({ token: String(i), label }))
        const found = matchChoice(said, given)
        if (found) expect(given).toContain(found)
      }),
    )
  })
})

describe('a mask', () => {
  it.each([
    '13800000000',
    '138 0000 0000',
    '１３８００００００００',
    '幺三八零零零零零零零零',
    '0592-5390000',
    '35020619900101001X',
    'a.b@example.com',
    't.me/someone',
    '@some_body',
  ])('hides %s', (secret) => {
    expect(mask(`请找我 ${secret} 谢谢`)).not.toContain(secret)
  })
  it('leaves ordinary numbers and words', () => {
    for (const text of ['我妈82岁，住3号楼501', '求助1001', '110', '上午9点30分']) expect(mask(text)).toBe(text)
  })
  it('no run of seven digits gets through, however it is spaced', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 7, maxLength: 18 }),
        fc.constantFrom('', ' ', '-'),
        (digits, gap) => {
          expect(mask(`电话${digits.join(gap)}。`)).not.toMatch(/\d{7}/)
        },
      ),
    )
  })
})

describe('who may do what', () => {
  it('stands in one table, whole', () => {
    for (const role of staffRoles) expect(new Set(Object.keys(permissions[role]))).toEqual(new Set(actions))
  })
  it.each(['social_worker', 'nurse', 'counsellor'] as const)(
    '%s acts on own requests only, and manages nobody',
    (role) => {
      for (const action of actions) {
        expect(may(role, action, { own: false, sameAgency: true })).toBe(false)
        const managing = [
          'assign',
          'triage',
          'lower_crisis',
          'review',
          'see_history',
          'invite',
          'plan_duty',
          'see_results',
          'broadcast',
        ].includes(action)
        expect(may(role, action, { own: true, sameAgency: true })).toBe(!managing)
      }
    },
  )
  it('a lead reaches the agency and not beyond; a coordinator relays nobody else’s talk', () => {
    expect(may('lead', 'assign', { own: false, sameAgency: true })).toBe(true)
    expect(may('lead', 'assign', { own: false, sameAgency: false })).toBe(false)
    expect(may('coordinator', 'relay', { own: false, sameAgency: false })).toBe(false)
    expect(may('coordinator', 'reveal_contact', { own: false, sameAgency: false })).toBe(false)
    expect(may('coordinator', 'accept', { own: false, sameAgency: false })).toBe(true)
  })
})
