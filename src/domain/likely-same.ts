import { type Details, wordsTogether } from './details.ts'
import { oneByKin } from './kin.ts'
import type { Need, Programme, Subject } from './taxonomy.ts'

/**
 * 同一件事: may two open requests be the same need of the same person? It suggests, with what speaks for it; a person decides
 * (domain.md D7). Names alone never make it, and are compared by their sound: each phone writes them in its own way.
 */

/** What is compared of a request. */
export interface Told {
  readonly requesterId: number
  readonly householdId: number | null
  readonly communityId: number | null
  readonly programmes: readonly Programme[]
  readonly needs: readonly Need[]
  readonly subject: Subject | null
  readonly details: Details
  readonly at: Date
}

/** What speaks for it. Ages and kin words are those of the first of the two: whoever reads it may read that one. */
export interface Likeness {
  readonly community: boolean
  readonly kin: string | undefined
  readonly age: number | undefined
  readonly needs: readonly Need[]
  readonly household: boolean
  readonly sameReporter: boolean
  readonly phone: boolean
  readonly door: boolean
  readonly name: boolean
}

/** Two of one family tell of the same trouble within days; what is further apart is another occasion. */
export const withinDays = 7
/** 虚岁 and 周岁, and a year that somebody rounds. */
const yearsApart = 2

/** @param sound how one sign is heard, so that signs that sound alike are equal. */
export function likelySame(newer: Told, older: Told, sound: (sign: string) => string): Likeness | undefined {
  if (Math.abs(newer.at.getTime() - older.at.getTime()) > withinDays * 86_400_000) return undefined
  const household = newer.householdId !== null && newer.householdId === older.householdId
  const sameReporter = newer.requesterId === older.requesterId
  const community = newer.communityId !== null && newer.communityId === older.communityId
  const elsewhere = newer.communityId !== null && older.communityId !== null && !community
  if (elsewhere || !(community || household || sameReporter)) return undefined
  const needs = newer.needs.filter((need) => older.needs.includes(need))
  const programme = newer.programmes.some((p) => older.programmes.includes(p))
  const untold =
    newer.programmes.length + newer.needs.length === 0 || older.programmes.length + older.needs.length === 0
  if (!programme && needs.length === 0 && !untold) return undefined

  const [one, other] = [heardIn(newer.details), heardIn(older.details)]
  if (!mayBeOnePerson(newer, older)) return undefined
  if (one.age !== undefined && other.age !== undefined && Math.abs(one.age - other.age) > yearsApart) return undefined
  const age = one.age !== undefined && other.age !== undefined ? one.age : undefined
  const bothSayKin = newer.details.kin !== undefined && older.details.kin !== undefined
  const kin = bothSayKin ? newer.details.kin : undefined
  const likeness: Likeness = {
    community,
    kin,
    age,
    needs,
    household,
    sameReporter,
    phone: one.phones.some((phone) => other.phones.includes(phone)),
    door: one.door !== undefined && one.door === other.door,
    name: soundsAlike(one.names, other.names, sound),
  }
  return points(likeness) >= enough ? likeness : undefined
}

/** Of several, the one that most speaks for. */
export function points(likeness: Likeness): number {
  const { household, sameReporter, phone, door, age, kin, name } = likeness
  const strong = [household, sameReporter, phone, door, age !== undefined].filter(Boolean).length
  return strong * 2 + [kin !== undefined, name].filter(Boolean).length
}

/** One thing that few share (an age, a door, a number, a household), and one more; a kin word and a name are not yet that. */
const enough = 3

/** Somebody for themselves and somebody for their mother can be one need; two for themselves only by one person. */
function mayBeOnePerson(one: Told, other: Told): boolean {
  const bothSelf = one.subject === 'self' && other.subject === 'self'
  if (bothSelf && one.requesterId !== other.requesterId) return false
  const [a, b] = [one.details.kin, other.details.kin]
  return a === undefined || b === undefined || oneByKin(a, b)
}

