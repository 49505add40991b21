import { Converter } from 'opencc-js/t2cn'

/**
 * One form for what people write in many: full width, Traditional, repeated characters, digits said as words. Total: any
 * string in, a string out, never longer than it need be.
 */
export function normalise(text: string): string {
  const plain = text
    .toWellFormed()
    .normalize('NFKC')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060\ufeff]/gu, '')
    .toLowerCase()
  return spokenDigits(simplified(plain)).replace(/([^\d\s])\1{2,}/gu, '$1$1')
}

/** Digits said as words, where a run of them can only be a number (a phone, a code). */
function spokenDigits(text: string): string {
  return text.replace(/[幺一二三四五六七八九零〇两\d]{5,}/gu, (run) =>
    /^\d+$/.test(run) ? run : [...run].map((c) => spoken[c] ?? c).join(''),
  )
}

const spoken: Readonly<Record<string, string>> = {
  幺: '1',
  一: '1',
  二: '2',
  两: '2',
  三: '3',
  四: '4',
  五: '5',
  六: '6',
  七: '7',
  八: '8',
  九: '9',
  零: '0',
  〇: '0',
}

/** Loaded once; 台灣 and 香港 forms alike. */
const simplified: (text: string) => string = Converter({ from: 't', to: 'cn' })
