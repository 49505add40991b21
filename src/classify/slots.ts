import type { Subject } from '../domain/taxonomy.ts'
import type { GazetteerEntry, Scored, Slots } from './classifier.ts'
import { normalise } from './normalise.ts'
import { fuzzySound } from './sound.ts'

/** What a text, normalised, says beside its labels: a phone number, a community, who needs the help, only in writing. */
export function slotsIn(plain: string, gazetteer: readonly GazetteerEntry[]): Slots {
  const phone = phoneIn(plain)
  const kin = notThem.test(plain) ? undefined : kinIn(plain)?.word
  const name = nameIn(plain)
  return {
    communityIds: communitiesIn(plain, gazetteer),
    ...(phone ? { phone } : {}),
    ...(kin ? { kin } : {}),
    ...(name ? { name } : {}),
    ...(saysTextOnly(plain) ? { textOnly: true } : {}),
  }
}

/** Who needs the help, by the words for kin; a relative who is only mentioned beside the sender's own need does not count. */
export function subjectIn(plain: string): (Scored<Subject> & { because: string }) | undefined {
  if (notThem.test(plain)) return { label: 'self', confidence: 0.95, because: '说是自己' }
  const found = kinIn(plain)
  if (found) return { label: found.subject, confidence: 0.85, because: `提到 ${found.word}` }
  if (/^(?:我自己|本人|自己|是我|我本人|给我自己)/u.test(plain))
    return { label: 'self', confidence: 0.95, because: '说是自己' }
  if (/^(?:我家人|家人|家里人|给家人)/u.test(plain)) return { label: 'family', confidence: 0.95, because: '说是家人' }
  const own =
    /(?:我|俺|本人)(?:是|今年|\d{1,3}岁|现在|一个人|自己|也|都|在|想|要|需要|有|没|的(?:腿|眼|手|脚|耳|病|轮椅|残疾证|工资)|眼睛|腿|听|看|走|找|带|被|离婚)|^(?:想|求|需要|请帮我|帮我)|my\b|\bi\b/u.exec(
      plain,
    )
  return own ? { label: 'self', confidence: 0.6, because: `提到 ${own[0]}` } : undefined
}

/** In a crisis: is it told of somebody else, by who is in no danger themselves? In doubt it is the sender's own. */
export function isAboutOthers(text: string): boolean {
  const plain = normalise(text)
  return subjectIn(plain)?.label === 'other' && !ownDanger.test(plain)
}

/**
 * A relative's age beside the sender's own need says nothing about the sender: 我妈82岁，我自己眼睛看不见，想找工作 is no plea for the
 * old. The mention is taken out where the rest still tells of the sender and of no relative in trouble.
 */
export function withoutPassingAge(plain: string): string {
  const rest = plain.replace(relativesAge, '')
  return rest !== plain && ownNeed.test(rest) && !/[她他伊]/u.test(rest) && !kinIn(rest) ? rest : plain
}

// --- phone and name

function phoneIn(plain: string): string | undefined {
  const dense = plain.replace(/(?<=\d)[\s-](?=\d)/gu, '')
  const mobile = /(?<!\d)1[3-9]\d{9}(?!\d)/u.exec(dense)?.[0]
  return mobile ?? /(?<!\d)0\d{2,3}\d{7,8}(?!\d)|(?<!\d)[2-8]\d{6}(?!\d)/u.exec(dense)?.[0]
}

const nameIn = (plain: string): string | undefined =>
  /我(?:名)?叫([\p{Script=Han}]{2,4})(?=$|[,。,\s!!])/u.exec(plain)?.[1]

/** Do these words say that no telephone can be used? */
export const saysTextOnly = (plain: string): boolean => textOnly.test(plain)

const textOnly =
  /只能(?:打字|发(?:消息|信息|短信|文字))|(?:听不(?:见|到)|耳聋|聋(?:人|哑|的)|听力(?:不好|残疾|障碍))|不(?:能|方便|要)(?:接|打)电话|(?:别|不要)(?:给我)?打电话|deaf|can'?t (?:hear|talk on the phone)|text only/u

