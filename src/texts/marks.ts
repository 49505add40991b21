/**
 * A text that keeps its key: between two private characters stand the key and what fills its places, which may hold such
 * texts themselves. It can be joined and stored like any text, and becomes words where the reader is known.
 */
const begin = '\uE000'
const place = '\uE001'
const end = '\uE002'

export function markText(key: string, places: Readonly<Record<string, string | number>>): string {
  const filled = Object.entries(places).map(([name, value]) => `${place}${name}=${value}`)
  return `${begin}${key}${filled.join('')}${end}`
}

export const hasMarks = (text: string): boolean => text.includes(begin)

/** Nobody outside may write such a text: what comes in is freed of these characters. */
export const withoutMarks = (text: string): string => text.replace(/[\uE000-\uE002]/g, '')

/** Replace every marked text, the innermost first. */
export function foldMarks(
  text: string,
  words: (key: string, places: Readonly<Record<string, string>>) => string,
): string {
  let folded = text
  for (;;) {
    const close = folded.indexOf(end)
    const open = folded.lastIndexOf(begin, close)
    if (close === -1 || open === -1) return withoutMarks(folded)
    const [key = '', ...filled] = folded.slice(open + 1, close).split(place)
    const places = Object.fromEntries(
      filled.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
    )
    folded = folded.slice(0, open) + words(key, places) + folded.slice(close + 1)
  }
}
