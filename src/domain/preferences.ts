/** How one person wants to be spoken to. Said once, anywhere, in their own words; kept until they say otherwise. */

/** What they read: 简体, 繁體, English. Everything else goes to a person. */
export const languages = ['zh', 'zh-Hant', 'en'] as const
export type Language = (typeof languages)[number]

export interface Preferences {
  readonly language: Language
  /** They chose it themselves; until then it follows how they write. */
  readonly languageChosen: boolean
  /** 只能打字: is never told to phone, and never phoned. */
  readonly textOnly: boolean
  /** 简单点 */
  readonly plainWords: boolean
  /** 慢一点 */
  readonly slowly: boolean
  /** 大字 */
  readonly bigText: boolean
  /** 念给我听 */
  readonly readAloud: boolean
  /** 闽南语: wants to speak it. */
  readonly minnan: boolean
}

/** What the words of a message depend on. */
export type Voice = Pick<Preferences, 'language' | 'plainWords' | 'slowly' | 'textOnly'>

export const usual: Preferences = {
  language: 'zh',
  languageChosen: false,
  textOnly: false,
  plainWords: false,
  slowly: false,
  bigText: false,
  readAloud: false,
  minnan: false,
}

export const preferences = [
  'again',
  'slowly',
  'plain',
  'big',
  'aloud',
  'textOnly',
  'mayPhone',
  'minnan',
  'english',
  'chinese',
  'traditional',
  'usual',
] as const
export type Preference = (typeof preferences)[number]

/** What a preference changes; 再说一遍 changes nothing, it is done once. */
export const changes: Readonly<Record<Preference, Partial<Preferences>>> = {
  again: {},
  slowly: { slowly: true },
  plain: { plainWords: true },
  big: { bigText: true },
  aloud: { readAloud: true },
  textOnly: { textOnly: true },
  mayPhone: { textOnly: false },
  minnan: { minnan: true },
  english: { language: 'en', languageChosen: true },
  chinese: { language: 'zh', languageChosen: true },
  traditional: { language: 'zh-Hant', languageChosen: true },
  usual: { slowly: false, plainWords: false, bigText: false, readAloud: false, minnan: false },
}

const polite = '(?:请|麻烦|能不能|可不可以|可以|能|你|您|跟我|给我|和我)*'
const end = '(?:吗|嘛|吧|啊|呀|哦|好吗|行吗|谢谢|可以吗|一下)*'

const heard: readonly (readonly [RegExp, Preference])[] = [
  [
    /^(?:再说|再讲|再念|再发|重复|重说|重复说)(?:一|1)?(?:遍|次|下|回)?$|^没(?:听|看)(?:清|懂|明白)(?:楚)?$|^(?:刚才|刚刚)说(?:的是)?(?:什么|啥)$|^(?:say (?:it|that) again|again|repeat|repeat that)$/u,
    'again',
  ],
  [
    /^(?:说|讲|发|念)?(?:得)?慢(?:一)?(?:点|些|点儿)(?:说|讲|来)?$|^(?:太快了|说太快了?)$|^(?:slower|slowly|slow down|more slowly)$/u,
    'slowly',
  ],
  [
    /^(?:说|讲)?(?:得)?简单(?:一)?(?:点|些|点儿)(?:说|讲)?$|^(?:说|讲)(?:点|得)?(?:大白话|白话|人话|简单话)$|^(?:simple|simpler|plain|simple words|plain words|easy words|simple english)$/u,
    'plain',
  ],
  [
    /^(?:字)?(?:大|放大|调大)(?:一)?(?:点|些)?字?(?:体)?(?:大)?$|^(?:大字|大字版|长辈版|老人版|字太小(?:了)?|看不清(?:楚)?字?|字看不清(?:楚)?)$|^(?:big text|large text|bigger text|bigger)$/u,
    'big',
  ],
  [
    /^(?:念|读)(?:出来|给我听|给我|一遍|一下)?(?:给我)?听?$|^(?:语音播报|念出声|读出声)$|^(?:read aloud|read to me|read it to me|read it out)$/u,
    'aloud',
  ],
  [
    /^(?:我)?(?:只能|只会|只好|只)(?:打字|发文字|文字|写字|发消息)$|^(?:我)?(?:不能|不方便|没法|接不了|不要|别|勿|不可以)(?:接|打|听)?电话$|^(?:我)?(?:听不见|听不到|听不清|耳朵听不见|是聋人|耳聋|聋人)$|^(?:text only|no calls|no phone|no phone calls|i am deaf|i'm deaf|i can't hear|i cannot hear)$/u,
    'textOnly',
  ],
  [
    /^(?:我)?(?:可以|能|方便)(?:打|接|听)(?:我)?电话(?:了)?$|^(?:calls are ok|you can call me|phone is ok)$/u,
    'mayPhone',
  ],
  [/^(?:我)?(?:要|想|会|只会|只能|想要)?(?:说|讲|听|用)?(?:闽南|闽南话|闽南语|厦门话|本地话|台语)$/u, 'minnan'],
  [/^(?:(?:i )?(?:speak )?(?:only )?english(?: only)?|in english|英文|英语|说英语|用英文|讲英文)$/u, 'english'],
  [/^(?:简体|简体字|简体中文|中文|普通话|说中文|用简体|chinese|in chinese)$/u, 'chinese'],
  [/^(?:繁体|繁体字|繁体中文|正体|正体字|正体中文|用繁体|traditional chinese)$/u, 'traditional'],
  [/^(?:恢复|照常|照旧|正常说|像以前一样|恢复正常|as before|as usual)$/u, 'usual'],
]

/** The preference these words are and nothing else; in a longer text the same words are part of a story. */
export function preferenceIn(plain: string): Preference | undefined {
  const words = plain
    .toLowerCase()
    .replace(/[。.,，!！?？~～、;；:：]/gu, '')
    .trim()
  if (words.length > 24) return undefined
  const squeezed = /\p{Script=Han}/u.test(words) ? words.replace(/\s/gu, '') : words.replace(/\s+/gu, ' ')
  const bare = squeezed.replace(new RegExp(`^${polite}`, 'u'), '').replace(new RegExp(`${end}$`, 'u'), '')
  // The politeness around it may be a part of it ("给我听", "可以打电话"): with it and without.
  for (const said of [squeezed, squeezed.replace(new RegExp(`${end}$`, 'u'), ''), bare]) {
    const found = heard.find(([pattern]) => pattern.test(said))
    if (found) return found[1]
  }
  return undefined
}
