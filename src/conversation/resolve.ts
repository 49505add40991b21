import type { Voice } from '../domain/preferences.ts'
import { readOutbound } from '../outbox/outbound.ts'
import { closeMenus, type OpenMenu, requestOfMessage } from '../store/outbox.ts'
import { chosenByWords, type Referring } from './load-notice.ts'
import { sentEvent } from './load-sent.ts'
import type { Ambiguous, Event } from './turned.ts'

/** What was heard, now that menus and replies can be looked up; `undefined`: nothing to answer. */
export async function resolve(
  loading: Referring,
  menus: readonly OpenMenu[],
  isStaff: boolean,
  voice: Voice,
): Promise<Event | Ambiguous | undefined> {
  const { tx, heard, addressId } = loading
  const about = async (replyTo: string | undefined) =>
    replyTo === undefined ? undefined : await requestOfMessage(tx, addressId, replyTo)
  switch (heard.kind) {
    case 'nothing':
      return undefined
    case 'started':
    case 'showed':
    case 'transcribed':
      return heard
    case 'crisis':
      return {
        kind: 'crisis',
        text: heard.text,
        requestId: heard.requestId,
        crisis: { kind: heard.crisisKind, tier: 'explicit', because: '' },
      }
    case 'chose': {
      forgetQuestions(loading, menus, heard.token)
      return { kind: 'chose', token: heard.token, label: heard.label }
    }
    case 'sent':
      return sentEvent(tx, heard, await about(heard.replyTo))
    case 'said': {
      const replied = await about(heard.replyTo)
      const chosen = chosenByWords(loading, menus, heard, isStaff, voice)
      if (chosen && 'kind' in chosen) return chosen
      if (chosen) forgetQuestions(loading, menus, chosen.token)
      if (chosen) return { kind: 'chose', token: chosen.token, label: chosen.label }
      return {
        kind: 'said',
        text: heard.text,
        suggestion: heard.suggestion,
        ...(replied === undefined ? {} : { about: replied }),
      }
    }
  }
}

/**
 * Questions of the conversation (tokens `q:`) are over once something was answered; offers stay until settled. A notice may be
 * answered in between: then only the question which of the two was meant is over, and the one before it stays.
 */
function forgetQuestions({ tx, seal }: Referring, menus: readonly OpenMenu[], answered: string): void {
  const over = menus.filter((menu) => {
    const choices = readOutbound(seal.open(menu.bodySealed)).choices ?? []
    const mixed = choices.some(isQuestion) && choices.some(isOfNotice)
    return mixed || (!isOfNotice({ token: answered }) && choices.every(isQuestion))
  })
  closeMenus(
    tx,
    over.map((menu) => menu.id),
  )
}

const isQuestion = ({ token }: { token: string }): boolean => token.startsWith('q:') || token.startsWith('o:why')
const isOfNotice = ({ token }: { token: string }): boolean => token.startsWith('n:')
