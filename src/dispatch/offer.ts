import type { Logger } from 'pino'
import { onDuty } from '../domain/duty.ts'
import { dueFrom, ladder, rungs } from '../domain/ladder.ts'
import type { ActiveContract, Available, Candidate, DispatchPolicy } from '../domain/policy.ts'
import { applyStep, type Context } from '../requests/apply.ts'
import { pastOffers } from '../store/offers.ts'
import { lockRequest, type RequestRow } from '../store/requests.ts'
import { type StaffRow, workload } from '../store/staff.ts'
import type { InTurn } from './in-turn.ts'
import { tellOffer, tellOwner, tellResident } from './tell.ts'

export interface OfferDeps {
  readonly inTurn: InTurn
  readonly policy: DispatchPolicy
  readonly log: Logger
}

/**
 * 派单: a request in the queue is offered to whom the policy names next, or the next rung of the ladder is told. Does
 * nothing when the moment has passed: it has been taken, withdrawn, or its time has not come.
 */
export function makeOffer({ inTurn, policy, log }: OfferDeps): (ids: { requestId: number }) => Promise<void> {
  return async ({ requestId }) => {
    await inTurn(async (context) => {
      const request = await lockRequest(context.tx, context.seal, requestId)
      if (request?.status !== 'queued') return
      if (request.deadline && request.deadline.at > context.now) {
        // Outside working hours, or the last rung was told a moment ago: its time comes with the deadline.
        context.bells.push({ job: 'deadline', ids: { requestId }, at: request.deadline.at })
        return
      }
      await offerNext(context, request, policy)
      log.debug({ requestId }, 'offered or climbed')
    })
  }
}

/** One step of the search: the next candidates on duty, or the next rung. The request is locked by the caller. */
export async function offerNext(context: Context, request: RequestRow, policy: DispatchPolicy): Promise<void> {
  const { tx, now, calendar } = context
  const people = await peopleNow(context)
  const candidates = policy(
    { ...request, givenUpBy: request.assigneeId },
    people.contracts,
    people.available,
    await pastOffers(tx, request.id),
  )
  const terms = ladder[request.urgency]
  const expiresAt = dueFrom(now, calendar)('answer', request.urgency)
  if (candidates.length > 0) {
    await offerTo(context, request, candidates.slice(0, terms.parallel), people.directory, expiresAt, request.rung)
    return
  }
  await climb(context, request, people)
}

/** Offer it to these people at once; each gets a card with the choice to accept or decline. */
export async function offerTo(
  context: Context,
  request: RequestRow,
  to: readonly Candidate[],
  directory: readonly StaffRow[],
  expiresAt: Date,
  rung: number,
): Promise<void> {
  const applied = await applyStep(context, request.id, { step: 'offered', to, expiresAt, rung }, { kind: 'system' })
  for (const offer of applied.offered) {
    const staff = directory.find((s) => s.id === offer.staffId)
    const reasons = to.find((c) => c.staffId === offer.staffId)?.reasons ?? []
    if (staff?.personId != null) await tellOffer(context, applied.request, offer, staff.personId, reasons)
  }
}

// --- the ladder

export interface PeopleNow {
  readonly directory: readonly StaffRow[]
  readonly available: readonly Available[]
  readonly contracts: readonly ActiveContract[]
}

/** Nobody left to ask on this rung: tell the next one, and the resident the truth. The last rung is told again and again. */
export async function climb(context: Context, request: RequestRow, people: PeopleNow): Promise<void> {
  const { now, calendar } = context
  const names = rungs[request.urgency]
  const again = dueFrom(now, calendar)('answer', request.urgency)
  for (let rung = request.rung; rung < names.length; rung++) {
    const role = names[rung]
    if (role === undefined || role === 'coordinator') break
    const asked = new Set((await pastOffers(context.tx, request.id)).map((o) => o.staffId))
    const able = people.directory.filter(
      (s) => s.role === role && s.personId !== null && !asked.has(s.id) && s.id !== request.assigneeId,
    )
    const mine = role === 'lead' ? able.filter((s) => holdsContract(s, request, people.contracts)) : able
    if (mine.length === 0) continue
    const to = mine.map((s) => ({ staffId: s.id, contractId: null, reasons: ['值班人员没有接,升级到您'] }))
    await offerTo(context, request, to, people.directory, again, rung + 1)
    await tellResident(context, request, request.rung === 0)
    return
  }
  const climbed = await applyStep(
    context,
    request.id,
    { step: 'climbed', rung: request.rung + names.length, again },
    { kind: 'system' },
  )
  await tellOwner(context, climbed.request, people.directory)
  await tellResident(context, request, request.rung < names.length)
}

function holdsContract(staff: StaffRow, request: RequestRow, contracts: readonly ActiveContract[]): boolean {
  if (request.urgency === 'crisis') return true
  return contracts.some((c) => c.agencyId === staff.agencyId && request.programmes.includes(c.programme))
}

/** Who could be asked at this moment: on duty by the rota, joined in chat, with what they carry. */
export async function peopleNow({ tx, now, calendar, people }: Context): Promise<PeopleNow> {
  const { directory, shifts, exceptions, contracts } = people
  const duty = new Map(onDuty(shifts, exceptions, calendar, now).map((d) => [d.staffId, d]))
  const joined = directory.filter((s) => s.personId !== null && duty.has(s.id))
  const work = await workload(
    tx,
    joined.map((s) => s.id),
  )
  const available = joined.flatMap((s): Available[] => {
    const on = duty.get(s.id)
    if (!on) return []
    const carries = work.get(s.id) ?? { load: 0, lastOfferedAt: null }
    return [{ ...s, ...carries, staffId: s.id, tier: on.tier, because: on.because }]
  })
  return { directory, available, contracts }
}