// --- kin

const relatives =
  '妈妈|爸爸|母亲|父亲|老妈|老爸|妈|爸|老伴|老公|老婆|丈夫|妻子|爱人|儿子|女儿|孩子|小孩|娃|儿媳|媳妇|女婿|婆婆|公公|岳母|岳父|丈母娘|爷爷|奶奶|外公|外婆|姥姥|姥爷|阿嬷|阿公|阿婆|哥哥|姐姐|弟弟|妹妹|哥|姐|弟|妹|孙子|孙女|侄子|侄女|舅舅|姑姑|叔叔|伯伯|阿姨|后生|查某囝|翁|老母|老父|老娘'
const strangers =
  '邻居|隔壁(?:的)?(?:阿婆|阿公|大爷|大妈|老人|奶奶|爷爷)?|楼(?:上|下)(?:的)?(?:老人|阿婆|阿公|大爷|奶奶)?|对门|朋友|同事|工友|老乡|同学|厝边|一个(?:老人|阿婆|阿公|阿姨|大爷|小孩)|有(?:个|位)(?:老人|阿婆|阿公|阿姨|大爷|小孩)'
/** What is said of the one who needs help. */
const troubled =
  '(?:\\s|今年|现在|一个人|刚|刚刚|才|又|都|也|他|她|们|的)*(?:\\d{1,3}岁|[一二三四五六七八九十]{1,3}(?:多)?岁|岁数|病|住院|出院|瘫|中风|摔|跌|不能|不会|走不|听不|看不|没人|没有人|没工作|需要|要(?:去|做|人|轮|换)|想(?:找|要|请|申请)|卧床|残疾|自闭|智障|脑瘫|癌|失能|痴呆|糊涂|腿|眼|耳|手|脚|上学|放学|作业|读书|厌学|不去|在家|独居|可怜|好几天|怎么|有(?:残|病|自|癌|糖|高|慢|精神|抑郁)|得了|被|情绪|抑郁)'
const own = '(?:我|俺|我们|我家|我的|咱)(?:家|的)?'
const familyInTrouble = new RegExp(
  `${own}(?:那)?(${relatives})(?!.{0,4}(?:不管|不给|打我|跑了|走了|去世|过世|没了|离婚|不要))${troubled}`,
  'u',
)
const familyAsked = new RegExp(`(?:给|帮|替|为|照顾|陪)(?:一下)?(?:${own})?(${relatives})(?!带)`, 'u')
const notMe = new RegExp(
  `不是(?:我|自己|本人)(?:[,,\\s]+(?:是)?|是)(?:${own})?(${relatives}|${strangers})|不是(?:${own})?(?:${relatives}|${strangers})[,,\\s]*是(?:${own})?(${relatives}|${strangers})`,
  'u',
)
const notThem = /不是[^,,。\s]{1,6}[,,\s]*是(?:我|自己|我自己|本人|我本人)(?:$|[,,。!\s])/u
const relativesAge = new RegExp(
  `${own}(?:${relatives})(?:今年|都|已经|也|快)?[\\d一二三四五六七八九十]{1,3}(?:多)?岁(?:了|多)?[,。;!?\\s]*`,
  'gu',
)
const ownNeed = /(?:我|俺)(?:自己|本人|想|要找|需要|的?(?:眼睛|腿|手|耳朵|腰)|听不|看不|走不|没(?:有)?工作|失业|找)/u
const bareKin = new RegExp(`^(?:是|给|为)?(?:${own})?(${relatives})[。,!\\s]*$`, 'u')
const strangerSeen = new RegExp(`(?:^|[,。,\\s]|我|我们|是)(${strangers})`, 'u')
const english =
  /\b(?:my|our) (mother|father|mum|mom|dad|wife|husband|son|daughter|child|grandma|grandpa|grandmother|grandfather)\b/u

const ownDanger = new RegExp(
  `我(?!们?(?:${strangers})).{0,6}(?:不想|想死|死|活|撑|受不|怕|疼|痛|血|割|跳|药|救)|(?:打|砍|杀|追|掐|威胁|骂|摸|逼|堵|跟踪)着?我|救我`,
  'u',
)

