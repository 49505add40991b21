import type { RequestStep } from '../domain/request-step.ts'
import { enqueue, post } from '../outbox/enqueue.ts'
import { retract } from '../outbox/retract.ts'
import type { Applied } from '../requests/apply.ts'
import { findSame } from '../requests/find-same.ts'
import { setOfferMessage } from '../store/offers.ts'
import type { RequestRow } from '../store/requests.ts'
import { offerMessage, takeOrAssign, triageMessage } from '../texts/card.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import { tellReleased } from './need-effects.ts'
import { passAll } from './pass-all.ts'
import type { Writing } from './writing.ts'

/** Who is told what when a step has been taken in a turn. */

/** What follows from a step wherever it was taken: dead offers lose their buttons, a coordinator gets the card. */
export async function afterStep(
  writing: Writing,
  asked: RequestStep,
  { request, ended, released }: Applied,
): Promise<void> {
  const { tx, bells, seal, now, calendar } = writing
  const winner = asked.step === 'accepted' ? asked.staffId : undefined
  const messagesOf = (offers: typeof ended) => offers.map((offer) => offer.outboundId).filter((id) => id !== null)
  const won = messagesOf(ended.filter((offer) => offer.staffId === winner))
  const lost = messagesOf(ended.filter((offer) => offer.staffId !== winner))
  await retract(tx, bells, seal, won, say('offer.mineNote', { who: request.assignee?.name ?? '' }), now)
  await retract(tx, bells, seal, lost, say(winner === undefined ? 'offer.goneNote' : 'offer.closedNote'), now)

  for (const line of released) await tellReleased(writing, line)
  if (asked.step === 'accepted' && request.assignee?.personId != null) {
    await passAll(writing, request, request.assignee.personId)
  }

  if (asked.step === 'accepted' && request.assignee?.personId != null) {
    await suggestSame(writing, request, request.assignee.personId)
  }
  const owner = request.owner.personId
  if (owner === null) return
  const at = request.deadline?.at ?? now
  if (request.status === 'triage' && (asked.step === 'submitted' || asked.step === 'human_called')) {
    await enqueue(
      tx,
      bells,
      seal,
      {
        personId: owner,
        requestId: request.id,
        dedupeKey: `triage:${request.id}:${request.version}`,
        priority: 2,
        outbound: triageMessage(request, at, now, calendar.zone),
      },
      now,
    )
  }
  if (request.status === 'triage' && (asked.step === 'submitted' || asked.step === 'human_called')) {
    await suggestSame(writing, request, owner)
  }
  if (asked.step === 'reopened') {
    const text = say('triage.reopened', { number: request.number, by: sayClock(at, now, calendar.zone) })
    const choices = takeOrAssign(request.id)
    const dedupeKey = `reopened:${request.id}:${request.version}`
    await enqueue(
      tx,
      bells,
      seal,
      { personId: owner, requestId: request.id, dedupeKey, priority: 2, outbound: { text, choices } },
      now,
    )
  }
}

/** 可能是同一件事: to whoever answers for it now, once; they look and decide. */
async function suggestSame(writing: Writing, request: RequestRow, personId: number): Promise<void> {
  const { tx, bells, seal, now } = writing
  const found = await findSame(writing, request)
  if (!found) return
  const dedupeKey = `same:${request.id}:${found.olderId}:${personId}`
  const { outbound } = found
  await enqueue(tx, bells, seal, { personId, requestId: request.id, dedupeKey, priority: 2, outbound }, now)
}

/** Whoever was named gets the card. */
export function tellOffered(writing: Writing, { request, offered }: Applied): void {
  const { tx, bells, seal, now, calendar, view } = writing
  if (view.role === 'resident') return
  for (const offer of offered) {
    const personId = view.directory.find((s) => s.id === offer.staffId)?.personId
    if (personId == null) continue
    const dedupeKey = `offer:${offer.id}`
    const outbound = offerMessage(request, offer, [`${view.staff.name}指派`], now, calendar.zone)
    post(tx, bells, seal, { personId, requestId: request.id, dedupeKey, priority: 2, outbound }, now)
    setOfferMessage(tx, offer.id, dedupeKey)
  }
}
