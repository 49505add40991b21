import { wordsTogether } from '../domain/details.ts'
import { acknowledgedBy } from '../domain/ladder.ts'
import { mask } from '../domain/mask.ts'
import type { Actor, RequestStep } from '../domain/request-step.ts'
import type { Outbound } from '../domain/words.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { applyStep, StepRefused } from '../requests/apply.ts'
import { carriedBy, openRequestsOf } from '../store/carried.ts'
import { lockRequest, type RequestRow } from '../store/requests.ts'
import { coordinatorOnDuty } from '../store/staff.ts'
import { solvedQuestion } from '../texts/card.ts'
import { say } from '../texts/say.ts'
import { afterStep } from './after-step.ts'
import { passAll } from './pass-all.ts'
import type { Effect } from './turned.ts'
import { sayAt } from './view.ts'
import type { Writing } from './writing.ts'

/** Writes 合并 and 拆开 and tells everybody concerned; neither resident ever reads of the other. */

type MergeEffect = Extract<Effect, { do: 'merge' | 'unmerge' }>

export async function writeMerge(writing: Writing, effect: MergeEffect): Promise<void> {
  const { from, into } = effect
  // Always in one order: two who merge the same two in opposite directions wait for each other, and the second sees it done.
  for (const id of [from.id, into.id].sort((a, b) => a - b)) await lockRequest(writing.tx, writing.seal, id)
  return effect.do === 'merge' ? merge(writing, from, into) : unmerge(writing, from, into)
}

async function merge(writing: Writing, from: RequestRow, into: RequestRow): Promise<void> {
  const { tx, seal } = writing
  const by = actor(writing)
  if ((await carriedBy(tx, seal, [from.id])).length > 0) throw new StepRefused('changed', 'merged')
  if (from.urgency === 'crisis') await onlyCrisisOf(writing, into, from.id)
  const merged = { step: 'merged', intoId: into.id } as const
  const gone = await applyStep(writing, from.id, merged, by, from.version)
  const { id: fromId, urgency, crisisKind, needs, deadline } = from
  const unanswered = from.status !== 'active' || deadline?.kind === 'crisis_answer'
  const tookIn = { step: 'took_in', fromId, urgency, crisisKind, needs, unanswered } as const
  const kept = await applyStep(writing, into.id, tookIn, by, into.version)
  await afterStep(writing, merged, gone)

  const carrier = kept.request
  const holder = carrier.assignee ?? carrier.owner
  const { number } = from
  const names = { number, into: into.number, owner: holder.name }
  await tell(writing, 'done', writing.personId, { text: say('merge.done', names) })
  if (holder.personId !== null) {
    const told = { ...names, who: nameOf(writing), words: wordsOf(from) }
    await tell(writing, 'told', holder.personId, { text: say('merge.told', told) }, from.id)
    await passAll(writing, gone.request, holder.personId)
  }
  const before = new Set([from.assignee?.personId, from.owner.personId])
  for (const to of before) {
    if (typeof to !== 'number' || to === writing.personId || to === holder.personId) continue
    await tell(writing, `gone:${to}`, to, { text: say('merge.gone', names) })
  }
  const text = wordForReporter(writing, from, carrier)
  if (from.requesterId !== into.requesterId) await tell(writing, 'reporter', from.requesterId, { text }, from.id)
}

async function unmerge(writing: Writing, from: RequestRow, into: RequestRow): Promise<void> {
  const by = actor(writing)
  const stored = await lockRequest(writing.tx, writing.seal, from.id)
  if (stored?.status !== 'merged') throw new StepRefused('changed', 'revived')
  const revived = await revive(writing, stored, stored, 'taken_apart', from.version)
  const { request: left } = await applyStep(writing, into.id, { step: 'parted', fromId: from.id }, by, into.version)
  const owner = revived.assignee ?? revived.owner
  const names = { number: from.number, into: into.number, owner: owner.name }
  await tell(writing, 'done', writing.personId, { text: say('unmerge.done', names) })
  const people = new Set([owner.personId, left.assignee?.personId, left.owner.personId])
  for (const to of people) {
    if (typeof to !== 'number' || to === writing.personId) continue
    await tell(writing, `told:${to}`, to, { text: say('unmerge.told', names) }, from.id)
  }
  await tell(writing, 'reporter', from.requesterId, { text: wordWhenParted(writing, revived) }, from.id)
}

/** It lives again at once, with an owner and a deadline: with the worker it had if they can still be reached, or in the queue. */
async function revive(
  writing: Writing,
  stored: RequestRow,
  hands: Pick<RequestRow, 'assigneeId' | 'ownerId'>,
  because: 'taken_apart' | 'other_withdrawn',
  seen = stored.version,
): Promise<RequestRow> {
  const { people, calendar, now } = writing
  const able = (id: number | null) =>
    people.directory.find(
      (s) =>
        s.id === id &&
        s.personId !== null &&
        (s.agencyId === null || people.contracts.some((c) => c.agencyId === s.agencyId)),
    )
  if (stored.urgency === 'crisis') await onlyCrisisOf(writing, stored, stored.id)
  // A crisis is called out anew: whoever is on duty now has to say that they see it.
  const staffId = stored.urgency === 'crisis' ? null : (able(hands.assigneeId)?.id ?? null)
  const ownerId = staffId ?? able(hands.ownerId)?.id ?? coordinatorOnDuty(people, calendar, now).id
  const step = { step: 'revived', ownerId, staffId, because } as const
  return (await applyStep(writing, stored.id, step, actor(writing), seen)).request
}

