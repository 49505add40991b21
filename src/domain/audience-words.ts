import type { Audience, Facets, RecipientRole } from './audience.ts'
import type { Language } from './preferences.ts'
import type { Need, Programme } from './taxonomy.ts'

/** 发给谁, as a coordinator writes it: 康乐社区和吕岭社区的居家养老,不含90天没来的. What is not understood is named, never guessed. */

export interface Vocabulary {
  readonly communities: readonly { readonly id: number; readonly names: readonly string[] }[]
  readonly streets: readonly string[]
}

export interface SpokenAudience {
  readonly audience: Audience | undefined
  /** What was not understood, word by word. */
  readonly unknown: readonly string[]
}

type KnownLanguage = Language | 'nan'
type Found = Partial<{ [K in keyof Facets]: Facets[K] }>

export function readAudience(text: string, vocabulary: Vocabulary): SpokenAudience {
  const plain = text.normalize('NFKC').replace(/[\s]+/gu, ' ').trim()
  const [wanted = '', ...excepted] = plain.split(/(?:但|,)?(?:不含|不包括|不要发给|除了|除去|排除)/u)
  const unknown: string[] = []
  const words = wordsOf(vocabulary)
  const read = (part: string): Facets | undefined => {
    const { facets, rest } = scan(part, words)
    unknown.push(...rest)
    return facets
  }
  const groups = wanted.split(/或者|还有|另加|;|\n/u).flatMap((part) => read(part) ?? [])
  // Each thing to leave out is left out by itself: 不含吕岭社区和90天没来的.
  const except = excepted.flatMap((part) => part.split(/,|、|和|与|及|;|或者?/u)).flatMap((part) => read(part) ?? [])
  const whole = groups.length > 0 && unknown.length === 0
  return { audience: whole ? { groups, except } : undefined, unknown: [...new Set(unknown)] }
}

interface Word {
  readonly said: string
  readonly means: Found
}

function wordsOf({ communities, streets }: Vocabulary): readonly Word[] {
  const all: Word[] = [
    ...communities.flatMap(({ id, names }) => names.map((said) => ({ said, means: { communities: [id] } }))),
    ...streets.map((said) => ({ said, means: { streets: [said] } })),
    ...programmeWords.flatMap(([programme, names]) =>
      names.map((said) => ({ said, means: { programmes: [programme] } })),
    ),
    ...needWords.flatMap(([need, names]) => names.map((said) => ({ said, means: { needs: [need] } }))),
    ...roleWords.flatMap(([roles, names]) => names.map((said) => ({ said, means: { roles: [...roles] } }))),
    ...languageWords.flatMap(([codes, names]) => names.map((said) => ({ said, means: { languages: [...codes] } }))),
  ]
  // 江头街道 before 江头社区 before anything shorter: the longest name that stands there is meant.
  return all.filter(({ said }) => said !== '').sort((a, b) => b.said.length - a.said.length)
}

const programmeWords: readonly (readonly [Programme, readonly string[]])[] = [
  ['disability', ['关爱残疾人', '残疾人项目', '残疾人']],
  ['elder', ['居家养老', '养老项目', '养老']],
  ['single_mother', ['援助单亲妈妈家庭', '单亲妈妈家庭', '单亲妈妈', '单亲']],
  ['migrant', ['关爱外来务工人员', '外来务工人员', '外来务工']],
]

const needWords: readonly (readonly [Need, readonly string[]])[] = [
  ['nursing', ['护理需要', '要护理']],
  ['employment', ['就业需要', '要就业', '找工作']],
  ['counselling', ['心理疏导']],
  ['financial_medical', ['费用和补贴', '补贴']],
  ['rehab_assistive', ['康复和辅具', '康复', '辅具']],
  ['daily_living', ['日常生活']],
  ['legal', ['法律和维权', '法律', '维权']],
  ['child_education', ['孩子教育']],
  ['companionship', ['陪伴']],
  ['housing_access', ['住房和无障碍', '无障碍']],
  ['information', ['政策咨询']],
]

