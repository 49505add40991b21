import type { Choice } from './words.ts'

/**
 * A reply in words → the choice it means. A number may come as 1, １, 1., 一, 壹, ①, 第一个, 选1, 1号 or "1 护理"; the label or
 * a part of it counts too, and a plain yes or no where one choice begins with it. Anything longer is a text, not a choice.
 * @param parts false for colleagues: a part of a label may be one of their orders (换班 is not 撤销换班).
 */
export function matchChoice(reply: string, choices: readonly Choice[], parts = true): Choice | undefined {
  const said = plain(reply)
  if (said === '' || said.length > longestChoice) return undefined
  const exact = choices.filter((choice) => plain(choice.label) === said)
  if (exact.length === 1) return exact[0]
  const number = numberIn(said, choices)
  if (number !== undefined) return choices[number - 1]
  return (parts ? byPart(said, choices) : undefined) ?? byYesOrNo(said, choices)
}

/** Longer replies are sentences; the longest label with its number fits well within. */
const longestChoice = 24

const digits: Readonly<Record<string, number>> = {
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
  十: 10,
  壹: 1,
  贰: 2,
  叁: 3,
  肆: 4,
  伍: 5,
  陆: 6,
  柒: 7,
  捌: 8,
  玖: 9,
  拾: 10,
  幺: 1,
  俩: 2,
  仨: 3,
}
const digit = `(?:\\d{1,2}|[${Object.keys(digits).join('')}])`
const numbered = new RegExp(
  `^(?:我?(?:要|选|选择|回复|按|填)?(?:第)?)(${digit})(?:个|号|项|条|种|吧|啊|呀|,|\\.|、|:|\\)|\\s)*(.*)$`,
  'u',
)

/** NFKC makes １ and ① plain, a keycap is its figure; outer punctuation and spaces say nothing. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\ufe0f\u20e3]/gu, '')
    .toLowerCase()
    .replaceAll('没有', '没')
    .replace(/^[\s"'“”‘’((【[]+|[\s"'“”‘’))】\]。.,,!!??、~~;;::]+$/gu, '')
    .trim()
}

function numberIn(said: string, choices: readonly Choice[]): number | undefined {
  const found = numbered.exec(said)
  const [, figure = '', rest = ''] = found ?? []
  if (!found) return undefined
  const number = digits[figure] ?? Number(figure)
  const choice = choices[number - 1]
  if (!choice || number < 1) return undefined
  if (rest === '') return number
  // "1 护理": what follows must be the label, else it was the beginning of a sentence ("1个人在家").
  const label = plain(choice.label)
  return label.includes(rest) || rest.includes(label) ? number : undefined
}

function byPart(said: string, choices: readonly Choice[]): Choice | undefined {
  if (said.length < 2) return undefined
  const parts = choices.filter((choice) => plain(choice.label).includes(said))
  if (parts.length === 1) return parts[0]
  // "我要护理" holds the label of exactly one choice and little else.
  const within = choices.filter((choice) => {
    const label = plain(choice.label)
    return (
      label.length >= 2 &&
      said.includes(label) &&
      said.length <= label.length + 4 &&
      !/[不没别非]/u.test(said.replace(label, ''))
    )
  })
  return within.length === 1 ? within[0] : undefined
}

/** People agree twice over and with particles: 对对对, 可以可以,你记吧, 好的没问题. */
const yes = '对|是|好|嗯|哦|行|可以|没错|没问题|正确|同意|愿意|当然|要|中|会|okay|ok|yes|y|sure'
const no = '不对|不是|不行|不要|不用|不好|不可以|不同意|不愿意|不想|不能|不会|不记|别记|不了|不|否|没|错|别|no|nope|n'
const tail = '的|了|吧|呀|啊|哦|噢|嘛|啦|哈|呢|您|你|就|都|来|这样|记下|记|办|谢谢|please|,|\\s'
const wrongWords = /^(?:不对|不是|错|有错|改)(?:了|的|一下|改|吧|啊|呀)*$/u
const yesWords = new RegExp(`^(?:${yes})(?:${yes}|${tail})*$`, 'u')
const noWords = new RegExp(`^(?:${no})(?:${no}|${tail})*$`, 'u')

function byYesOrNo(said: string, choices: readonly Choice[]): Choice | undefined {
  const isNo = (label: string) => /^(不|没|要改|还不|还需要)/u.test(label)
  const isYes = (label: string) => /^(对|是|可以|好|解决|满意|知道|现在安全|同意)/u.test(label)
  const isWrong = (label: string) => label.startsWith('要改')
  const theOnly = (fits: (label: string) => boolean) => {
    const [found, ...others] = choices.filter((choice) => fits(plain(choice.label)))
    return others.length === 0 ? found : undefined
  }
  // 不对 asks for a correction where one is offered, and is a plain no where none is.
  if (wrongWords.test(said)) return theOnly(isWrong) ?? theOnly(isNo)
  if (yesWords.test(said)) return theOnly(isYes)
  return noWords.test(said) ? theOnly(isNo) : undefined
}
