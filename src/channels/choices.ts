import type { Choice, Outbound } from '../domain/words.ts'
import type { Capabilities } from './channel.ts'

/** One list of choices in the form a channel can show: buttons, or numbers to answer by. The one place where it is decided. */
export interface Rendered {
  /** The text in pieces no longer than the channel takes; buttons belong to the last. */
  readonly parts: readonly string[]
  readonly buttons: readonly Choice[]
}

/** Telegram's limit for what a button carries, and the tightest of the channels we know. */
export const longestToken = 64

export function render(message: Outbound, capabilities: Pick<Capabilities, 'choices' | 'maxTextChars'>): Rendered {
  const choices = message.choices ?? []
  for (const { token } of choices) {
    if (Buffer.byteLength(token) > longestToken)
      throw new RangeError(`a button may carry ${longestToken} bytes: ${token}`)
  }
  if (capabilities.choices === 'buttons') {
    return { parts: split(message.text, capabilities.maxTextChars), buttons: choices }
  }
  const written = choices.map((choice, i) => `${i + 1} ${choice.label}`)
  return { parts: split([message.text, ...written].join('\n'), capabilities.maxTextChars), buttons: [] }
}

/** In pieces at line or sentence ends where possible; never inside a character. */
function split(text: string, most: number): string[] {
  const parts: string[] = []
  let rest = text
  while (rest.length > most) {
    const head = rest.slice(0, most)
    const end = Math.max(head.lastIndexOf('\n'), head.lastIndexOf('。'), head.lastIndexOf('！'), head.lastIndexOf('？'))
    let at = end > most / 2 ? end + 1 : most
    if (/[\ud800-\udbff]/.test(rest[at - 1] ?? '')) at -= 1
    parts.push(rest.slice(0, at))
    rest = rest.slice(at)
  }
  return [...parts, rest]
}
