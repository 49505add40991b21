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
    ['1️⃣', 'a'],
    ['②', 'b'],
    ['要第一个', 'a'],
    ['第一', 'a'],
    ['第2个', 'b'],
    ['贰', 'b'],
    ['二。', 'b'],
    ['3、', 'c'],
    ['我要第三个', 'c'],
    ['(1)', 'a'],
    ['一号', 'a'],
    ['幺', 'a'],
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
  it.each([
    ['可以可以，你记吧', '可以'],
    ['好的没问题', '可以'],
    ['行啊', '可以'],
    ['同意', '可以'],
    ['不行不行', '不可以'],
    ['不同意', '不可以'],
    ['别记', '不可以'],
    ['详细说明', '先看详细说明'],
  ])('%s answers a question with %s', (said, label) => {
    const choices = ['可以', '不可以', '先看详细说明'].map((l) => ({ token: l, label: l }))
    expect(matchChoice(said, choices)?.label).toBe(label)
  })
  it.each(['好的，我妈摔了', '对了还有一件事', '会不会很麻烦', '要钱吗', '是我妈', '不是我,是我妈', '我不想说'])(
    '%s is neither yes nor no',
    (said) => {
      const choices = ['对', '要改', '不用了'].map((l) => ({ token: l, label: l }))
      expect(matchChoice(said, choices)).toBeUndefined()
    },
  )
  it.each(['不对', '错了', '改一下', '要改'])('%s asks for a correction where one is offered', (said) => {
    const choices = ['对', '要改', '不用了'].map((l) => ({ token: l, label: l }))
    expect(matchChoice(said, choices)?.label).toBe('要改')
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
  /** Written out once more by hand: a change of the table must be meant. own < line, agency < all. */
  const meant = `
    action           social_worker nurse counsellor volunteer street lead   coordinator
    accept           own           own   own        none      own    agency all
    decline          own           own   own        none      own    own    own
    relay            line          line  line       none      line   line   line
    note             line          line  line       none      line   line   all
    hand_on          own           own   own        none      own    own    own
    merge            own           own   own        none      own    agency all
    share_work       own           own   own        none      own    agency own
    resolve          own           own   own        none      own    own    all
    see_request      line          line  line       none      line   agency all
    reveal_contact   line          line  line       none      line   line   line
    list_open        own           own   own        none      own    agency all
    assign           none          none  none       none      none   agency all
    triage           none          none  none       none      none   none   all
    relabel          own           own   own        none      own    agency all
    lower_crisis     none          none  none       none      none   none   all
    review           none          none  none       none      none   none   all
    see_history      none          none  none       none      none   agency all
    invite           none          none  none       none      none   none   all
    record_service   line          line  line       none      line   line   line
    see_results      none          none  none       none      none   agency all
    set_own_duty     own           own   own        none      own    own    own
    plan_duty        none          none  none       none      none   agency all
    broadcast        none          none  none       none      none   none   all
    open_desk        none          none  none       none      none   none   all
    block            none          none  none       none      none   none   all`
  const [head = [], ...rows] = meant
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const cells = rows.flatMap(([action = '', ...scopes]) =>
    scopes.map((scope, i) => ({ action, role: head[i + 1] ?? '', scope })),
  )

  it('stands in one table, whole', () => {
    expect(new Set(rows.map(([action]) => action))).toEqual(new Set(actions))
    expect(new Set(head.slice(1))).toEqual(new Set(staffRoles))
  })
  it.each(cells)('$role, $action: $scope', ({ role, action, scope }) => {
    const knownRole = staffRoles.find((r) => r === role)
    const knownAction = actions.find((a) => a === action)
    if (!knownRole || !knownAction) throw new Error(`${role} ${action} is not known`)
    expect(permissions[knownRole][knownAction]).toBe(scope)
    const can = (own: boolean, sameAgency: boolean, helps = false) =>
      may(knownRole, knownAction, { own, sameAgency, helps })
    expect(can(true, true)).toBe(scope !== 'none')
    expect(can(true, false)).toBe(scope !== 'none')
    expect(can(false, true)).toBe(scope === 'agency' || scope === 'all')
    expect(can(false, false)).toBe(scope === 'all')
    expect(can(false, false, true)).toBe(scope === 'line' || scope === 'all')
  })
})