function kinIn(plain: string): { word: string; subject: Subject } | undefined {
  const not = notMe.exec(plain)
  const corrected = not?.[1] ?? not?.[2]
  if (corrected)
    return {
      word: withMy(corrected),
      subject: new RegExp(`^(?:${strangers})$`, 'u').test(corrected) ? 'other' : 'family',
    }
  const family = (familyInTrouble.exec(plain) ?? familyAsked.exec(plain) ?? bareKin.exec(plain))?.[1]
  if (family) return { word: withMy(family), subject: 'family' }
  const abroad = english.exec(plain)?.[1]
  if (abroad) return { word: abroad, subject: 'family' }
  const other = strangerSeen.exec(plain)?.[1]
  return other ? { word: other, subject: 'other' } : undefined
}

const withMy = (word: string) =>
  /^[\p{Script=Han}]+$/u.test(word) && !/^(?:邻居|隔壁|楼|对门|有|一个)/u.test(word) ? `我${word}` : word

// --- community

/** Characters that speech recognition and quick typing put for one another in the names of this district. */
const homophones: readonly (readonly [RegExp, string])[] = [
  [/金上|金山尚|今尚|紧尚|金商/gu, '金尚'],
  [/吕林|旅岭|吕领|绿岭|铝岭|律岭|女岭/gu, '吕岭'],
  [/康了|康勒|康樂|康热/gu, '康乐'],
  [/后部|後埔/gu, '后埔'],
  [/何山(?=街|社|区|镇)|和山(?=街|社|区|镇)/gu, '禾山'],
]

/**
 * Communities a text may mean. The longest name found wins over a shorter one inside it (后埔 is not 后浦, 江头街道 is not 江头社区);
 * a name that is also a street or the district counts only as a community when nothing larger is meant.
 */
function communitiesIn(plain: string, gazetteer: readonly GazetteerEntry[]): number[] {
  const heard = homophones.reduce((text, [slip, name]) => text.replace(slip, name), plain)
  const larger = heard.replace(/[\p{Script=Han}]{2}街道(?:办|办事处)?|(?:湖里|思明|集美|海沧|同安|翔安)区/gu, '□')
  const found: { id: number; at: number; length: number }[] = []
  for (const entry of gazetteer) {
    for (const name of [entry.community, ...entry.aliases]) {
      const wanted = normalise(name).replace(/社区$/u, '')
      if (wanted.length < 2) continue
      const at = larger.indexOf(wanted)
      if (at === -1) continue
      found.push({ id: entry.communityId, at, length: wanted.length })
    }
  }
  const covered = found.filter(
    (f) => !found.some((g) => g.length > f.length && g.at <= f.at && g.at + g.length >= f.at + f.length),
  )
  return found.length > 0 ? [...new Set(covered.map((f) => f.id))] : soundingLike(larger, gazetteer)
}

/** Where somebody says where they live, and speech recognition or a quick thumb wrote another character of the same sound. */
const placeSaid =
  /(?:住在?|家在|人在|我在|我是|就在)(\p{Script=Han}{2,5})|^(\p{Script=Han}{2,5})$|(\p{Script=Han}{2,4})(?:社区|小区|新村|那边|这边|村里)/gu

/** Several names may sound alike: then all of them are returned, and the resident is asked which. */
function soundingLike(plain: string, gazetteer: readonly GazetteerEntry[]): number[] {
  const said = [...plain.matchAll(placeSaid)].map((match) => soundsOf(match[1] ?? match[2] ?? match[3] ?? ''))
  if (said.length === 0) return []
  const alike = gazetteer.filter(({ community, aliases }) =>
    [community, ...aliases].some((name) => {
      const wanted = soundsOf(normalise(name).replace(/社区$/u, ''))
      return wanted.includes(' ') && said.some((heard) => ` ${heard} `.includes(` ${wanted} `))
    }),
  )
  return alike.map(({ communityId }) => communityId)
}

const soundsOf = (name: string): string => [...name].map(fuzzySound).join(' ')
