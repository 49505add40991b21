import { randomInt } from 'node:crypto'
import { type Calendar, calendarOf } from '../domain/calendar.ts'
import type { Details } from '../domain/details.ts'
import { dueFrom } from '../domain/ladder.ts'
import { ownerAfter } from '../domain/owner-after.ts'
import { advance } from '../domain/request.ts'
import type { Actor, Description, Refusal, RequestState, RequestStep } from '../domain/request-step.ts'
import type { CrisisKind, Programme } from '../domain/taxonomy.ts'
import type { Bell } from '../queue/jobs.ts'
import type { Tx } from '../store/db.ts'
import { endLines, type NeedLineRow } from '../store/needs.ts'
import {
  declineOffer,
  drawOfferIds,
  expireOffers,
  insertOffers,
  type OpenOffer,
  openOffers,
  settleOffers,
} from '../store/offers.ts'
import { settleReferral } from '../store/referrals.ts'
import { appendHistory, insertRequest, lockRequest, type RequestRow, recordStep } from '../store/requests.ts'
import type { Seal } from '../store/secrets.ts'
import { SqlError } from '../store/sql.ts'
import type { DutyFacts } from '../store/staff.ts'
import { milestones } from './milestones.ts'

/** The only writer of a request: checks the step, writes the row, the history and the bells, and ends offers that died. */

export interface Applied {
  readonly request: RequestRow
  /** Offers made by this step. */
  readonly offered: readonly OpenOffer[]
  /** Offers this step ended: their buttons must go. */
  readonly ended: readonly OpenOffer[]
  /** Needs that colleagues had and need not see to any more: they must hear it. */
  readonly released: readonly NeedLineRow[]
}

/** A step that cannot be taken (any more). The transaction must be rolled back; `changed`: look again and decide anew. */
export class StepRefused extends Error {
  override readonly name = 'StepRefused'
  readonly why: Refusal['refused'] | 'changed' | 'unknown_request'
  constructor(why: StepRefused['why'], step: string) {
    super(`the step "${step}" was refused: ${why}`)
    this.why = why
  }
}

/** Somebody else took a step in between: as good as a step refused because the request has `changed`. */
export const overtaken = (error: unknown): boolean =>
  error instanceof SqlError && error.constraint === 'RequestEvent_requestId_version_key'

export interface Context {
  readonly tx: Tx
  readonly seal: Seal
  /** Rung by the caller after the commit. */
  readonly bells: Bell[]
  /** Ids for offers, drawn ahead by who knows how many there will be; empty at first. */
  readonly offerIds: number[]
  readonly calendar: Calendar
  /** Who there is and who is on duty, read before the transaction. */
  readonly people: DutyFacts
  readonly now: Date
}

/**
 * @param target the request by its id, or its row when this very transaction has read it. If somebody else was quicker
 * since then, the history refuses the second line for one version: `overtaken` tells that error apart.
 * @param seen the version the decision was made on; another version refuses the step as `changed`.
 */
export async function applyStep(
  context: Context,
  target: number | RequestRow,
  asked: RequestStep,
  actor: Actor,
  seen?: number,
): Promise<Applied> {
  const { tx, seal, now } = context
  const before = typeof target === 'number' ? await lockRequest(tx, seal, target) : target
  if (!before) throw new StepRefused('unknown_request', asked.step)
  if (seen !== undefined && before.version !== seen) throw new StepRefused('changed', asked.step)
  const step = await withOthers(context, before, asked)
  const after = advance(before, step, actor, dueFrom(now, hoursAfter(context, before, step)))
  if ('refused' in after) throw new StepRefused(after.refused, step.step)

  const requestId = before.id
  recordStep(tx, after, milestones(before, step, now), {
    requestId,
    version: after.version,
    at: now,
    step: step.step,
    ...actorColumns(actor),
    fromStatus: before.status,
    toStatus: after.status,
    detail: detailOf(step),
  })
  const { offered, ended } = await moveOffers(context, requestId, step, after)
  if (before.referredToId !== null && after.referredToId === null) {
    await settleReferral(tx, requestId, step.step === 'accepted' ? 'accepted' : 'returned', now)
  }
  const over = after.deadline === null || step.step === 'resolved' || step.step === 'owner_left'
  const released = over ? await endLines(tx, seal, { requestId }, 'released', now) : []
  ringFor(context, requestId, after)
  if (step.step === 'accepted') context.bells.push({ job: 'summary', ids: { requestId } })
  return { request: await as(context, before, after), offered, ended, released }
}

/** What must happen next counts by the hours of whoever answers for it then. */
function hoursAfter({ calendar, people }: Context, before: RequestRow, step: RequestStep): Calendar {
  const id = ownerAfter(before, step)
  const owner = id === before.ownerId ? before.owner : people.directory.find((s) => s.id === id)
  return calendarOf(calendar, owner?.agencyId ?? null)
}

/** The row as it stands now; read again only where a step changed a name on it. */
async function as({ tx, seal }: Context, before: RequestRow, after: RequestState): Promise<RequestRow> {
  const sameNames =
    before.ownerId === after.ownerId &&
    before.assigneeId === after.assigneeId &&
    before.communityId === after.communityId
  return sameNames ? { ...before, ...after } : ((await lockRequest(tx, seal, before.id)) ?? { ...before, ...after })
}

export interface Opening {
  readonly requesterId: number
  /** 兜底: the coordinator who owns it until somebody has accepted. */
  readonly coordinatorId: number
  readonly description: Description
  readonly details: Details
  readonly textOnly: boolean
  readonly classifiedBy: string | null
  readonly reasons: readonly string[]
  /** How sure the classifier was, 0 to 1; null when it was not asked. */
  readonly confidence: number | null
  readonly crisis?: CrisisKind
}

