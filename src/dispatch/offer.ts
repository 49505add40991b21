import type { Logger } from 'pino'
import { calendarOf } from '../domain/calendar.ts'
import { onDuty } from '../domain/duty.ts'
import { type DutyBook, dutyBook, pagesFor } from '../domain/duty-book.ts'
import { acknowledgedBy, dueFrom, termsOf } from '../domain/ladder.ts'
import {
  type ActiveContract,
  type Available,
  type Candidate,
  type DispatchPolicy,
  type PastOffer,
  type Plea,
  type Unplaced,
  unplaced,
} from '../domain/policy.ts'
import { wishesOfPlea } from '../domain/wishes.ts'
import { applyStep, type Context } from '../requests/apply.ts'
import { householdHistory } from '../store/ledger.ts'
import { drawOfferIds, pastOffers } from '../store/offers.ts'
import { lockStaff } from '../store/people.ts'
import { lockRequest, type RequestRow } from '../store/requests.ts'
import { type DutyFacts, type StaffRow, workload } from '../store/staff.ts'
import { takeOrAssign, whatIsAsked } from '../texts/card.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { coordinators, tell, tellOffer, tellOwner, tellReporters, tellResident } from './tell.ts'

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

/**
 * One step of the search: the next candidates on duty; nobody who may; or nobody left, and the next rung. When the time
 * promised to the resident has come, the next rung is told as well: a promise is never missed in silence.
 */
export async function offerNext(context: Context, request: RequestRow, policy: DispatchPolicy): Promise<void> {
  const search = await searchFor(context, request)
  if (await offerCandidates(context, request, search, policy)) {
    if (!promiseHasCome(context, request)) return
    const offered = await lockRequest(context.tx, context.seal, request.id)
    return offered ? climb(context, offered) : undefined
  }
  if (request.referredToId !== null) return referralReturned(context, request)
  const because = unplaced(search.plea, context.people.contracts)
  if (because) return toCoordinator(context, request, because)
  await climb(context, request)
}

/** Somebody has come on duty: offer it if they may have it; if not, it goes on waiting as it did. */
export async function offerIfAnybody(context: Context, request: RequestRow, policy: DispatchPolicy): Promise<void> {
  await offerCandidates(context, request, await searchFor(context, request), policy)
}

async function offerCandidates(
  context: Context,
  request: RequestRow,
  search: Search,
  policy: DispatchPolicy,
): Promise<boolean> {
  let candidates = await withRoom(context, search, policy)
  // A crisis asks those who work near first, and then whoever is on duty anywhere.
  if (candidates.length === 0 && request.urgency === 'crisis') {
    const everybody = await peopleFor(context, request, true)
    candidates = await withRoom(context, { ...search, people: everybody }, policy)
  }
  if (candidates.length === 0) return false
  const answer = dueFrom(context.now, calendarOf(context.calendar, request.owner.agencyId))('answer', request.urgency)
  const promised = promisedBy(context, request)
  const expiresAt = promised > context.now && promised < answer ? promised : answer
  await offerTo(context, request, candidates, context.people.directory, expiresAt, request.rung)
  return true
}

/**
 * The promised time is here and nobody has acknowledged it. Once somebody has, the promise is kept; handing on and
 * referring have ladders of their own.
 */
export const promiseHasCome = (context: Context, request: RequestRow): boolean =>
  request.assigneeId === null && promisedBy(context, request) <= context.now

/** By when the resident was told that a named person will have answered: nobody had yet, so the district's hours counted. */
const promisedBy = ({ calendar }: Context, request: RequestRow): Date =>
  acknowledgedBy(request.urgency, request.submittedAt ?? request.openedAt, calendar)

/** What is known when the policy is asked. */
interface Search {
  readonly plea: Plea
  readonly past: readonly PastOffer[]
  readonly people: People
}

interface People {
  readonly contracts: readonly ActiveContract[]
  readonly available: readonly Available[]
}

async function searchFor(context: Context, request: RequestRow): Promise<Search> {
  const [plea, past, people] = await Promise.all([
    pleaOf(context, request),
    pastOffers(context.tx, request.id),
    peopleFor(context, request, false),
  ])
  return { plea, past, people }
}

/** The request with what the ledger knows of the household: who has served it, and under which contract it is counted. */
async function pleaOf({ tx }: Context, request: RequestRow): Promise<Plea> {
  const said = wishesOfPlea(request.details)
  const wants = request.spokenTo.minnan && !said.includes('minnan') ? [...said, 'minnan' as const] : said
  return { ...request, ...(await householdHistory(tx, request.requesterId)), wants, givenUpBy: request.assigneeId }
}

/** Rounds in which others may take the last free place of a person before the next deadline tries again. */
const rounds = 4

/**
 * The first candidates, held and counted again: two dispatchers at once cannot both give one person their last free
 * place. A crisis knows no limit.
 */
