import { DateTime } from 'luxon'
import type { InTurn } from '../dispatch/in-turn.ts'
import type { Calendar } from '../domain/calendar.ts'
import { acknowledgedBy } from '../domain/ladder.ts'
import { reopensTo } from '../domain/reopens-to.ts'
import type { Actor, RequestStep } from '../domain/request-step.ts'
import { Urgency } from '../domain/taxonomy.ts'
import { applyStep, openRequest, StepRefused } from '../requests/apply.ts'
import type { Db } from '../store/db.ts'
import { openOffers } from '../store/offers.ts'
import { insertException, insertSwap } from '../store/rota.ts'
import { coordinatorOnDuty, type DutyFacts } from '../store/staff.ts'
import {
  answersReminder,
  answerTo,
  contactAfter,
  type Dice,
  handsOn,
  mishap,
  pause,
  pick,
  programmeOf,
  residentSays,
  secondThought,
  urgencyOf,
  workTakes,
} from './cast.ts'
import type { Facts } from './rooms.ts'

/** The people of a rehearsal: what each of them does when something reaches them. */

export type Act =
  | { readonly do: 'plea' | 'morning' | 'duty_changes' }
  /** The time has come by which the resident was told that somebody would have answered. */
  | { readonly do: 'promise'; readonly requestId: number }
  | { readonly do: 'answer'; readonly requestId: number; readonly staffId: number; readonly accept: boolean }
  | {
      readonly do: 'step'
      readonly requestId: number
      readonly step: RequestStep
      readonly by: Actor
      /** Only while the same person still works on it. */
      readonly assigneeId?: number | null
    }

export interface ActorDeps {
  readonly db: Db
  readonly inTurn: InTurn
  readonly calendar: Calendar
  readonly dice: Dice
  readonly now: () => Date
  readonly put: (at: Date, act: Act) => void
  readonly facts: Facts
}

export interface Actors {
  perform(act: Act): Promise<void>
  /** Look at one request that has just moved, and decide what each side will do about it. */
  notice(requestId: number): Promise<void>
  noticeAll(): Promise<void>
  pleas(): number
}

const day = 24 * 3_600_000

