import type { Outbound } from '../domain/words.ts'
import { enqueue, post } from '../outbox/enqueue.ts'
import { retract } from '../outbox/retract.ts'
import type { Context } from '../requests/apply.ts'
import { findSame } from '../requests/find-same.ts'
import { carriedBy } from '../store/carried.ts'
import { type OpenOffer, setOfferMessage } from '../store/offers.ts'
import type { RequestRow } from '../store/requests.ts'
import type { StaffRow } from '../store/staff.ts'
import { offerMessage, takeOrAssign, triageMessage, whatIsAsked } from '../texts/card.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'

/** What dispatch says, to whom: cards with choices, truthful words to the resident, reminders. All through the outbox. */

export function tellOffer(
  context: Context,
  request: RequestRow,
  offer: OpenOffer,
  personId: number,
  reasons: readonly string[],
): void {
  const { tx, bells, seal, now, calendar } = context
  const dedupeKey = `offer:${offer.id}`
  const priority = request.urgency === 'crisis' ? 0 : 2
  const outbound = offerMessage(request, offer, reasons, now, calendar.zone)
  post(tx, bells, seal, { personId, requestId: request.id, dedupeKey, priority, outbound }, now)
  setOfferMessage(tx, offer.id, dedupeKey)
}

/** Clear the buttons of offers that ended, with a word why. */
export async function clearOffers(context: Context, offers: readonly OpenOffer[], note: string): Promise<void> {
  const ids = offers.map((offer) => offer.outboundId).filter((id) => id !== null)
  if (ids.length > 0) await retract(context.tx, context.bells, context.seal, ids, note, context.now)
}

/** 兜底: every coordinator hears that nobody has taken it, and so does the worker who is handing it on. */
export async function tellOwner(context: Context, request: RequestRow, directory: readonly StaffRow[]): Promise<void> {
  const at = sayClock(context.now, context.now, context.calendar.zone)
  const { number, owner } = request
  const waiting = request.status === 'triage' || request.status === 'active'
  const text = waiting
    ? say('ladder.triageAgain', request)
    : `${say('ladder.ownerTold', { number, urgency: say(`urgency.${request.urgency}`), at, owner: owner.name })}\n${whatIsAsked(request)}`
  for (const to of coordinators(directory)) {
    await tell(context, request, to, `climb:${request.id}:${request.version}:${to}`, text, takeOrAssign(request.id))
  }
  if (owner.personId !== null && !coordinators(directory).includes(owner.personId)) {
    await tell(
      context,
      request,
      owner.personId,
      `climb:${request.id}:${request.version}:giver`,
      say('ladder.giverTold', { number, at }),
    )
  }
}

/** 待定: the coordinator decides the programme; the machine's view stands beside the words. */
export async function tellTriage(context: Context, request: RequestRow): Promise<void> {
  if (request.owner.personId === null) return
  const by = request.deadline?.at ?? context.now
  const { text, choices } = triageMessage(request, by, context.now, context.calendar.zone)
  await tell(context, request, request.owner.personId, `triage:${request.id}:${request.version}`, text, choices)
  const same = await findSame(context, request)
  if (!same) return
  const key = `same:${request.id}:${same.olderId}:${request.owner.personId}`
  await tell(context, request, request.owner.personId, key, same.outbound.text, same.outbound.choices)
}

/** The truth to the resident when the search goes on; never oftener than the search truly changed. */
export async function tellResident(context: Context, request: RequestRow, news: boolean): Promise<void> {
  if (!news) return
  const text =
    request.urgency === 'crisis' ? say('crisis.stillSearching') : say('escalated', { owner: request.owner.name })
  await tellReporters(context, request, `search:${request.id}:${request.version}`, text)
}

/** Whoever asked for it: the first resident, and with 合并 each other one, under their own number. */
export async function tellReporters(
  context: Context,
  request: RequestRow,
  dedupeKey: string,
  words: string | ((reporter: RequestRow) => Outbound),
): Promise<void> {
  const told = (reporter: RequestRow) => (typeof words === 'string' ? { text: words } : words(reporter))
  const { text, choices } = told(request)
  await tell(context, request, request.requesterId, dedupeKey, text, choices)
  for (const carried of await carriedBy(context.tx, context.seal, [request.id])) {
    if (carried.requesterId === request.requesterId) continue
    const outbound = told(carried)
    await tell(context, carried, carried.requesterId, `${dedupeKey}:${carried.id}`, outbound.text, outbound.choices)
  }
}

export async function tell(
  context: Context,
  request: RequestRow,
  personId: number,
  dedupeKey: string,
  text: string,
  choices?: readonly { token: string; label: string }[],
): Promise<void> {
  await enqueue(
    context.tx,
    context.bells,
    context.seal,
    {
      personId,
      requestId: request.id,
      dedupeKey,
      priority: request.urgency === 'crisis' ? 0 : 2,
      outbound: { text, ...(choices ? { choices } : {}) },
    },
    context.now,
  )
}

/** A word to a colleague that belongs to no single request. */
export async function tellColleague(
  context: Context,
  personId: number,
  dedupeKey: string,
  text: string,
): Promise<void> {
  await enqueue(
    context.tx,
    context.bells,
    context.seal,
    { personId, dedupeKey, priority: 2, outbound: { text } },
    context.now,
  )
}

/** Who watches over a worker: the leads of the agency and every coordinator; the worker never twice. */
export function overseers(
  directory: readonly StaffRow[],
  worker: { readonly agencyId: number | null; readonly personId: number | null },
): number[] {
  const leads = directory.filter((s) => s.role === 'lead' && s.agencyId !== null && s.agencyId === worker.agencyId)
  const all = [...leads.map((s) => s.personId), ...coordinators(directory)]
  return [...new Set(all.filter((id) => id !== null && id !== worker.personId))].filter((id) => id !== null)
}

/** Every coordinator who has joined a chat. */
export function coordinators(directory: readonly StaffRow[]): number[] {
  return directory.flatMap((s) => (s.role === 'coordinator' && s.personId !== null ? [s.personId] : []))
}
