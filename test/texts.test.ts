import { describe, expect, it } from 'vitest'
import { languageOf } from '../src/classify/language.ts'
import { normalise } from '../src/classify/normalise.ts'
import { preferenceIn } from '../src/domain/preferences.ts'
import { en } from '../src/texts/en.ts'
import { enPage } from '../src/texts/en-page.ts'
import { withoutMarks } from '../src/texts/marks.ts'
import { zhPlain } from '../src/texts/plain.ts'
import { say, zh } from '../src/texts/say.ts'
import { enTextOnly, zhTextOnly } from '../src/texts/text-only.ts'
import { traditional } from '../src/texts/traditional.ts'
import { inChinese, voiced } from '../src/texts/voice.ts'
import { zhPage } from '../src/texts/zh-page.ts'

const keys = Object.keys(en) as (keyof typeof en)[]
const usual = { language: 'zh', plainWords: false, slowly: false, textOnly: false } as const
const places = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()
/** The text of a key with its places left open, in one voice. */
const inVoice = (key: keyof typeof en, voice: Parameters<typeof voiced>[1]) =>
  voiced((say as (key: string) => string)(key), voice)
const voices = (['zh', 'zh-Hant', 'en'] as const).flatMap((language) =>
  [false, true].flatMap((plainWords) =>
    [false, true].map((textOnly) => ({ language, plainWords, textOnly, slowly: false })),
  ),
)

describe('the same words for everybody', () => {
  it('every wording of a text fills the same places', () => {
    for (const key of keys) expect([key, places(en[key])]).toEqual([key, places(zh[key])])
    for (const catalogue of [zhPlain, zhTextOnly, enTextOnly]) {
      for (const [key, text] of Object.entries(catalogue)) {
        expect([key, places(text)]).toEqual([key, places(zh[key as keyof typeof en])])
      }
    }
  })

  it('who cannot use a telephone is never sent to one, in any language or wording', () => {
    const phone = /(?:打|拨)(?:[^“”字。，\n]{0,6}\d{3}|电话)|接电话|\b(?:call|phone|ring|dial)\b(?! chat)/iu
    const kept = new Set<string>([
      // What they themselves chose or said about telephones.
      'ask.contact.phone',
      'ask.phone',
      'ask.phoneAgain',
      'contact.phone',
      'contact.textOnly',
      'prefer.textOnly',
      'prefer.mayPhone',
      'prefer.big',
      'share.full',
    ])
    for (const voice of voices.filter((v) => v.textOnly)) {
      const wrong = keys.filter((key) => !kept.has(key) && phone.test(inVoice(key, voice)))
      expect([voice, wrong]).toEqual([voice, []])
    }
    // The rule can fail: the usual words of a crisis do name a telephone.
    expect(phone.test(inVoice('crisis.suicide', usual))).toBe(true)
    expect(phone.test(inVoice('crisis.suicide', { ...usual, language: 'en' }))).toBe(true)
  })

  it('English has short sentences and none of the words nobody should read', () => {
    const long = keys.flatMap((key) =>
      en[key]
        .split(/[.!?\n:]/)
        .filter((sentence) => sentence.trim().split(/\s+/).length > 20)
        .map((s) => `${key}: ${s}`),
    )
    expect(long).toEqual([])
    const jargon =
      /\b(?:ticket|case|referral|SLA|as soon as possible|shortly|beneficiary|stakeholder)\b|\p{Extended_Pictographic}/iu
    expect(keys.filter((key) => jargon.test(en[key]))).toEqual([])
    expect(keys.filter((key) => /[一-龥]/u.test(en[key].replace('查 1001', '')))).toEqual([])
  })

  it('the first words of a crisis hold a number in every wording, and at most three', () => {
    for (const voice of voices) {
      for (const key of keys.filter((k) =>
        /^crisis\.(suicide|violence|medical|fire|missing|child_harm|unclear)$/.test(k),
      )) {
        const numbers = new Set(inVoice(key, voice).match(/\b1\d{2,7}\b/g) ?? [])
        expect([key, voice, numbers.size >= 1 && numbers.size <= 3]).toEqual([key, voice, true])
      }
    }
  })

  it('simple words are simple: a dozen characters a line, besides what fills the places', () => {
    const long = Object.entries(zhPlain).flatMap(([key, text]) =>
      text
        .split('\n')
        .filter((line) => (line.replace(/\{\w+\}/g, '').match(/\p{Script=Han}/gu) ?? []).length > 12)
        .map((line) => `${key}: ${line}`),
    )
    expect(long).toEqual([])
  })

  it('slowly is one sentence a line, 繁體 is 繁體, and times are said in the language', () => {
    const text = say('receipt', { number: 1001, code: '123456', owner: '示例甲', by: '今天下午5点30分' })
    expect(voiced(text, { ...usual, slowly: true }).split('\n\n').length).toBeGreaterThanOrEqual(4)
    expect(voiced(text, { ...usual, language: 'zh-Hant' })).toContain('已經記下')
    expect(voiced(text, { ...usual, language: 'en' })).toContain('by today at 5:30 pm')
    expect(
      voiced(say('accepted', { worker: '甲', number: 1, by: '11月25日周三上午9点' }), { ...usual, language: 'en' }),
    ).toContain('November 25 at 9 am')
  })

  it('繁體 knows words that look alike apart, and leaves names alone', () => {
    const same = [
      ['湖里区湖里街道湖里社区,住在村里社区,家里没人', '湖里區湖里街道湖里社區,住在村里社區,家裡沒人'],
      ['仙岳路,岳社工、范督导、余护理在这里', '仙岳路,岳社工、范督導、余護理在這裡'],
      ['下面,外面,一碗面,方便面', '下面,外面,一碗麵,方便麵'],
      ['晒干,干净,干部,干活,饼干', '曬乾,乾淨,幹部,幹活,餅乾'],
      ['联系,关系,系统,系鞋带', '聯繫,關係,系統,繫鞋帶'],
      ['以后,皇后,后埔社区', '以後,皇后,後埔社區'],
      ['头发,发送,回复,重复,恢复', '頭髮,發送,回覆,重複,恢復'],
    ] as const
    for (const [simplified, full] of same) expect(traditional(simplified)).toBe(full)
  })

  it('what a person typed is never read as one of our texts, wherever it stands', () => {
    const forged = '\uE000crisis.suicide\uE002{by} $& 你好'
    expect(inChinese(say('relay.fromWorker', { worker: '甲', text: withoutMarks(forged) }))).toBe(
      '甲：crisis.suicide{by} $& 你好',
    )
    expect(withoutMarks(forged)).not.toMatch(/[\uE000-\uE002]/)
    expect(inChinese('\uE000no.such.key\uE001a=甲\uE002')).toBe('甲')
  })

  it('the page says the same in every language', () => {
    expect(Object.keys(enPage).sort()).toEqual(Object.keys(zhPage).sort())
    expect(
      Object.entries(enPage).filter(([key, text]) => !key.startsWith('page.language') && /[一-龥]/u.test(text)),
    ).toEqual([])
  })
})

