import type { Crisis } from '../classify/classifier.ts'
import { openRequestsOf } from '../store/carried.ts'
import { lockConversation } from '../store/messages.ts'
import { preferencesOf } from '../store/preferences.ts'
import type { RequestRow } from '../store/requests.ts'
import { coordinatorOnDuty } from '../store/staff.ts'
import { applyStep, type Context, openRequest } from './apply.ts'

/** How long the same person reads the same crisis words only once; every word of theirs still reaches people. */
const sayAgainAfterMs = 10 * 60_000

/**
 * A crisis was heard: raise what this person has under way, or open a request that goes straight to the queue. Two crisis
 * messages at once, and a turn of the same person, come one after the other.
 */
export async function raiseCrisis(context: Context, personId: number, crisis: Crisis): Promise<RequestRow> {
  const { tx, seal, now, calendar, people } = context
  await lockConversation(tx, personId)
  const actor = { kind: 'resident', personId } as const
  const open = (await openRequestsOf(tx, seal, personId)).at(-1)
  if (open) {
    const heard = { step: 'crisis_heard', crisisKind: crisis.kind } as const
    const { request } = await applyStep(context, open.id, heard, actor)
    // 合并: whoever carries it is called, and no second alarm is opened.
    if (request.mergedIntoId !== null) await applyStep(context, request.mergedIntoId, heard, actor)
    return request
  }
  const opening = {
    requesterId: personId,
    coordinatorId: coordinatorOnDuty(people, calendar, now).id,
    description: {},
    details: { words: [] },
    textOnly: (await preferencesOf(tx, personId)).textOnly,
    classifiedBy: 'crisis-gate',
    confidence: null,
    reasons: [crisis.because],
    crisis: crisis.kind,
  }
  return openRequest(context, opening, actor)
}

/** Names the fixed answer to a crisis, so that it is said once in a while and not to every fragment. */
export const crisisAnswerKey = (request: RequestRow, crisis: Crisis, now: Date): string =>
  `crisis:${request.id}:${crisis.kind}:${Math.floor(now.getTime() / sayAgainAfterMs)}`
