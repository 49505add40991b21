import type { Outbound } from '../domain/words.ts'
import { type Capabilities, SendError } from './channel.ts'
import { type Rendered, render } from './choices.ts'

/** The form that 服务号 and 微信客服 share. A text may hold 2048 bytes; a Han character has three. */
export const longestText = 680
/** What may stand above the choices of a tappable menu (1024 bytes), and how many choices it takes. */
const longestMenuHead = 340
const mostChoices = 10

/** A message too long for a menu is a text with numbers. @throws SendError when a choice carries too much */
export function menuOrNumbers(message: Outbound, capabilities: Capabilities): Rendered {
  const fits = message.text.length <= longestMenuHead && (message.choices?.length ?? 0) <= mostChoices
  try {
    return render(message, { ...capabilities, choices: fits ? capabilities.choices : 'numbers' })
  } catch (cause) {
    throw new SendError('invalid', 'a choice carries too much', { cause })
  }
}