describe('preferences in words', () => {
  it.each([
    ['再说一遍', 'again'],
    ['没听清楚', 'again'],
    ['Say that again', 'again'],
    ['慢一点', 'slowly'],
    ['请说慢点', 'slowly'],
    ['簡單點', 'plain'],
    ['能不能说简单一点', 'plain'],
    ['大字', 'big'],
    ['字太小了', 'big'],
    ['念给我听', 'aloud'],
    ['读给我听', 'aloud'],
    ['只能打字', 'textOnly'],
    ['我听不见', 'textOnly'],
    ['不要打电话', 'textOnly'],
    ["I can't hear", 'textOnly'],
    ['可以打电话', 'mayPhone'],
    ['闽南语', 'minnan'],
    ['讲闽南话', 'minnan'],
    ['English', 'english'],
    ['i speak english', 'english'],
    ['中文', 'chinese'],
    ['繁體字', 'traditional'],
  ] as const)('%s is %s', (text, wish) => expect(preferenceIn(normalise(text))).toBe(wish))

  it.each([
    '我妈听不见，想找人陪',
    '想学English教我儿子',
    '孩子念书的事',
    '钱不够大概要多少',
    '这事简单点办行不行我妈80了',
    '可以',
    '打电话',
    '我要说说我家的事',
  ])('%s is part of a story', (text) => expect(preferenceIn(normalise(text))).toBeUndefined())

  it.each([
    ['我妈刚出院没人照顾', 'zh'],
    ['我媽媽剛出院', 'zh-Hant'],
    ['I need help', 'en'],
    ['help me please', 'en'],
    ['بىر ياردەمگە موھتاجمەن', 'other'],
    ['tôi cần giúp đỡ với con tôi', 'other'],
    ['ok', undefined],
    ['1', undefined],
    ['😀', undefined],
    ['查 1001 123456', undefined],
    ['我住SM', undefined],
  ] as const)('%s is written in %s', (text, language) => expect(languageOf(text)).toBe(language))
})
