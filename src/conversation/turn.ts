import { say } from '../texts/say.ts'
import { coordinatorTurn } from './coordinator.ts'
import { eitherTurn, noticeChose } from './notice-heard.ts'
import { residentTurn } from './resident.ts'
import { reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Ambiguous, Event, Turned } from './turned.ts'
import type { View } from './view.ts'
import { volunteerTurn } from './volunteer.ts'
import { workerTurn } from './worker.ts'

/** The whole conversation as one pure function: the same state, event and view give the same answer. */
export function turn(state: ConversationState, event: Event | Ambiguous, view: View): Turned {
  if (event.kind === 'either') return eitherTurn(state, event)
  if (view.role !== 'resident' && view.accessEnded) return reply(state, say('contract.accessEnded'))
  // Anybody may have been sent a notice, and answers it in the same way.
  const toNotice = event.kind === 'chose' ? noticeChose(state, event.token) : undefined
  if (toNotice) return toNotice
  switch (view.role) {
    case 'resident':
      return residentTurn(state, event, view)
    case 'volunteer':
      return volunteerTurn(state, event, view)
    case 'worker':
      return workerTurn(state, event, view)
    case 'coordinator':
      return coordinatorTurn(state, event, view)
  }
}
