import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spokenMoment } from '../../src/domain/day-words.ts'
import {
  expiryOf,
  finishesAt,
  mayApprove,
  maySendAlone,
  noticeActs,
  noticeKinds,
  noticeStatuses,
  quietFrom,
  quietUntil,
  statusAfter,
  topicOf,
} from '../../src/domain/notice.ts'
import { checkNotice, fillPlaces, foreignLinks, placesIn } from '../../src/domain/notice-text.ts'

const zone = 'Asia/Shanghai'
const day = (text: string) => new Date(`${text}+08:00`)

describe('two people', () => {
  const proposed = { status: 'proposed', emergency: false, authorId: 1, version: 3 } as const
  it('nobody approves their own words, nor words they have not seen', () => {
    expect(mayApprove(proposed, 2, 3)).toBe('yes')
    expect(mayApprove(proposed, 1, 3)).toBe('own')
    expect(mayApprove(proposed, 2, 2)).toBe('changed')
    for (const status of noticeStatuses.filter((s) => s !== 'proposed')) {
      expect(mayApprove({ ...proposed, status }, 2, 3)).toBe('not_waiting')
    }
  })
  it('only an emergency goes out by one person, and only by its author', () => {
    const draft = { ...proposed, status: 'draft' } as const
    expect(maySendAlone({ ...draft, emergency: true }, 1)).toBe(true)
    expect(maySendAlone({ ...draft, emergency: true }, 2)).toBe(false)
    expect(maySendAlone(draft, 1)).toBe(false)
  })
  it('no row of acts leads out without an approval or the one act of an emergency, and an end is an end', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...noticeActs), { maxLength: 12 }), (acts) => {
        let status: (typeof noticeStatuses)[number] = 'draft'
        const done: string[] = []
        for (const act of acts) {
          const next = statusAfter(status, act)
          if (next === undefined) continue
          expect(['stopped', 'done', 'dropped']).not.toContain(status)
          status = next
          done.push(act)
        }
        if (['approved', 'sending', 'paused', 'stopped', 'done'].includes(status)) {
          expect(done.some((act) => act === 'approve' || act === 'send_alone')).toBe(true)
        }
      }),
    )
  })
  it('emergencies and what puts one right cannot be opted out of', () => {
    for (const kind of noticeKinds) expect(topicOf(kind, true)).toBeUndefined()
    expect([topicOf('notice', false), topicOf('activity', false)]).toEqual(['notice', 'activity'])
    expect([topicOf('correction', false), topicOf('withdrawal', false)]).toEqual([undefined, undefined])
  })
})

describe('the clock of a notice', () => {
  it('the night is from 21 to 8 by the clock of the district, wherever the server stands', () => {
    expect(quietUntil(day('2026-11-24T20:59:59'), zone)).toBeUndefined()
    expect(quietUntil(day('2026-11-24T21:00:00'), zone)).toEqual(day('2026-11-25T08:00:00'))
    expect(quietUntil(day('2026-11-25T00:30:00'), zone)).toEqual(day('2026-11-25T08:00:00'))
    expect(quietUntil(day('2026-11-25T08:00:00'), zone)).toBeUndefined()
    expect(quietFrom(day('2026-11-25T08:00:00'), zone)).toEqual(day('2026-11-25T21:00:00'))
    // The clocks are put forward in that night in London: it is an hour shorter, and ends at eight all the same.
    expect(quietUntil(new Date('2026-03-28T22:00:00Z'), 'Europe/London')).toEqual(new Date('2026-03-29T07:00:00Z'))
  })
  it('a notice has an end even when nobody named one', () => {
    const from = day('2026-11-24T10:00:00')
    for (const kind of noticeKinds) expect(expiryOf(kind, undefined, from).getTime()).toBeGreaterThan(from.getTime())
    expect(expiryOf('notice', day('2026-11-24T22:00:00'), from)).toEqual(day('2026-11-24T22:00:00'))
  })
  it('the slowest account decides when it is done, and the night is not counted', () => {
    const lanes = [
      { name: 'telegram:1', perSecond: 25, window: false, edits: true },
      { name: 'web:web', perSecond: null, window: false, edits: true },
    ]
    const counts = new Map([
      ['telegram:1', 90_000],
      ['web:web', 5_000],
    ])
    const at = (from: string, emergency: boolean) => finishesAt(counts, lanes, day(from), { zone, emergency })
    expect(at('2026-11-24T10:00:00', false)).toEqual(day('2026-11-24T11:00:00'))
    expect(at('2026-11-24T20:30:00', false)).toEqual(day('2026-11-25T08:30:00'))
    expect(at('2026-11-24T20:30:00', true)).toEqual(day('2026-11-24T21:30:00'))
    expect(at('2026-11-24T23:00:00', false)).toEqual(day('2026-11-25T09:00:00'))
  })
  it('ends by day, and never before it begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3_000_000 }),
        fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true }),
        (people, from) => {
          const lanes = [{ name: 'telegram:1', perSecond: 25, window: false, edits: true }]
          const end = finishesAt(new Map([['telegram:1', people]]), lanes, from, { zone, emergency: false })
          expect(end.getTime()).toBeGreaterThanOrEqual(from.getTime() + people * 40)
          expect(quietUntil(new Date(end.getTime() - 1), zone) === undefined || people === 0).toBe(true)
        },
      ),
    )
  })
  it.each([
    ['明天9点', '2026-11-25T09:00:00'],
    ['今晚10点', '2026-11-24T22:00:00'],
    ['明早8点半', '2026-11-25T08:30:00'],
    ['11-28 20:00', '2026-11-28T20:00:00'],
    ['下午3点', '2026-11-24T15:00:00'],
    ['2小时后', '2026-11-24T12:00:00'],
  ])('%s is a moment', (said, then) => {
    expect(spokenMoment(said, day('2026-11-24T10:00:00'), zone)).toEqual(day(then))
  })
  it.each(['', '明天', '25点', '尽快', '9点到10点'])('%s is none', (said) => {
    expect(spokenMoment(said, day('2026-11-24T10:00:00'), zone)).toBeUndefined()
  })
})

