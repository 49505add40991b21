import type { Logger } from 'pino'
import { dutySegments } from '../domain/coverage.ts'
import { onDuty } from '../domain/duty.ts'
import type { DispatchPolicy } from '../domain/policy.ts'
import { applyStep, type Context } from '../requests/apply.ts'
import { lockRequest, type RequestRow, requestsOfStaff, waitingRequests } from '../store/requests.ts'
import { setSetting, setting } from '../store/settings.ts'
import type { StaffRow } from '../store/staff.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { offerIfAnybody } from './offer.ts'
import { tell, tellReporters } from './tell.ts'

export interface HandOverDeps {
  readonly inTurn: InTurn
  readonly policy: DispatchPolicy
  readonly log: Logger
}

/** A midday gap is no end of a shift: whoever is back within this time keeps what they have. */
const breakMs = 3 * 3_600_000
/** After a longer silence of the whole system only this much is looked back over. */
const lookBackMs = 24 * 3_600_000
const watched = 'duty.watched'

/**
 * 交接班: when a shift ends, what is in danger goes to the next on duty — until somebody has accepted it stays where it was,
 * and the lead knows. When a shift begins, what waits in the queue is offered, the most urgent and the oldest first.
 */
export function makeHandOver({ inTurn, policy, log }: HandOverDeps): () => Promise<void> {
  return async () => {
    let leaving: readonly StaffRow[] = []
    let coming = false
    let end = new Date(0)
    await inTurn(async (context) => {
      const { tx, now, calendar, people } = context
      end = now
      const stored = await setting(tx, watched)
      if (stored === undefined) return
      const from = new Date(Math.max(Date.parse(stored), now.getTime() - lookBackMs))
      if (from >= now) return
      const before = dutySegments(people, calendar, from, now).flatMap((s) => s.onDuty.map((d) => d.staffId))
      const here = new Set(onDuty(people, calendar, now).map((d) => d.staffId))
      const began = new Set(onDuty(people, calendar, from).map((d) => d.staffId))
      coming = [...here].some((id) => !began.has(id))
      const soon = dutySegments(people, calendar, now, new Date(now.getTime() + breakMs))
      const back = new Set(soon.flatMap((s) => s.onDuty.map((d) => d.staffId)))
      leaving = people.directory.filter((s) => before.includes(s.id) && !here.has(s.id) && !back.has(s.id))
    })
    for (const staff of leaving) await leave(inTurn, staff, end)
    if (coming) await drain(inTurn, policy)
    // Last: a process that dies in between does it again, and finds what is done already done.
    await inTurn(async ({ tx }) => setSetting(tx, watched, end.toISOString()))
    if (leaving.length > 0 || coming) log.info({ leaving: leaving.length, coming }, 'duty changed')
  }
}

/** The end of one person's shift: the urgent ones look for the next person, the digest tells what is in hand. */
async function leave(inTurn: InTurn, staff: StaffRow, at: Date): Promise<void> {
  await inTurn(async (context) => {
    const { tx, seal, now, calendar } = context
    const open = (await requestsOfStaff(tx, seal, staff.id)).filter((r) => r.assigneeId === staff.id)
    const mine = open.filter((r) => r.status !== 'resolved')
    if (mine.length === 0) return
    const urgent = mine.filter((r) => (r.urgency === 'crisis' || r.urgency === 'urgent') && r.referredToId === null)
    for (const request of urgent) await handOn(context, staff, request)
    const lines = mine.map((r) =>
      say('handover.line', {
        number: r.number,
        urgency: say(`urgency.${r.urgency}`),
        state: say(`state.${r.status}`),
        by: r.deadline ? sayClock(r.deadline.at, now, calendar.zone) : '',
      }),
    )
    const [first] = mine
    if (!first) return
    const key = `handover:${staff.id}:${at.toISOString().slice(0, 16)}`
    if (staff.personId !== null) {
      const digest = say('handover.digest', {
        count: mine.length,
        lines: lines.join('\n'),
        urgent: urgent.length > 0 ? say('handover.urgent') : '',
      })
      await tell(context, first, staff.personId, key, digest)
    }
    if (urgent.length === 0) return
    const numbers = urgent.map((r) => r.number).join('、')
    const text = say('handover.lead', { who: staff.name, count: urgent.length, numbers })
    for (const lead of context.people.directory) {
      if (lead.role !== 'lead' || lead.agencyId !== staff.agencyId || lead.personId === null) continue
      if (lead.id !== staff.id) await tell(context, first, lead.personId, `${key}:${lead.id}`, text)
    }
  })
}

async function handOn(context: Context, staff: StaffRow, { id }: RequestRow): Promise<void> {
  const request = await lockRequest(context.tx, context.seal, id)
  if (request?.status !== 'active' || request.assigneeId !== staff.id) return
  const step = { step: 'handed_on', reason: 'the shift has ended' } as const
  const { request: queued } = await applyStep(context, id, step, { kind: 'system' })
  const text = say('handedOn', { worker: staff.name })
  await tellReporters(context, queued, `handover:${id}:${queued.version}`, text)
}

/** Whoever has just come on is asked for what nobody had time for. */
async function drain(inTurn: InTurn, policy: DispatchPolicy): Promise<void> {
  let waiting: readonly number[] = []
  await inTurn(async ({ tx }) => {
    waiting = await waitingRequests(tx, 500)
  })
  for (const id of waiting) {
    await inTurn(async (context) => {
      const request = await lockRequest(context.tx, context.seal, id)
      if (request?.status === 'queued') await offerIfAnybody(context, request, policy)
    })
  }
}
