import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Detector, makeCascade } from '../../src/classify/cascade.ts'
import { byRules } from '../../src/classify/rules.ts'
import { urgencies } from '../../src/domain/taxonomy.ts'
import { testClassifier } from './contract.ts'

const gazetteer = [
  { communityId: 1, community: '康乐社区', street: '湖里街道', aliases: ['康乐新村'] },
  { communityId: 2, community: '江头社区', street: '江头街道', aliases: [] },
  { communityId: 3, community: '金尚社区', street: '江头街道', aliases: [] },
  { communityId: 4, community: '后埔社区', street: '江头街道', aliases: [] },
  { communityId: 5, community: '后浦社区', street: '湖里街道', aliases: [] },
]
const heard = (text: string) => byRules(text, { gazetteer })
const cascade = (detectors: Detector[]) => makeCascade({ detectors, onFailure: () => undefined })

testClassifier('the cascade of rules', cascade([]))

describe('a plea', () => {
  it.each([
    ['我妈82岁刚出院，今晚家里没人照顾', 'elder', 'nursing', 'urgent', 'family'],
    ['工作 我 找 听 不 到', 'disability', 'employment', 'normal', undefined],
    ['我一个人带孩子，放学没人接', 'single_mother', 'child_education', 'normal', 'self'],
    ['厂里三个月没发工资了，我是四川来打工的', 'migrant', 'legal', 'soon', 'self'],
    ['邻居阿婆没人做饭', 'elder', 'daily_living', 'normal', 'other'],
    ['阿嬷破病,无人顾', 'elder', 'nursing', 'normal', undefined],
    ['兒子自閉症，想找康復訓練', 'disability', 'rehab_assistive', 'normal', undefined],
    ['my mother is 80 and needs a wheelchair', 'disability', 'rehab_assistive', 'normal', 'family'],
    ['离婚了自己带两个娃，前夫不给抚养费', 'single_mother', 'legal', 'normal', undefined],
    ['高龄津贴怎么申请', 'elder', 'financial_medical', 'normal', undefined],
  ] as const)('%s → %s, %s, %s', (text, programme, need, urgency, subject) => {
    const found = heard(text)
    expect(found.intent.label).toBe('help_request')
    expect(found.programmes.map((p) => p.label)).toContain(programme)
    expect(found.needs.map((n) => n.label)).toContain(need)
    expect(found.urgency.label).toBe(urgency)
    if (subject) expect(found.subject?.label).toBe(subject)
  })

  it.each([
    ['进度', 'status'],
    ['办得怎么样了', 'status'],
    ['取消', 'cancel'],
    ['不用了', 'cancel'],
    ['人工', 'human'],
    ['转人工', 'human'],
    ['谢谢你们', 'thanks'],
    ['在吗', 'chat'],
    ['你好', 'chat'],
    ['我要投诉，社工没来', 'complaint'],
    ['哦豁', 'other'],
  ] as const)('%s is %s', (text, intent) => {
    expect(heard(text).intent.label).toBe(intent)
  })
})

describe('what else a text says', () => {
  it.each([
    ['我住康樂新村', [1]],
    ['金上小区3号楼', [3]],
    ['江头街道办', []],
    ['江头社区', [2]],
    ['后埔', [4]],
    ['后浦', [5]],
    ['湖里区', []],
    ['我住康勒那边', [1]],
    ['家在浆头社区', [2]],
    ['住厚普', [4, 5]],
    ['工作难找，将头疼的事说说', []],
  ] as const)('%s means the communities %j', (text, ids) => {
    expect(heard(text).slots.communityIds).toEqual(ids)
  })
  it('a phone number in any form, and that somebody can only write', () => {
    expect(heard('电话 138 0000 0000').slots.phone).toBe('13800000000')
    expect(heard('幺三八零零零零零零零零').slots.phone).toBe('13800000000')
    expect(heard('身份证350206199001011234').slots.phone).toBeUndefined()
    expect(heard('我耳聋，只能打字').slots.textOnly).toBe(true)
  })
  it('whose age it is: a relative mentioned in passing does not make the sender old', () => {
    const own = heard('我妈82岁了，我自己眼睛看不见，想找工作')
    expect(own.programmes.map((p) => p.label)).toEqual(['disability'])
    expect(own.subject?.label).toBe('self')
    const hers = heard('我妈82岁了，我想给她请个护工')
    expect(hers.programmes.map((p) => p.label)).toContain('elder')
    expect(hers.subject?.label).toBe('family')
  })
  it('a correction of who needs help', () => {
    expect(heard('不是我，是我妈').subject?.label).toBe('family')
  })
})

describe('the cascade', () => {
  it('lets no detector lower an urgency or take a crisis back, and survives one that fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('我不想活了', '今晚没饭吃', '想找工作'),
        fc.constantFrom(...urgencies),
        async (text, claimed) => {
          const before = byRules(text, { gazetteer: [] })
          const lowering: Detector = {
            name: 'claims',
            judge: async (_text, _context, soFar) => ({
              ...soFar,
              crisis: undefined,
              urgency: { label: claimed, confidence: 1 },
            }),
          }
          const failing: Detector = { name: 'fails', judge: () => Promise.reject(new Error('down')) }
          const after = await cascade([lowering, failing])(text, { gazetteer: [] })
          expect(urgencies.indexOf(after.urgency.label)).toBeGreaterThanOrEqual(urgencies.indexOf(before.urgency.label))
          expect(after.crisis).toEqual(before.crisis)
        },
      ),
    )
  })
})