describe('plain words', () => {
  const rules = { linkHosts: ['www.xm.gov.cn'] }
  const found = (text: string, more?: string) => checkNotice(text, more, rules).map(({ what }) => what)
  it('a good notice has nothing to mend', () => {
    expect(found('康乐社区居民:明天上午9点到11点停水,请先接好水。有事打0592-5550000。')).toEqual([])
  })
  it.each([
    ['', 'empty'],
    [`居民${'好'.repeat(80)}`, 'too_long'],
    ['好'.repeat(301), 'far_too_long'],
    [`请${'好'.repeat(45)}。`, 'long_sentence'],
    ['根据有关文件精神,贯彻落实防台风工作', 'jargon'],
    ['请居民尽快到社区', 'vague'],
    ['停水了', 'when'],
    ['明天上午9点停水', 'where'],
    ['明天上午9点康乐社区停水', 'contact'],
    ['残疾人朋友,明天来社区领补贴', 'outs'],
    ['低保户请看', 'outs'],
    ['请看 http://evil.com/a', 'link'],
    ['请扫二维码领补贴', 'money'],
    ['台风{时间}到', 'place_left'],
    ['停水🚰🚰请接水', 'emoji'],
  ])('%s: %s', (text, what) => {
    expect(found(text)).toContain(what)
  })
  it('what only the receiver opens may say more: 详情 is not on the lock screen', () => {
    expect(found('康乐社区居民:明天上午9点来社区,有事打0592-5550000。', '请带上残疾人证。')).toEqual([])
  })
  it.each([
    'http://evil.com',
    'evil.com/gov.cn',
    'www.xm.gov.cn.evil.com',
    'https://www.xm.gov.cn@evil.com/',
    'EVIL.COM',
    'evil。com',
    'e\u200bvil.com',
    'evil.com',
    't.cn/AbC',
    'weixin://dl/x',
    '1.2.3.4',
    '补贴.中国',
    'xm-gov.cn',
    'http://[bad',
  ])('the link %s stops it', (link) => {
    expect(foreignLinks(`请看 ${link} 领补贴`, rules.linkHosts)).not.toEqual([])
  })
  it('links on the list and numbers that look like none pass', () => {
    const text = '请看 https://www.xm.gov.cn/a?b=1 和 m.www.xm.gov.cn。3.5公里,9.30开始,12.5元'
    expect(foreignLinks(text, rules.linkHosts)).toEqual([])
  })
  it('no host gets in that is not on the list, whatever is written around it', () => {
    fc.assert(
      fc.property(
        fc.domain(),
        fc.constantFrom('', ' ', '看', '(', '“'),
        fc.constantFrom('', '/a', '?x', '。'),
        (host, before, after) => {
          fc.pre(!host.endsWith('xm.gov.cn'))
          expect(foreignLinks(`${before}http://${host}${after}`, rules.linkHosts)).not.toEqual([])
        },
      ),
    )
  })
  it('reads anything without a fault, and a stop is never behind an advice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const order = checkNotice(text, text, rules).map(({ stops }) => Number(stops))
        expect(order).toEqual([...order].sort((a, b) => b - a))
      }),
    )
  })
  it('a template shows its places, and one that is left open stops the notice', () => {
    const template = '台风{时间}影响{地方}。{时间}请留在家。'
    expect(placesIn(template)).toEqual(['时间', '地方'])
    expect(fillPlaces(template, ['今晚', '湖里'])).toBe('台风今晚影响湖里。今晚请留在家。')
    expect(found(fillPlaces(template, ['今晚']))).toContain('place_left')
    // What is filled in is never read for places again.
    expect(fillPlaces('{甲}{乙}', ['{乙}', 'x'])).toBe('{乙}x')
  })
})