async function withRoom(
  context: Context,
  { plea, past, people }: Search,
  policy: DispatchPolicy,
): Promise<readonly Candidate[]> {
  let staff = people.available
  for (let round = 0; round < rounds; round++) {
    const chosen = policy(plea, people.contracts, staff, past).slice(
      0,
      termsOf(plea.urgency, context.calendar).parallel,
    )
    if (chosen.length === 0 || plea.urgency === 'crisis') return chosen
    const ids = chosen.map((c) => c.staffId)
    // Carried out in order: the second is read when the first has been granted.
    const [, now, offerIds] = await Promise.all([
      lockStaff(context.tx, ids),
      workload(context.tx, ids),
      drawOfferIds(context.tx, ids.length),
    ])
    context.offerIds.push(...offerIds)
    staff = staff.map((person) => ({ ...person, ...now.get(person.staffId) }))
    if (!staff.some((p) => ids.includes(p.staffId) && p.load >= p.loadLimit)) return chosen
  }
  return []
}

/** Nothing that was bought covers it, or all of it is used: the coordinator decides, and the resident hears the truth. */
async function toCoordinator(context: Context, request: RequestRow, because: Unplaced): Promise<void> {
  const { request: waiting } = await applyStep(context, request.id, { step: 'unplaced', because }, system)
  const { number, owner } = waiting
  const by = sayClock(waiting.deadline?.at ?? context.now, context.now, context.calendar.zone)
  const text = `${say(`unplaced.${because}`, { number, owner: owner.name, by })}\n${whatIsAsked(waiting)}`
  for (const to of coordinators(context.people.directory)) {
    const key = `unplaced:${request.id}:${waiting.version}:${to}`
    await tell(context, waiting, to, key, text, takeOrAssign(request.id))
  }
  const words = say(`unplaced.${because}.resident`, { owner: owner.name, by })
  await tellReporters(context, waiting, `unplaced:${request.id}:${waiting.version}`, words)
}

/** 转介不成: it is where it was, and everybody hears it. */
async function referralReturned(context: Context, request: RequestRow): Promise<void> {
  const { request: back } = await applyStep(context, request.id, { step: 'returned', because: 'unanswered' }, system)
  const worker = back.assignee ?? back.owner
  const { number } = back
  const told = new Set([worker.personId, ...coordinators(context.people.directory)])
  for (const to of told) {
    if (to === null) continue
    await tell(context, back, to, `returned:${back.id}:${back.version}:${to}`, say('referral.returned', { number }))
  }
  const words = say('referral.returned.resident', { worker: worker.name })
  await tellReporters(context, back, `returned:${back.id}:${back.version}`, words)
}

/** Offer it, locked and as it stands now, to these people at once; each gets a card with the choice to accept or decline. */
export async function offerTo(
  context: Context,
  request: RequestRow,
  to: readonly Candidate[],
  directory: readonly StaffRow[],
  expiresAt: Date,
  rung: number,
): Promise<void> {
  const applied = await applyStep(context, request, { step: 'offered', to, expiresAt, rung }, { kind: 'system' })
  for (const offer of applied.offered) {
    const staff = directory.find((s) => s.id === offer.staffId)
    const reasons = to.find((c) => c.staffId === offer.staffId)?.reasons ?? []
    if (staff?.personId != null) tellOffer(context, applied.request, offer, staff.personId, reasons)
  }
}

// --- the ladder

/** Nobody left to ask on this rung: tell the next one, and the resident the truth. The last rung is told again and again. */
export async function climb(context: Context, request: RequestRow): Promise<void> {
  const { now, calendar, people } = context
  const names = termsOf(request.urgency, calendar).next
  const again = dueFrom(now, calendarOf(calendar, request.owner.agencyId))('answer', request.urgency)
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
  const theirs = contracts.filter((c) => c.agencyId === staff.agencyId)
  return request.urgency === 'crisis' ? theirs.length > 0 : theirs.some((c) => request.programmes.includes(c.programme))
}

/** One book for each reading of the facts; facts are read anew twice a second, the book is laid open once for all. */
const books = new WeakMap<DutyFacts, DutyBook<StaffRow>>()

function bookOf(facts: DutyFacts): DutyBook<StaffRow> {
  const known = books.get(facts) ?? dutyBook(facts)
  books.set(facts, known)
  return known
}

/** Who could be asked for this at this moment: on duty by the rota, joined in chat, with what they carry. */
async function peopleFor(
  { tx, now, calendar, people }: Context,
  request: RequestRow,
  everywhere: boolean,
): Promise<People> {
  const pages = pagesFor(bookOf(people), request, everywhere)
  const duty = new Map(onDuty(pages, calendar, now).map((d) => [d.staffId, d]))
  const joined = pages.colleagues.filter((s) => s.personId !== null && duty.has(s.id))
  const work = await workload(
    tx,
    joined.map((s) => s.id),
  )
  const available = joined.flatMap((s): Available[] => {
    const on = duty.get(s.id)
    return on ? [{ ...s, ...(work.get(s.id) ?? { load: 0, lastOfferedAt: null }), ...on }] : []
  })
  return { contracts: pages.contracts, available }
}

const system = { kind: 'system' } as const
