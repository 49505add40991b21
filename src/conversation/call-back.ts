import { reopensTo } from '../domain/reopens-to.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { idle, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Turned } from './turned.ts'
import { answerBy, type StaffView } from './view.ts'

/** 回访 in person: after a crisis, and when the resident did not answer, a colleague asks and records what they heard. */

export function askHeard(state: ConversationState, request: RequestRow): Turned {
  const choices = (['yes', 'no', 'unreachable'] as const).map((heard) => ({
    token: `r:heard:${request.id}:${heard}`,
    label: say(`heard.${heard}`),
  }))
  return { state, effects: [{ do: 'say', requestId: request.id, text: say('heard.ask', request), choices }] }
}

/** What the resident said in person; 没解决 goes to the lead, whoever of the staff wrote it down. */
export function heard(state: ConversationState, request: RequestRow, value: string, view: StaffView): Turned {
  if (request.status !== 'resolved') return reply(state, say('staff.changed'))
  const { id: requestId, number } = request
  switch (value) {
    case 'yes':
      return {
        state: idle(state),
        effects: [
          { do: 'feedback', requestId, solved: true },
          { do: 'step', request, step: { step: 'closed', outcome: 'solved' } },
          { do: 'say', text: say('heard.done', request) },
        ],
      }
    case 'no':
      return notSolved(state, request, view)
    case 'unreachable':
      return {
        state: idle(state),
        effects: [
          { do: 'step', request, step: { step: 'closed', outcome: 'unreachable' } },
          { do: 'say', text: say('heard.done', { number }) },
        ],
      }
    default:
      return reply(state, say('staff.changed'))
  }
}

function notSolved(state: ConversationState, request: RequestRow, view: StaffView): Turned {
  const coordinators = view.directory.filter((s) => s.role === 'coordinator')
  const on = new Set(view.onDutyNow.map((d) => d.staffId))
  const coordinator = coordinators.find((c) => on.has(c.id)) ?? coordinators[0]
  if (!coordinator) return reply(state, say('staff.changed'))
  const to = reopensTo(request, view.directory, coordinator)
  const by = answerBy(view, 'urgent')
  return {
    state: idle(state),
    effects: [
      { do: 'feedback', requestId: request.id, solved: false },
      { do: 'step', request, step: { step: 'reopened', ownerId: to.id } },
      { do: 'say', text: say('heard.reopened', { number: request.number, owner: to.name }) },
      {
        do: 'say',
        to: request.requesterId,
        requestId: request.id,
        text: say('feedback.reopened', { owner: to.name, by }),
      },
    ],
  }
}
