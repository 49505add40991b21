import { applyStep, type Context } from '../requests/apply.ts'
import { asCarried, openRequestsOf } from '../store/carried.ts'
import { isTextOnly } from '../store/people.ts'
import { lockRequest, type RequestRow } from '../store/requests.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { tell } from './tell.ts'

interface Lost {
  readonly outboundId: number
  readonly personId: number
  readonly requestId: number | null
  readonly failure: string
}

/**
 * 未送达: a message that will never arrive. To a resident: it becomes a step of their request with a deadline by which
 * whoever works on it has phoned or visited — a resident who can only type is never phoned. To a colleague: the owner is
 * told. A message that belongs to no request counts for the one the resident has open.
 */
export function makeUndelivered({ inTurn }: { readonly inTurn: InTurn }): (lost: Lost) => Promise<void> {
  return (lost) =>
    inTurn(async (context) => {
      const request = await requestOf(context, lost)
      if (!request?.deadline) return
      if (lost.personId === request.requesterId) await resident(context, request, lost)
      else await colleague(context, request, lost)
    })
}

async function requestOf({ tx, seal }: Context, { requestId, personId }: Lost): Promise<RequestRow | undefined> {
  const id = requestId ?? (await openRequestsOf(tx, seal, personId)).at(-1)?.id
  const found = id === undefined ? undefined : await lockRequest(tx, seal, id)
  // 合并: whoever carries it is the one to reach its resident another way.
  return found?.mergedIntoId == null ? found : (await asCarried(tx, seal, [found]))[0]
}

async function resident(context: Context, request: RequestRow, lost: Lost): Promise<void> {
  // A colleague is talking with them in 企业微信 this very moment: no task, only a word to whoever answers for it.
  if (lost.failure === 'taken-over') return colleague(context, request, lost, hourOf(context.now))
  if (lost.failure === 'noticed') return askedBack(context, request, lost)
  const cannotHear = request.textOnly || (await isTextOnly(context.tx, request.requesterId))
  const instead = cannotHear ? 'visit' : 'phone'
  const lostOn = { step: 'not_reached', instead } as const
  let { request: after } = await applyStep(context, request.id, lostOn, system)
  if (after.mergedIntoId !== null) {
    const { request: carrier } = await applyStep(context, after.mergedIntoId, lostOn, system)
    after = { ...carrier, id: after.id, number: after.number }
  }
  const to = [after.assignee?.personId, after.owner.personId].find((id) => typeof id === 'number')
  if (to === undefined) return
  const by = sayClock(after.deadline?.at ?? context.now, context.now, context.calendar.zone)
  const text = say(`undelivered.${instead}`, { number: after.number, why: whyOf(lost), by })
  // Several parts of one answer are lost at once: one task, not three.
  const moment = Math.floor(context.now.getTime() / 60_000)
  await tell(context, after, to, `undelivered:${after.id}:${moment}`, text)
}

/** It waits for the resident's answer to a notice: whoever works on it knows that it has not arrived yet. */
async function askedBack(context: Context, request: RequestRow, { outboundId }: Lost): Promise<void> {
  const to = [request.assignee?.personId, request.owner.personId].find((id) => typeof id === 'number')
  if (to === undefined) return
  const text = say('undelivered.yet', { number: request.number })
  await tell(context, request, to, `undelivered:noticed:${outboundId}`, text)
}

const system = { kind: 'system' } as const

const hourOf = (now: Date) => Math.floor(now.getTime() / 3_600_000)

/** @param once names the word, so that it is said once. */
async function colleague(context: Context, request: RequestRow, lost: Lost, once = lost.outboundId): Promise<void> {
  const people = [request.assignee?.personId, request.owner.personId].filter((id) => typeof id === 'number')
  const to = people.find((id) => id !== lost.personId)
  if (to === undefined) return
  const text = say('undelivered.staff', { number: request.number, why: whyOf(lost) })
  await tell(context, request, to, `undelivered:${lost.failure}:${request.id}:${once}`, text)
}

function whyOf({ failure }: Lost): string {
  switch (failure) {
    case 'blocked':
    case 'gone':
    case 'window-closed':
    case 'quota':
    case 'noticed':
    case 'taken-over':
      return say(`undelivered.${failure}`)
    default:
      return say('undelivered.other')
  }
}