/** One open crisis a person: two would be one alarm more, and the database refuses them. */
async function onlyCrisisOf({ tx, seal }: Writing, request: RequestRow, but: number): Promise<void> {
  const open = await openRequestsOf(tx, seal, request.requesterId)
  const other = open.some(
    (r) =>
      r.urgency === 'crisis' &&
      r.mergedIntoId === null &&
      r.status !== 'resolved' &&
      r.id !== but &&
      r.id !== request.id,
  )
  if (other) throw new StepRefused('changed', 'merged')
}

// --- what follows for those whose request is carried by another

/** Told what the first resident is told, each under their own number; called off by one, it goes on for the others. */
export async function forCarried(writing: Writing, step: RequestStep, request: RequestRow): Promise<void> {
  if (!['accepted', 'handed_on', 'resolved', 'withdrawn'].includes(step.step)) return
  for (const carried of await carriedBy(writing.tx, writing.seal, [request.id])) {
    if (step.step === 'withdrawn') await goesOn(writing, carried, request)
    else await tellLikewise(writing, step, carried, request)
  }
}

async function tellLikewise(
  writing: Writing,
  step: RequestStep,
  carried: RequestRow,
  carrier: RequestRow,
): Promise<void> {
  const { id, number } = carried
  const worker = (carrier.assignee ?? carrier.owner).name
  const key = `${step.step}:${id}`
  const toReporter = (outbound: Outbound) =>
    carried.requesterId === carrier.requesterId ? undefined : tell(writing, key, carried.requesterId, outbound, id)
  switch (step.step) {
    case 'accepted': {
      const holder = carrier.assignee?.personId
      if (holder != null) {
        const told = { number, into: carrier.number, words: wordsOf(carried) }
        await tell(writing, `${key}:worker`, holder, { text: say('merge.carried', told) }, id)
        await passAll(writing, carried, holder)
      }
      const by = sayAt(writing.view, carrier.deadline?.at ?? writing.now)
      const text =
        carried.urgency === 'crisis' ? say('crisis.accepted', { worker }) : say('accepted', { worker, number, by })
      return toReporter({ text })
    }
    case 'handed_on':
      return toReporter({ text: say('handedOn', { worker }) })
    case 'resolved': {
      // After a crisis no form asks, nor at a house where somebody has died; later: `dispatch/escalate.ts` asks both.
      const asksNow = step.askAt === null && carrier.urgency !== 'crisis' && step.outcome !== 'died'
      const later = writing.view.role !== 'resident' && writing.view.followUpMinutes > 0
      return asksNow && !later ? toReporter(solvedQuestion(id, number, worker)) : undefined
    }
    default:
      return undefined
  }
}

async function goesOn(writing: Writing, carried: RequestRow, carrier: RequestRow): Promise<void> {
  const stored = await lockRequest(writing.tx, writing.seal, carried.id)
  if (stored?.status !== 'merged') return
  const alive = await revive(writing, stored, carrier, 'other_withdrawn')
  const owner = alive.assignee ?? alive.owner
  const names = { number: alive.number, into: carrier.number, owner: owner.name }
  for (const to of new Set([owner.personId, carrier.assignee?.personId])) {
    if (typeof to !== 'number') continue
    await tell(writing, `goesOn:${alive.id}:${to}`, to, { text: say('merge.otherWithdrew', names) }, alive.id)
  }
}

// --- words

function wordForReporter(
  { view, now, calendar }: Writing,
  { number, urgency }: RequestRow,
  carrier: RequestRow,
): string {
  if (carrier.status === 'active' && carrier.assignee) {
    return say('merged.taken', { worker: carrier.assignee.name, by: sayAt(view, carrier.deadline?.at ?? now) })
  }
  const by = sayAt(view, acknowledgedBy(urgency, now, calendar))
  return say('merged.waiting', { number, owner: carrier.owner.name, by })
}

function wordWhenParted({ view, now, calendar }: Writing, request: RequestRow): string {
  const { number, urgency, owner, assignee, deadline } = request
  if (assignee) return say('parted.taken', { number, worker: assignee.name, by: sayAt(view, deadline?.at ?? now) })
  return say('parted.waiting', { number, owner: owner.name, by: sayAt(view, acknowledgedBy(urgency, now, calendar)) })
}

const wordsOf = (request: RequestRow): string => mask(wordsTogether(request.details)) || say('voice.onCard')

// --- internal

const nameOf = ({ view }: Writing): string => (view.role === 'resident' ? '' : view.staff.name)

const actor = ({ view, personId }: Writing): Actor =>
  view.role === 'resident' ? { kind: 'resident', personId } : { kind: 'staff', staffId: view.staff.id }

async function tell(
  { tx, bells, seal, now, key }: Writing,
  what: string,
  personId: number,
  outbound: Outbound,
  requestId?: number,
): Promise<void> {
  const about = requestId === undefined ? {} : { requestId }
  await enqueue(tx, bells, seal, { personId, ...about, dedupeKey: `${key}:merge:${what}`, priority: 1, outbound }, now)
}