// --- what is heard in the words

interface Heard {
  readonly age: number | undefined
  readonly phones: readonly string[]
  /** 楼号和门牌 as figures only: 3号楼502 and 三号楼502室 are one door. */
  readonly door: string | undefined
  readonly names: readonly string[]
}

function heardIn(details: Details): Heard {
  const text = [wordsTogether(details, 2_000), details.place ?? ''].join('；').normalize('NFKC')
  return { age: ageIn(text), phones: phonesIn(text, details.phone), door: doorIn(text), names: namesIn(text) }
}

const figures = '〇零一二两三四五六七八九十百'
const said = new RegExp(`(\\d{1,3}|[${figures}]{1,5})\\s*(?:多|来)?\\s*(?:周|虚)?岁`, 'u')

function ageIn(text: string): number | undefined {
  const found = said.exec(text)?.[1]
  const age = found === undefined ? undefined : numberIn(found)
  return age !== undefined && age > 0 && age < 120 ? age : undefined
}

/** 八十二, 八二, 一百零一, 82. */
export function numberIn(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  const digit = (sign: string) => '〇一二三四五六七八九'.indexOf(sign.replace('零', '〇').replace('两', '二'))
  if (!/[十百]/u.test(text)) return [...text].reduce((sum, sign) => sum * 10 + digit(sign), 0)
  const [, hundreds, tens, ones] = /^(?:(.)?百)?零?(?:(.)?十)?(.)?$/u.exec(text) ?? []
  const part = (sign: string | undefined, named: boolean) => (sign === undefined ? (named ? 1 : 0) : digit(sign))
  return part(hundreds, text.includes('百')) * 100 + part(tens, text.includes('十')) * 10 + part(ones, false)
}

function phonesIn(text: string, given: string | undefined): string[] {
  const found = [...text.matchAll(/(?<!\d)(?:\d[\d\s-]{5,14}\d)(?!\d)/gu)].map(([phone]) => phone)
  return [...found, ...(given === undefined ? [] : [given])]
    .map((phone) =>
      phone
        .normalize('NFKC')
        .replace(/\D/g, '')
        .replace(/^86(?=1\d{10}$)/, ''),
    )
    .filter((phone) => phone.length >= 7 && phone.length <= 12)
}

function doorIn(text: string): string | undefined {
  const building = /(\d{1,4}|[一二三四五六七八九十]{1,3})\s*(?:号楼|栋|幢|座)/u.exec(text)?.[1]
  const room = /(?<!\d)(\d{3,4})(?!\d|岁|元|块|天)\s*(?:室|房)?/u.exec(text.replace(/\d{5,}/gu, ''))?.[1]
  return building === undefined || room === undefined ? undefined : `${numberIn(building)}-${room}`
}

/** 叫林秀英, 我妈林秀英: two or three signs that begin with a surname. */
const surnames =
  '赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹章潘葛范彭鲁马方任袁柳史唐薛雷贺倪汤罗郝安常傅康卢余顾孟黄萧姚汪毛戴宋熊纪舒项董梁杜阮蓝季贾江颜郭梅林徐邱高夏蔡田胡凌霍万柯卓廖洪曾庄苏叶施刘游魏翁连涂詹欧'
const named = new RegExp(
  `(?:名叫|叫做|叫|名字是|[妈爸母父婆公奶爷嬷])\\s*([${surnames}]\\p{Script=Han}{1,2})(?=$|[^\\p{Script=Han}]|今|住|一|\\d|[${figures}]+岁)`,
  'gu',
)

const namesIn = (text: string): string[] => [...text.matchAll(named)].flatMap(([, name]) => name ?? [])

function soundsAlike(some: readonly string[], others: readonly string[], sound: (sign: string) => string): boolean {
  const heard = (name: string) => [...name].map(sound).join(' ')
  return some.some((name) => others.some((other) => heard(name) === heard(other)))
}
