import { type Action, may, type Standing } from '../domain/authorise.ts'
import { say } from '../texts/say.ts'
import type { ConversationState } from './state.ts'
import type { Turned } from './turned.ts'
import type { StaffView } from './view.ts'

/** Short answers to staff, and the one place where their right to act is asked. */

export const reply = (state: ConversationState, text: string): Turned => ({ state, effects: [{ do: 'say', text }] })
export const refuse = (state: ConversationState): Turned => reply(state, say('staff.notAllowed'))
export const idle = (state: ConversationState): ConversationState => ({ ...state, greeted: true, at: { step: 'idle' } })

/** The one place where a staff member's right to act is asked: role × action × standing. */
export function allowed(action: Action, standing: Standing, view: StaffView): boolean {
  return may(view.staff.role, action, standing)
}
