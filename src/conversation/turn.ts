import { say } from '../texts/say.ts'
import { coordinatorTurn } from './coordinator.ts'
import { residentTurn } from './resident.ts'
import { reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Event, Turned } from './turned.ts'
import type { View } from './view.ts'
import { volunteerTurn } from './volunteer.ts'
import { workerTurn } from './worker.ts'

/** The whole conversation as one pure function: the same state, event and view give the same answer. */
export function turn(state: ConversationState, event: Event, view: View): Turned {
  if (view.role !== 'resident' && view.accessEnded) return reply(state, say('contract.accessEnded'))
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
