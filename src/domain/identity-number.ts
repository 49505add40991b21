/** 身份证号: eighteen places whose last is computed from the others (GB 11643). */

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const checks = '10X98765432'
/** Written in one piece, in groups, or in full width. */
const candidate = /(?<![0-9０-９])(?:[0-9０-９][ \-－　]?){17}[0-9０-９xXｘＸ](?![0-9０-９])/gu

/** The text with every identity card number in it replaced; numbers that only look like one stay. */
export function hideIdentityNumbers(text: string, instead: string): string {
  return text.replace(candidate, (found) => (isIdentityNumber(found) ? instead : found))
}

function isIdentityNumber(written: string): boolean {
  const plain = written
    .normalize('NFKC')
    .replace(/[^0-9X]/giu, '')
    .toUpperCase()
  if (plain.length !== 18) return false
  const sum = weights.reduce((total, weight, i) => total + weight * Number(plain[i]), 0)
  return checks[sum % 11] === plain[17]
}