/** Open a request. A crisis goes straight to the queue; anything else begins as an intake that a nudge watches over. */
export async function openRequest(context: Context, opening: Opening, actor: Actor): Promise<RequestRow> {
  const { tx, seal, now, calendar } = context
  const { description } = opening
  const urgency = opening.crisis ? 'crisis' : (description.urgency ?? 'normal')
  const due = dueFrom(now, calendar)
  const kind = opening.crisis ? 'offer' : 'nudge'
  const state: RequestState = {
    status: opening.crisis ? 'queued' : 'intake',
    version: 1,
    ownerId: opening.coordinatorId,
    assigneeId: null,
    deadline: { kind, at: due(kind, urgency) },
    rung: 0,
    urgency,
    crisisKind: opening.crisis ?? null,
    programmes: description.programmes ?? [],
    needs: description.needs ?? [],
    subject: description.subject ?? null,
    communityId: description.communityId ?? null,
    contractId: null,
    referredToId: null,
    mergedIntoId: null,
  }
  const request = await insertRequest(tx, seal, { ...opening, queryCode: queryCode(), state, at: now })
  appendHistory(tx, {
    requestId: request.id,
    version: 1,
    at: now,
    step: opening.crisis ? 'crisis_opened' : 'opened',
    ...actorColumns(actor),
    fromStatus: null,
    toStatus: state.status,
    detail: { urgency, ...(opening.crisis ? { crisisKind: opening.crisis } : {}) },
  })
  ringFor(context, request.id, state)
  return request
}

// --- internal

/** 查询码: six digits, said aloud easily; with a limit on tries, one in a million is enough. */
function queryCode(): string {
  return String(randomInt(0, 1_000_000)).padStart(6, '0')
}

/** Whether anybody else still holds the request, and who works on it, is known only here, under the lock. */
async function withOthers({ tx, people }: Context, request: RequestRow, step: RequestStep): Promise<RequestStep> {
  switch (step.step) {
    case 'declined': {
      const open = await openOffers(tx, { requestId: request.id })
      return { ...step, othersOpen: open.filter((offer) => offer.staffId !== step.staffId).length }
    }
    case 'relabelled': {
      const serves = (programme: Programme) =>
        people.contracts.some((c) => c.programme === programme && c.agencyId === request.assignee?.agencyId)
      return { ...step, stays: step.programmes?.some(serves) ?? true }
    }
    default:
      return step
  }
}

async function moveOffers(
  context: Context,
  requestId: number,
  step: RequestStep,
  after: RequestState,
): Promise<Pick<Applied, 'offered' | 'ended'>> {
  const { tx, now } = context
  switch (step.step) {
    case 'offered':
      return {
        offered: insertOffers(tx, requestId, step.to, await idsFor(context, step.to.length), now, step.expiresAt),
        ended: [],
      }
    case 'accepted':
      return ended(
        await settleOffers(tx, requestId, { winner: step.staffId, others: 'withdrawn', endAccepted: true }, now),
      )
    case 'declined':
      declineOffer(tx, requestId, step.staffId, step.reason, now)
      return ended([])
    case 'unanswered':
      return ended(await expireOffers(tx, requestId, now))
    case 'triaged':
    case 'returned':
      return ended(await settleOffers(tx, requestId, { others: 'withdrawn', endAccepted: false }, now))
    case 'relabelled':
      return after.status === 'queued' && after.rung === 0 && after.urgency !== 'crisis'
        ? ended(await settleOffers(tx, requestId, { others: 'withdrawn', endAccepted: false }, now))
        : ended([])
    case 'owner_left':
      return after.status === 'queued' && after.assigneeId === null
        ? ended(await settleOffers(tx, requestId, { others: 'withdrawn', endAccepted: true }, now))
        : ended([])
    case 'revived':
      return step.staffId === null
        ? ended([])
        : ended(
            await settleOffers(tx, requestId, { winner: step.staffId, others: 'withdrawn', endAccepted: true }, now),
          )
    case 'merged':
    case 'resolved':
    case 'reopened':
    case 'withdrawn':
    case 'closed':
      return ended(await settleOffers(tx, requestId, { others: 'withdrawn', endAccepted: true }, now))
    default:
      return ended([])
  }
}

/** What was drawn before, and whatever is missing. */
async function idsFor({ tx, offerIds }: Context, count: number): Promise<number[]> {
  const missing = count - offerIds.length
  return [...offerIds.splice(0, count), ...(missing > 0 ? await drawOfferIds(tx, missing) : [])]
}

const ended = (offers: readonly OpenOffer[]): Pick<Applied, 'offered' | 'ended'> => ({ offered: [], ended: offers })

/** Deadlines further away than this are left to the sweep: a queue full of days-old delayed jobs helps nobody. */
const ringAheadMs = 60 * 60_000

function ringFor(context: Context, requestId: number, state: RequestState): void {
  if (!state.deadline) return
  const { at } = state.deadline
  if (state.status === 'queued' && at <= context.now) context.bells.push({ job: 'dispatch', ids: { requestId } })
  else if (at.getTime() - context.now.getTime() <= ringAheadMs) {
    context.bells.push({ job: 'deadline', ids: { requestId }, at })
  }
}

const actorColumns = (actor: Actor) => ({
  actorKind: actor.kind,
  actorId: actor.kind === 'staff' ? actor.staffId : actor.kind === 'resident' ? actor.personId : null,
})

/** What the history keeps of a step: labels and ids, never words of the resident. */
function detailOf(step: RequestStep): object {
  const { step: _, ...rest } = step
  return rest
}
