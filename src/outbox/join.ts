import type { Capabilities } from '../channels/channel.ts'
import { render } from '../channels/choices.ts'
import type { Outbound } from '../domain/words.ts'
import type { Wording } from './wording.ts'

export type Form = Pick<Capabilities, 'choices' | 'maxTextChars'>

/**
 * On a channel that counts replies, what waits for one person goes as one message: `first` and as many of those behind it
 * as fit in one part, in order. Choices come at the end, so nothing is joined behind them; media goes alone. `joined` is
 * how many of `behind` it holds.
 * @param worded what is measured is what is sent: the message in the words of its reader, not the keys it is stored by.
 */
export function join(
  first: Outbound,
  behind: readonly Outbound[],
  form: Form,
  worded: Wording,
): { message: Outbound; joined: number } {
  let message = first
  let joined = 0
  for (const next of behind) {
    if (message.media || next.media || (message.choices?.length ?? 0) > 0) break
    const longer: Outbound = { ...next, text: `${message.text}\n\n${next.text}` }
    if (parts(worded(longer), form) > 1) break
    message = longer
    joined += 1
  }
  return { message, joined }
}

/** How many replies a message takes, worded as it is sent: each part of its text, and its recording or picture. */
export function costOf(message: Outbound, form: Form): number {
  return parts(message, form) + (message.media ? 1 : 0)
}

/** A message that cannot be given a form counts as one: its channel refuses it, and says why. */
function parts(message: Outbound, form: Form): number {
  try {
    return render(message, form).parts.length
  } catch {
    return 1
  }
}
