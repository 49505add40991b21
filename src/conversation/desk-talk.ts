import { may } from '../domain/authorise.ts'
import { say } from '../texts/say.ts'
import { reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Turned } from './turned.ts'
import type { StaffView } from './view.ts'

/** 工作台、退出工作台: the way to the desk leads through the coordinator's own chat. */
export function deskOrdered(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  const plain = text.normalize('NFKC').trim().replace(/^\//u, '')
  const act = /^(?:打开|进入)?工作台$/u.test(plain)
    ? 'open'
    : /^(?:退出|关闭)工作台$/u.test(plain)
      ? 'leave'
      : undefined
  if (act === undefined) return undefined
  if (!may(view.staff.role, 'open_desk', { own: false, sameAgency: false }))
    return reply(state, say('desk.coordinatorsOnly'))
  return { state, effects: [{ do: 'desk', act }] }
}
