import type { Logger } from 'pino'
import { calendarOf } from '../domain/calendar.ts'
import { dueFrom, nudgesBeforeTriage, remindersBeforeTakeBack } from '../domain/ladder.ts'
import type { DispatchPolicy } from '../domain/policy.ts'
import { applyStep, type Context } from '../requests/apply.ts'
import { lockRequest, type RequestRow } from '../store/requests.ts'
import { solvedQuestion } from '../texts/card.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { climb, offerNext, promiseHasCome } from './offer.ts'
import { clearOffers, overseers, tell, tellOwner, tellReporters, tellTriage } from './tell.ts'

export interface EscalateDeps {
  readonly inTurn: InTurn
  readonly policy: DispatchPolicy
  readonly log: Logger
}

/**
 * A deadline has come. Re-reads the request under its lock: an old bell finds another deadline and does nothing. What
 * must have happened has not; whoever is next is told, and a new deadline is set in the same transaction.
 */
export function makeEscalate({ inTurn, policy, log }: EscalateDeps): (ids: { requestId: number }) => Promise<void> {
  return async ({ requestId }) => {
    await inTurn(async (context) => {
      const request = await lockRequest(context.tx, context.seal, requestId)
      if (!request?.deadline || request.deadline.at > context.now) return
      log.info({ requestId, kind: request.deadline.kind, rung: request.rung }, 'deadline came')
      await passed(context, request, policy)
    })
  }
}

async function passed(context: Context, request: RequestRow, policy: DispatchPolicy): Promise<void> {
  switch (request.deadline?.kind) {
    case 'nudge':
      return nudge(context, request)
    case 'triage':
      return triageAgain(context, request)
    case 'offer':
      return request.status === 'queued' ? offerNext(context, request, policy) : undefined
    case 'answer':
      return unanswered(context, request, policy)
    case 'first_contact':
    case 'check_in':
    case 'crisis_answer':
      return remindWorker(context, request)
    case 'ask':
      return askSolved(context, request)
    case 'feedback':
      return callBack(context, request)
    case undefined:
      return
  }
}

/** The resident fell silent in the middle: remind gently, then hand on what is known. Nothing is thrown away. */
async function nudge(context: Context, request: RequestRow): Promise<void> {
  if (request.rung < nudgesBeforeTriage) {
    const nudged = await applyStep(context, request.id, { step: 'nudged' }, system)
    await tell(context, nudged.request, request.requesterId, `nudge:${request.id}:${request.rung}`, say('nudge'))
    return
  }
  const { request: waiting } = await applyStep(context, request.id, { step: 'given_up_telling' }, system)
  const by = sayClock(waiting.deadline?.at ?? context.now, context.now, context.calendar.zone)
  const words = say('nudge.handedOver', { owner: waiting.owner.name, by })
  await tell(context, waiting, request.requesterId, `nudge:${request.id}:last`, words)
  await tellTriage(context, waiting)
}

async function triageAgain(context: Context, request: RequestRow): Promise<void> {
  const again = due(context, request)('triage', request.urgency)
  const step =
    request.status === 'triage'
      ? ({ step: 'climbed', rung: request.rung + 1, again } as const)
      : ({ step: 'reminded', again } as const)
  const { request: after } = await applyStep(context, request.id, step, system)
  const { directory } = context.people
  await tellOwner(context, after, directory)
}

/** Nobody answered in time. A crisis keeps every offer open and asks more people; anything else goes to the next. */
async function unanswered(context: Context, request: RequestRow, policy: DispatchPolicy): Promise<void> {
  if (request.status === 'queued') return climb(context, request)
  if (request.urgency === 'crisis') return offerNext(context, request, policy)
  const { ended, request: queued } = await applyStep(context, request.id, { step: 'unanswered' }, system)
  await clearOffers(context, ended, say('offer.expiredNote'))
  // At the last minute of a working day the next search would be tomorrow's; a promise for that minute does not wait.
  const now = queued.deadline !== null && queued.deadline.at <= context.now
  if (now || promiseHasCome(context, queued)) await offerNext(context, queued, policy)
}

/** Accepted and then silent: remind; after that look for somebody else while they stay the owner. */
async function remindWorker(context: Context, request: RequestRow): Promise<void> {
  const kind = request.deadline?.kind
  const text =
    kind === 'first_contact'
      ? say('ladder.firstContact', request)
      : kind === 'crisis_answer'
        ? say('crisis.ackAsk', request)
        : say('ladder.checkIn', request)
  const owner = request.assignee ?? request.owner
  const { directory } = context.people
  if (request.rung >= remindersBeforeTakeBack) {
    const { request: queued } = await applyStep(
      context,
      request.id,
      { step: 'handed_on', reason: `no sign after ${remindersBeforeTakeBack} reminders` },
      system,
    )
    const words = say('ladder.takeBack', { number: request.number, owner: '负责人和协调员' })
    if (owner.personId !== null) await tell(context, queued, owner.personId, key('taken', queued), words)
    for (const to of overseers(directory, owner)) await tell(context, queued, to, key(`taken:${to}`, queued), words)
    const truth = say('takenBack', { worker: owner.name })
    return tellReporters(context, queued, key('taken:resident', queued), truth)
  }
  const again = due(context, request)(kind ?? 'check_in', request.urgency)
  const { request: after } = await applyStep(context, request.id, { step: 'reminded', again }, system)
  const choices = kind === 'crisis_answer' ? [{ token: `r:ack:${request.id}`, label: say('crisis.ack') }] : undefined
  if (owner.personId !== null) await tell(context, after, owner.personId, key('remind', after), text, choices)
  if (request.rung === 0) return
  for (const to of overseers(directory, owner)) await tell(context, after, to, key(`remind:${to}`, after), text)
}

/** 回访: some working time after closing, the resident is asked. */
async function askSolved(context: Context, request: RequestRow): Promise<void> {
  const { request: asked } = await applyStep(context, request.id, { step: 'asked_solved' }, system)
  const worker = (asked.assignee ?? asked.owner).name
  await tellReporters(context, asked, key('solved', asked), (each) => solvedQuestion(each.id, each.number, worker))
}

/** 回访: the resident has not said whether it is solved: a person asks by phone or at the door. */
async function callBack(context: Context, request: RequestRow): Promise<void> {
  const again = due(context, request)('feedback', request.urgency)
  const { request: after } = await applyStep(context, request.id, { step: 'reminded', again }, system)
  const text = say('ladder.feedback', after)
  const worker = after.assignee ?? after.owner
  if (worker.personId !== null) await tell(context, after, worker.personId, key('callback', after), text)
  if (request.rung === 0) return
  for (const to of overseers(context.people.directory, worker)) {
    await tell(context, after, to, key(`callback:${to}`, after), text)
  }
}

/** By the hours of who answers for it: they are the one who is to do something by then. */
const due = ({ now, calendar }: Context, { owner }: RequestRow) => dueFrom(now, calendarOf(calendar, owner.agencyId))
const system = { kind: 'system' } as const
const key = (what: string, request: RequestRow) => `${what}:${request.id}:${request.version}`
