/** 称呼: who may be meant by a word for kin, so that 我妈, 婆婆 and 外婆, said by three people, can be one woman. */

export interface Kin {
  readonly sex: 'woman' | 'man' | 'either'
  /** Seen from whoever says it: a wife and a sister may be of any age. */
  readonly standing: 'elder' | 'peer' | 'child'
}

/** The longer word first: 婆婆 is no 老婆, 外公 no 老公. */
const words: readonly (readonly [RegExp, Kin])[] = [
  [/父母|爸妈|爹娘|爱人|老伴|亲戚/u, { sex: 'either', standing: 'peer' }],
  [/老婆|妻|太太|媳妇|姐|妹|阿姊|wife|sister/iu, { sex: 'woman', standing: 'peer' }],
  [/老公|丈夫|先生|哥|弟|husband|brother/iu, { sex: 'man', standing: 'peer' }],
  [/女儿|囡|闺女|孙女|外甥女|侄女|daughter/iu, { sex: 'woman', standing: 'child' }],
  [/儿子|孙子|外孙|外甥|侄子|son$/iu, { sex: 'man', standing: 'child' }],
  [/孩子|小孩|娃|宝宝|囝|child|kid|baby/iu, { sex: 'either', standing: 'child' }],
  [/妈|母|娘|奶奶|姥姥|嬷|婆|姨|姑|婶|mother|mum|mom|grandma|aunt/iu, { sex: 'woman', standing: 'elder' }],
  [/爸|父|爹|爷|姥爷|公|丈人|伯|叔|舅|father|dad|grandpa|uncle/iu, { sex: 'man', standing: 'elder' }],
  [/老人|长辈|邻居|朋友|室友|同事|neighbou?r|friend/iu, { sex: 'either', standing: 'peer' }],
]

export function kinOf(word: string): Kin | undefined {
  return words.find(([pattern]) => pattern.test(word))?.[1]
}

/** Can the two words mean one person? A word nobody knows rules nothing out. */
export function oneByKin(one: string, other: string): boolean {
  const [a, b] = [kinOf(one), kinOf(other)]
  if (!a || !b) return true
  const sexes = a.sex === b.sex || a.sex === 'either' || b.sex === 'either'
  return sexes && (a.standing === b.standing || a.standing === 'peer' || b.standing === 'peer')
}
