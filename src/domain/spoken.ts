/**
 * A text as it should be said aloud. A synthesiser reads numbers of a queue, a code or a telephone as one huge number, and
 * times and signs as it likes: here they become words first.
 */
export function spoken(text: string): string {
  return text
    .replace(/[０-９]/gu, (digit) => digit.normalize('NFKC'))
    .replace(/https?:\/\/\S+/gu, '链接')
    .replace(/(\d{1,2})[:：](\d{2})(?!\d)/gu, (_, hour: string, minute: string) => clock(Number(hour), Number(minute)))
    .replace(/(\d+(?:\.\d+)?)%/gu, '百分之$1')
    .replace(/\d{3,}/gu, digitByDigit)
    .replace(/[【】[\]()“”"]/gu, ' ')
    .replace(/\n+/gu, '。')
    .replace(/[。！？]{2,}/gu, '。')
    .trim()
}

const digits = '零一二三四五六七八九'

/** 1 as 幺, as it is said on the telephone. */
const digitByDigit = (number: string): string =>
  [...number].map((digit) => (digit === '1' ? '幺' : (digits[Number(digit)] ?? digit))).join('')

function clock(hour: number, minute: number): string {
  if (minute === 0) return `${hour}点`
  return minute === 30 ? `${hour}点半` : `${hour}点${minute < 10 ? `零${minute}` : minute}分`
}