const roleWords: readonly (readonly [readonly RecipientRole[], readonly string[]])[] = [
  [['resident'], ['全部居民', '所有居民', '全区居民', '全体居民', '全区', '居民']],
  [
    ['social_worker', 'nurse', 'counsellor', 'lead', 'street', 'coordinator'],
    ['全部工作人员', '所有工作人员', '工作人员'],
  ],
  [['social_worker'], ['全部社工', '所有社工', '社工']],
  [['volunteer'], ['志愿者']],
  [['nurse'], ['护理人员', '护理员']],
  [['counsellor'], ['心理咨询师']],
  [['lead'], ['机构负责人', '负责人']],
  [['street'], ['街道联系人']],
  [['coordinator'], ['协调员']],
]

const languageWords: readonly (readonly [readonly KnownLanguage[], readonly string[]])[] = [
  // What is known is what somebody reads, and whether they speak Minnan; any other language matches nobody, so it is no word.
  [
    ['zh', 'zh-Hant'],
    ['说普通话', '讲普通话', '说中文', '看中文'],
  ],
  [['zh-Hant'], ['看繁体字', '看繁体']],
  [['nan'], ['说闽南语', '说闽南话', '讲闽南话', '讲闽南语']],
  [['en'], ['说英语', '讲英语', '看英文']],
]

/** Words that join and say nothing. */
const joins =
  /^(?:发给|发到|给|住在|住|在|的人|的|和|与|跟|及|以及|、|,|\.|:|\s|里|里面|用户|人|那些|且|并且|都|家庭|项目)+/u

const numbered: readonly (readonly [RegExp, (numbers: number[]) => Found])[] = [
  [
    /^(\d{1,4})\s*天(?:内)?(?:以上)?(?:都)?(?:没有?|未)(?:来|联系|说话|发消息|露面|出现)(?:过)?/u,
    ([days = 1]) => ({ silentDays: days }),
  ],
  [/^(?:报名|报了名?)(?:了|过)?(?:通知|活动)?\s*(\d{1,6})/u, (ids) => ({ signedUp: ids })],
  [/^(?:收到过?|发过)(?:通知)?\s*(\d{1,6})/u, (ids) => ({ reached: ids })],
  [/^(?:名单|编号)\s*:?\s*((?:\d{4,6}[\s、,和]*)+)/u, (numbers) => ({ listed: numbers })],
]

function scan(part: string, words: readonly Word[]): { facets: Facets | undefined; rest: string[] } {
  const facets: Found = {}
  const rest: string[] = []
  let left = part
  let stray = ''
  let any = false
  const put = (means: Found) => {
    any = true
    for (const [facet, value] of Object.entries(means)) merge(facets, facet as keyof Facets, value)
  }
  while (left !== '') {
    const found = numbered.map(([pattern, means]) => ({ hit: pattern.exec(left), means })).find(({ hit }) => hit)
    const word = found ? undefined : words.find(({ said }) => left.startsWith(said))
    const join = found || word ? null : joins.exec(left)
    const length = found?.hit?.[0].length ?? word?.said.length ?? join?.[0].length
    if (length === undefined) {
      const [letter = ''] = left
      stray += letter
      left = left.slice(letter.length)
      continue
    }
    if (stray !== '') rest.push(stray)
    stray = ''
    if (found?.hit) put(found.means([...(found.hit[1] ?? '').matchAll(/\d+/gu)].map(([n]) => Number(n))))
    if (word) put(word.means)
    left = left.slice(length)
  }
  if (stray !== '') rest.push(stray)
  return { facets: any ? facets : undefined, rest }
}

function merge(facets: Found, facet: keyof Facets, value: unknown): void {
  const before = facets[facet]
  const merged = Array.isArray(before) && Array.isArray(value) ? [...new Set([...before, ...value])] : value
  Object.assign(facets, { [facet]: merged })
}
