import { z } from 'zod'
import type { DeadlineKind } from './deadline.ts'
import { type Urgency, urgencies } from './taxonomy.ts'

/**
 * 时限和升级, as data: urgency → how long each thing may take, and who is told next. The table below are start values to be
 * confirmed by the district (half an hour to look in on an emergency is what a Quanzhou home-care call centre promised in
 * 2014; two hours for danger and one working day for ordinary pleas are what 12345 lines promise); a district changes
 * them in its file under `ladder`. Minutes; `working` counts only working time, `always` runs round the clock.
 */
export interface Terms {
  readonly clock: 'always' | 'working'
  /** Within which a named person must have acknowledged, as told to the resident. */
  readonly acknowledge: number
  readonly minutes: Readonly<Record<DeadlineKind, number>>
  /** How many staff are asked at once. */
  readonly parallel: number
  /**
   * Who is told next when nobody on duty is left to ask or nobody answers. The last rung is told again at every deadline
   * until a named person has it.
   */
  readonly next: readonly Rung[]
}

export const rungs = ['lead', 'street', 'coordinator'] as const
export type Rung = (typeof rungs)[number]
export type Ladder = Readonly<Record<Urgency, Terms>>

const always = { nudge: 10, triage: 15, offer: 0, crisis_answer: 5, ask: 0, feedback: 24 * 60 }
const working = { nudge: 30, offer: 0, crisis_answer: 5, ask: 0, feedback: 1170 }

export const startingLadder: Ladder = {
  crisis: {
    clock: 'always',
    acknowledge: 5,
    parallel: 2,
    minutes: { ...always, nudge: 5, triage: 5, answer: 5, first_contact: 10, check_in: 30 },
    next: ['lead', 'street', 'coordinator'],
  },
  urgent: {
    clock: 'always',
    acknowledge: 30,
    parallel: 1,
    minutes: { ...always, answer: 10, first_contact: 120, check_in: 240 },
    next: ['lead', 'coordinator'],
  },
  soon: {
    clock: 'working',
    acknowledge: 240,
    parallel: 1,
    minutes: { ...working, triage: 120, answer: 60, first_contact: 390, check_in: 780 },
    next: ['lead', 'coordinator'],
  },
  normal: {
    clock: 'working',
    acknowledge: 390,
    parallel: 1,
    minutes: { ...working, triage: 240, answer: 120, first_contact: 780, check_in: 1950 },
    next: ['lead', 'coordinator'],
  },
}

const minutes = z
  .int()
  .min(1)
  .max(60 * 24 * 60)

/** What a district may change of one urgency. P0 and P1 run round the clock whatever a file says. */
const Change = z.strictObject({
  acknowledge: minutes.optional(),
  nudge: minutes.optional(),
  triage: minutes.optional(),
  answer: minutes.optional(),
  first_contact: minutes.optional(),
  check_in: minutes.optional(),
  crisis_answer: minutes.optional(),
  feedback: minutes.optional(),
  parallel: z.int().min(1).max(5).optional(),
  next: z
    .array(z.enum(rungs))
    .refine((next) => next.at(-1) === 'coordinator', '最后一级要是 coordinator:没人接的求助由协调员负责')
    .optional(),
})
export const LadderChanges = z.partialRecord(z.enum(urgencies), Change)
export type LadderChanges = z.infer<typeof LadderChanges>

/** The starting ladder with what the district has changed of it. */
export function ladderWith(changes: LadderChanges): Ladder {
  const rows = urgencies.map((urgency) => {
    const { acknowledge, parallel, next, ...changed } = changes[urgency] ?? {}
    const row = startingLadder[urgency]
    const terms: Terms = {
      clock: row.clock,
      acknowledge: acknowledge ?? row.acknowledge,
      parallel: parallel ?? row.parallel,
      next: next ?? row.next,
      minutes: { ...row.minutes, ...changed },
    }
    return [urgency, terms]
  })
  return Object.fromEntries(rows) as Record<Urgency, Terms>
}
