import type { Details } from './details.ts'
import type { Wish } from './policy.ts'

/** What is wished for with a request. A recording of which no word is written down may be in Minnan: who understands it comes first. */
export function wishesOfPlea({ words, byVoice }: Pick<Details, 'words' | 'byVoice'>): Wish[] {
  const said = words.join('\n')
  const found = wishesIn(said)
  return byVoice && said.trim() === '' && !found.includes('minnan') ? [...found, 'minnan'] : found
}

/** What a resident asks of the person who comes, in their own words; a wish that is taken back in the same breath is none. */
export function wishesIn(words: string): Wish[] {
  const found: Wish[] = []
  if (woman.test(words) && !eitherIsFine.test(words)) found.push('woman')
  if (minnan.test(words)) found.push('minnan')
  if (signLanguage.test(words)) found.push('sign_language')
  return found
}

const woman =
  /(?:要|想要|找|换|请|派|安排|最好|希望)(?:是|个|一个|一位|位|来个|来一位)*女(?:的|士|社工|同志|护工|护士|工作人员|性)|女(?:的|社工|护工|护士|同志|工作人员)(?:来|帮|陪|行不行|可以吗|有吗|方便)|(?:不要|别派|别找|不想要)男|男的(?:不|别)(?:方便|要|行)|female (?:worker|nurse|carer|staff)|a woman to/u
const eitherIsFine = /男女(?:都|皆)?(?:可以|行|都行|不限|无所谓)/u
const minnan =
  /(?:会|讲|说|听|懂)(?:得?懂)?(?:闽南(?:话|语)|闽南語|厦门话|本地话|台语)|(?:只|光)(?:会|能|听)(?:讲|说|懂)?(?:闽南|厦门|本地)|(?:普通话|国语)(?:听不懂|不会|讲不好|不太会|听不太懂)/u
const signLanguage = /手语|手語|打手势(?:的|才)|sign language/u
