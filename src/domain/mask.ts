/**
 * What a relay between resident and worker may show: words, never a way to reach the other side. Numbers of seven digits
 * or more (phones, bank cards), identity card numbers, e-mail addresses and links to a profile are hidden; digits may be
 * full width, spoken or spaced out.
 */
export function mask(text: string): string {
  const hide = (part: string) => hidden.reduce((masked, [pattern, word]) => masked.replace(pattern, word), part)
  // A place somebody sent from their phone is what a worker needs to find them: every second part is one.
  return text
    .split(sentPlace)
    .map((part, i) => (i % 2 === 1 ? part : hide(part)))
    .join('')
}

/** 位置: coordinates as they stand in a plea and on a card, to about a metre. */
export const sayPlace = (latitude: number, longitude: number): string =>
  `位置(${latitude.toFixed(5)},${longitude.toFixed(5)})`

const sentPlace = /(位置\(-?\d{1,2}\.\d{5},-?\d{1,3}\.\d{5}\))/u

/**
 * What may be sent to a language model: besides numbers and accounts, the names people give themselves and addresses below
 * the community are hidden (个人信息保护法 art. 6, as little as the purpose needs).
 */
export function maskForMachine(text: string): string {
  return personal.reduce((masked, [pattern, word]) => masked.replace(pattern, word), mask(text))
}

const personal: readonly (readonly [RegExp, string])[] = [
  [/(我(?:名)?叫|名字(?:是|叫)|姓名[::]?\s*|本名)[\p{Script=Han}·]{2,4}/gu, '$1(姓名)'],
  [/(我是|联系人[::]?\s*)[\p{Script=Han}]{1,3}(?=先生|女士|小姐|阿姨|师傅|老师)/gu, '$1(姓名)'],
  [
    /(?<=^|[^\p{Script=Han}])[赵钱孙李周吴郑王冯陈林黄张杨许何吕叶蔡刘郭苏洪谢罗曾彭][\p{Script=Han}]{1,2}(?=先生|女士|小姐)/gu,
    '(姓名)',
  ],
  [/\d+\s*(?:号楼|栋|幢|座|单元|号院|梯)(?:\s*\d+\s*(?:单元|层|楼|室|号|房)?)*/gu, '(门牌)'],
  [/(?<!\d)\d{3,4}\s*(?:室|房)/gu, '(门牌)'],
  [/[\p{Script=Han}]{1,8}(?:路|街|巷|弄|里|大道)\s*\d+\s*号?(?!楼)(?:之[一二三\d]+)?/gu, '(地址)'],
]

const digit = '[0-9０-９〇零一二三四五六七八九幺]'
const gap = '[ \\-－–—.·()()　]?'

const hidden: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]+@[\w-]+(\.[\w-]+)+/gu, '(邮箱已隐去)'],
  [/(?:https?:\/\/)?(?:t\.me|wa\.me|u\.wechat\.com)\/\S+/giu, '(链接已隐去)'],
  [/(?<![\w])@[A-Za-z]\w{4,31}/gu, '(账号已隐去)'],
  // ID card: seventeen digits and a digit or X.
  [/(?<!\d)\d{17}[\dXx](?!\d)/gu, '(证件号已隐去)'],
  [new RegExp(`${digit}(?:${gap}${digit}){6,}`, 'gu'), '(号码已隐去)'],
]