export async function makeActors(deps: ActorDeps): Promise<Actors> {
  const { db, inTurn, calendar, dice, now, put, facts } = deps
  const communities = (await db.community.findMany({ select: { id: true }, orderBy: { id: 'asc' } })).map((c) => c.id)
  const everybody = await db.staff.findMany({
    where: { active: true },
    select: { id: true, agencyId: true },
    orderBy: { id: 'asc' },
  })
  for (const { id } of everybody) await joinChat(db, id, now())
  facts.forget()
  const lostPhone = new Map<number, Date>()
  const seen = new Map<number, number>()
  const asked = new Set<number>()
  let pleas = 0

  const perform = async (act: Act): Promise<void> => {
    switch (act.do) {
      case 'plea':
        return plea()
      case 'morning':
        return morning()
      case 'duty_changes':
      case 'promise':
        return
      case 'answer': {
        const reason = pick(dice, ['busy', 'too_far', 'off_duty'] as const) ?? 'busy'
        const step: RequestStep = act.accept
          ? { step: 'accepted', staffId: act.staffId }
          : { step: 'declined', staffId: act.staffId, reason, othersOpen: 0 }
        const open = await db.offer.count({
          where: { requestId: act.requestId, staffId: act.staffId, status: 'open' },
        })
        // A button that has gone is not pressed; one that is pressed too late is refused by the rows.
        return open === 0 ? undefined : take(act.requestId, step, { kind: 'staff', staffId: act.staffId })
      }
      case 'step': {
        if (act.assigneeId !== undefined) {
          const row = await db.helpRequest.findUnique({ where: { id: act.requestId }, select: { assigneeId: true } })
          if (row?.assigneeId !== act.assigneeId) return
        }
        if (act.step.step === 'crisis_heard') {
          put(acknowledgedBy('crisis', now(), calendar), { do: 'promise', requestId: act.requestId })
        }
        return take(act.requestId, act.step, act.by)
      }
    }
  }

  const take = async (requestId: number, step: RequestStep, by: Actor): Promise<void> => {
    await inTurn(async (context) => void (await applyStep(context, requestId, step, by))).catch((error: unknown) => {
      // Too late, or somebody else was first: the same refusal a real tap would meet.
      if (!(error instanceof StepRefused)) throw error
    })
    await notice(requestId)
  }

  async function plea(): Promise<void> {
    pleas++
    const urgency = urgencyOf(dice)
    const programme = programmeOf(dice)
    let opened = 0
    let personId = 0
    await inTurn(async (context) => {
      const { id: requesterId } = await context.tx.person.create({ data: {}, select: { id: true } })
      const coordinatorId = coordinatorOnDuty(context.people, calendar, context.now).id
      const communityId = pick(dice, communities)
      const request = await openRequest(
        context,
        {
          requesterId,
          coordinatorId,
          description: {
            urgency,
            programmes: programme === 'none' ? [] : [programme],
            needs: [],
            ...(communityId === undefined ? {} : { communityId }),
          },
          details: { words: [] },
          textOnly: false,
          classifiedBy: null,
          reasons: [],
          confidence: null,
          ...(urgency === 'crisis' ? { crisis: 'unclear' as const } : {}),
        },
        { kind: 'resident', personId: requesterId },
      )
      opened = request.id
      personId = requesterId
      if (urgency === 'crisis') return
      await applyStep(context, request.id, { step: 'submitted' }, { kind: 'resident', personId: requesterId })
    })
    put(acknowledgedBy(urgency, now(), calendar), { do: 'promise', requestId: opened })
    const second = secondThought(dice)
    if (second) {
      const by: Actor = { kind: 'resident', personId }
      const step: RequestStep =
        second.say === 'withdrawn' ? { step: 'withdrawn' } : { step: 'crisis_heard', crisisKind: 'unclear' }
      put(after(second.after), { do: 'step', requestId: opened, step, by })
    }
    await notice(opened)
  }

  /** What befalls people over night, and the swaps they agree on. */
  async function morning(): Promise<void> {
    for (const { id } of everybody) {
      const befallen = mishap(dice)
      if (befallen === 'phone_lost') lostPhone.set(id, new Date(now().getTime() + day))
      if (befallen !== 'ill') continue
      const until = new Date(now().getTime() + Math.ceil(dice() * 3) * day)
      await inTurn(({ tx }) => insertException(tx, { staffId: id, onDuty: false, why: 'leave', from: now(), until }))
    }
    const one = pick(dice, everybody)
    const other = pick(
      dice,
      everybody.filter((s) => s.agencyId === one?.agencyId && s.id !== one?.id),
    )
    if (one && other) {
      const from = new Date(now().getTime() + Math.floor(dice() * 5) * day)
      const swap = { fromStaffId: one.id, toStaffId: other.id, from, until: new Date(from.getTime() + day) }
      await inTurn(
        async ({ tx }) =>
          void (await insertSwap(tx, { ...swap, askedById: one.id, askedAt: now(), accepted: dice() < 0.7 })),
      )
    }
    facts.forget()
  }

  async function notice(requestId: number): Promise<void> {
    const [[row], offers] = await Promise.all([
      db.sql<Noticed>`
        SELECT id, version, status, urgency, rung, programmes, "requesterId", "ownerId", "assigneeId", "deadlineKind"
        FROM "HelpRequest" WHERE id = ${requestId}`,
      openOffers(db, { requestId }),
    ])
    if (!row || seen.get(row.id) === row.version) return
    seen.set(row.id, row.version)
    const urgency = Urgency.parse(row.urgency)
    const hour = DateTime.fromJSDate(now(), { zone: calendar.zone }).hour
    for (const offer of offers) {
      if (asked.has(offer.id)) continue
      asked.add(offer.id)
      const answer = answerTo(dice, urgency, hour)
      const away = (lostPhone.get(offer.staffId) ?? now()) > now()
      if (answer === 'sleeps' || away) continue
      put(after(answer.after), {
        do: 'answer',
        requestId: row.id,
        staffId: offer.staffId,
        accept: answer.say === 'accept',
      })
    }
    const worker: Actor = { kind: 'staff', staffId: row.assigneeId ?? row.ownerId }
    const step = (afterMs: number, what: RequestStep, by: Actor = worker): void =>
      put(after(afterMs), { do: 'step', requestId: row.id, step: what, by, assigneeId: row.assigneeId })
    const reminded = row.rung > 0
    if (row.status === 'active' && row.assigneeId !== null) {
      if (row.deadlineKind === 'first_contact' && (!reminded || answersReminder(dice))) {
        const contact = contactAfter(dice, urgency)
        if (contact !== 'forgets') step(contact, { step: 'contacted' })
      } else if (row.deadlineKind === 'check_in') {
        if (handsOn(dice)) return step(pause(dice, 3 * 3_600_000), { step: 'handed_on', reason: 'rehearsal' })
        step(workTakes(dice), { step: 'resolved', outcome: 'solved', askAt: null })
        step(6 * 3_600_000, { step: 'checked_in' })
      }
      return
    }
    const coordinator: Actor = { kind: 'staff', staffId: row.ownerId }
    if (row.status === 'active' || (row.rung >= 2 && row.status === 'queued')) {
      // Reopened, or nobody left to ask: the coordinator takes it in hand.
      step(pause(dice, 15 * 60_000), { step: 'accepted', staffId: row.ownerId }, coordinator)
    } else if (row.status === 'triage') {
      const programme = programmeOf(dice)
      const unplacedBefore = row.programmes.length > 0
      if (unplacedBefore) step(pause(dice, 40 * 60_000), { step: 'accepted', staffId: row.ownerId }, coordinator)
      else {
        const programmes = [programme === 'none' ? ('elder' as const) : programme]
        step(pause(dice, 20 * 60_000), { step: 'triaged', programmes }, coordinator)
      }
    } else if (row.status === 'resolved' && row.deadlineKind === 'feedback') {
      const word = reminded ? 'solved' : residentSays(dice)
      const resident: Actor = { kind: 'resident', personId: row.requesterId }
      if (word === 'solved') step(pause(dice, 2 * 3_600_000), { step: 'confirmed_solved' }, resident)
      else if (word === 'not_solved') {
        const people = await facts.read()
        const to = reopensTo(
          { assignee: workerOf(row, people) },
          people.directory,
          coordinatorOnDuty(people, calendar, now()),
        )
        step(pause(dice, 2 * 3_600_000), { step: 'reopened', ownerId: to.id }, resident)
      }
    }
  }

  const after = (ms: number): Date => new Date(now().getTime() + ms)

  const noticeAll = async (): Promise<void> => {
    const open = await db.sql<Pick<Noticed, 'id' | 'version'>>`
      SELECT id, version FROM "HelpRequest" WHERE "nextDeadline" IS NOT NULL ORDER BY id`
    for (const { id, version } of open) if (seen.get(id) !== version) await notice(id)
  }

  return { perform, notice, noticeAll, pleas: () => pleas }
}

/** What somebody sees of a request that has just moved. */
interface Noticed {
  readonly id: number
  readonly version: number
  readonly status: string
  readonly urgency: string
  readonly rung: number
  readonly programmes: readonly string[]
  readonly requesterId: number
  readonly ownerId: number
  readonly assigneeId: number | null
  readonly deadlineKind: string | null
}

const workerOf = (row: { assigneeId: number | null }, { directory }: DutyFacts) =>
  directory.find((s) => s.id === row.assigneeId) ?? null

/** Everybody can be reached in a rehearsal: what is tried is the rota, not who has joined yet. */
async function joinChat(db: Db, staffId: number, at: Date): Promise<void> {
  const externalId = `rehearsal:${staffId}`
  const { id } = await db.person.create({
    data: { addresses: { create: { channel: 'web', account: 'rehearsal', externalId, lastHeardAt: at } } },
    select: { id: true },
  })
  await db.staff.update({ where: { id: staffId }, data: { personId: id } })
}
