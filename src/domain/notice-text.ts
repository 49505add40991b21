/** 大白话检查: what a coordinator should change in a notice before anybody reads it. Pure; the words stand in `texts/`. */

/** `stops`: it cannot go out like this. The others are advice. */
export interface Finding {
  readonly what: FindingKind
  readonly stops: boolean
  /** The word or the sentence that is meant; for a length, the number of characters. */
  readonly shown: string
}

export const findingKinds = [
  'empty',
  'too_long',
  'far_too_long',
  'long_sentence',
  'jargon',
  'vague',
  'who',
  'what',
  'when',
  'where',
  'contact',
  'outs',
  'link',
  'money',
  'place_left',
  'emoji',
] as const
export type FindingKind = (typeof findingKinds)[number]

/** Characters of the core, and where advice becomes a stop; what does not fit belongs into 详情. */
export const coreChars = 70
const mostChars = 300
const mostMoreChars = 1_500
const sentenceChars = 40

const jargon =
  /工单|个案|转介|SLA|预估|介入|接案|结案|督导|资源链接|三社联动|五社联动|案主|服务对象|相关部门|贯彻|落实|统筹|依据.{0,12}文件|根据.{0,16}号文|特此通知|予以|为荷|届时|拟于|须知悉/u
const vague = /尽快|近期|近日|择日|适时|马上就到|有关地点|指定地点/u
/** A notice lies open on a lock screen: it must not tell a bystander what the receiver has or lacks. */
const outing =
  /残疾|残障|低保|特困|贫困|困难群众|困难家庭|单亲|失独|精神(?:病|障碍|疾病)|癌|患者|病友|艾滋|抑郁|自闭|智力|刑满|社区矫正|吸毒|戒毒|家暴|救助对象|受助|失能|失智/u
/** Nobody is asked for money or codes by a notice: whoever does is not us. */
const money = /转账|汇款|付款|收款码|付款码|二维码|银行卡|验证码|密码|捐款|募捐|打赏|保证金|手续费|加微信|加(?:我|QQ)/iu

const parts = {
  who: /居民|大家|您|你|住户|老人|长辈|家长|孩子|业主|租客|各位|街坊|邻居|家里|社工|社区|街道|民政/u,
  what: /[\p{Script=Han}]{4}/u,
  when: /\d\s*(?:点|时|号|日|月|:\d{2})|今天|明天|后天|今晚|明晚|今夜|现在|周[一二三四五六日天]|星期|上午|下午|晚上|中午|凌晨|立即|马上|[一二三四五六七八九十]+(?:点|号|日|月)/u,
  where:
    /社区|街道|小区|新村|花园|路|号楼|栋|楼|室|站|中心|广场|公园|门口|家里|家中|室外|室内|户外|海边|地下|学校|医院|服务点|网上|电话里|全区|湖里/u,
  contact: /\d{3,4}[-\s]?\d{7,8}|1\d{10}|\b1\d{2,4}\b|(?<!\d)1\d{2,4}(?!\d)|人工|回复|联系|电话|咨询|找社工|打给/u,
} as const

export interface TextRules {
  /** Hosts that a link may lead to, subdomains included. */
  readonly linkHosts: readonly string[]
}

/** What is wrong with the words; the stops first. */
export function checkNotice(text: string, more: string | undefined, rules: TextRules): Finding[] {
  const core = text.normalize('NFKC').trim()
  const whole = `${core}\n${more ?? ''}`
  const found: Finding[] = []
  const note = (what: FindingKind, stops: boolean, shown: string) => found.push({ what, stops, shown })
  if (core === '') return [{ what: 'empty', stops: true, shown: '' }]

  const length = [...core].length
  if (length > mostChars) note('far_too_long', true, String(length))
  else if (length > coreChars) note('too_long', false, String(length))
  if ([...(more ?? '')].length > mostMoreChars) note('far_too_long', true, String([...(more ?? '')].length))
  const outs = outing.exec(core)
  if (outs) note('outs', true, outs[0])
  for (const host of foreignLinks(whole, rules.linkHosts)) note('link', true, host)
  const asksMoney = money.exec(whole)
  if (asksMoney) note('money', true, asksMoney[0])
  const place = /\{([^{}]*)\}|[【[](?:填|待填)[^】\]]*[】\]]|_{2,}|×{2,}|[xX]{2,}/u.exec(whole)
  if (place) note('place_left', true, place[0])

  for (const sentence of whole.split(/[。!?;\n]/u)) {
    if ((sentence.match(/\p{Script=Han}/gu) ?? []).length > sentenceChars)
      note('long_sentence', false, `${sentence.slice(0, 12)}…`)
  }
  const heavy = jargon.exec(whole)
  if (heavy) note('jargon', false, heavy[0])
  const loose = vague.exec(whole)
  if (loose) note('vague', false, loose[0])
  if (/(?:\p{Extended_Pictographic}\uFE0F?\s*){2,}/u.test(core)) note('emoji', false, '')
  for (const part of ['who', 'what', 'when', 'where', 'contact'] as const) {
    if (!parts[part].test(whole)) note(part, false, '')
  }
  return found.sort((a, b) => Number(b.stops) - Number(a.stops))
}

/** Where the links of a text lead that are not on the list, by host. Lookalike letters and hidden characters do not help. */
export function foreignLinks(text: string, allowed: readonly string[]): string[] {
  const plain = text
    .replace(/[\u200b-\u200f\u2060\ufeff\u00ad]/gu, '')
    .normalize('NFKC')
    .replace(/(?<=[a-z0-9])[。。・·﹒](?=[a-z])/giu, '.')
  const hosts = [...plain.matchAll(link)].flatMap(([found]) => {
    const host = hostOf(found)
    return host === undefined ? [] : [host]
  })
  return [...new Set(hosts)].filter((host) => !allowed.some((ok) => host === ok || host.endsWith(`.${ok}`)))
}

/** With a scheme anything counts; without one, letters with dots that end like a domain, or four numbers. */
const link =
  /[a-z][a-z0-9+.-]*:\/\/[^\s,;,。;)】」]+|(?:[\p{L}\p{N}][\p{L}\p{N}-]*\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]+|中国|公司|网络|网址|在线|我爱你|商城)(?![a-z])[^\s,;,。;)】」\p{Script=Han}]*|(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/giu

function hostOf(found: string): string | undefined {
  try {
    return new URL(/^[a-z][a-z0-9+.-]*:\/\//iu.test(found) ? found : `http://${found}`).hostname
      .toLowerCase()
      .replace(/\.$/u, '')
  } catch {
    return found.slice(0, 40)
  }
}

/** 模板: the names of the places that are still to be filled in, in order. */
export const placesIn = (template: string): string[] => [
  ...new Set([...template.matchAll(/\{([^{}]{1,12})\}/gu)].map(([, name = '']) => name)),
]

/** Fill the places in the order they stand; what is missing stays as it is and is found by the check. */
export function fillPlaces(template: string, values: readonly string[]): string {
  const names = placesIn(template)
  return template.replace(/\{([^{}]{1,12})\}/gu, (whole, name: string) => {
    const value = values[names.indexOf(name)]?.trim()
    return value === undefined || value === '' ? whole : value
  })
}
