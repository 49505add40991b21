/**
 * What a relay between resident and worker may show: words, never a way to reach the other side. Numbers of seven digits
 * or more (phones, bank cards), identity card numbers, e-mail addresses and links to a profile are hidden; digits may be
 * full width, spoken or spaced out.
 */
export function mask(text: string): string {
  return hidden.reduce((masked, [pattern, word]) => masked.replace(pattern, word), text)
}

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
