import type { Calendar } from './calendar.ts'
import { addWorkingMinutes } from './calendar.ts'
import type { DeadlineKind, Due } from './request-step.ts'
import type { Urgency } from './taxonomy.ts'

/**
 * Urgency → how long each thing may take, and who is told next. Start values are proposals to be confirmed by the
 * district (half an hour to look in on an emergency is what a Quanzhou home-care call centre promised in 2014; two hours
 * for danger and one working day for ordinary pleas are what 12345 lines promise). Minutes; `working` counts only
 * working time, `always` runs round the clock.
 */
export interface Terms {
  readonly clock: 'always' | 'working'
  readonly minutes: Readonly<Record<DeadlineKind, number>>
  /** How many staff are asked at once. */
  readonly parallel: number
}

export const ladder = {
  crisis: {
    clock: 'always',
    parallel: 2,
    minutes: {
      nudge: 5,
      triage: 5,
      offer: 0,
      answer: 5,
      first_contact: 10,
      check_in: 30,
      crisis_answer: 5,
      ask: 0,
      feedback: 24 * 60,
    },
  },
  urgent: {
    clock: 'always',
    parallel: 1,
    minutes: {
      nudge: 10,
      triage: 15,
      offer: 0,
      answer: 10,
      first_contact: 120,
      check_in: 240,
      crisis_answer: 5,
      ask: 0,
      feedback: 24 * 60,
    },
  },
  soon: {
    clock: 'working',
    parallel: 1,
    minutes: {
      nudge: 30,
      triage: 120,
      offer: 0,
      answer: 60,
      first_contact: 390,
      check_in: 780,
      crisis_answer: 5,
      ask: 0,
      feedback: 1170,
    },
  },
  normal: {
    clock: 'working',
    parallel: 1,
    minutes: {
      nudge: 30,
      triage: 240,
      offer: 0,
      answer: 120,
      first_contact: 780,
      check_in: 1950,
      crisis_answer: 5,
      ask: 0,
      feedback: 1170,
    },
  },
} as const satisfies Record<Urgency, Terms>

/** Minutes within which a named person must have acknowledged, as told to the resident. */
export const acknowledgeWithin = { crisis: 5, urgent: 30, soon: 240, normal: 390 } as const satisfies Record<
  Urgency,
  number
>

/**
 * Who is told next when nobody on duty is left to ask or nobody answers. The last rung is told again at every deadline
 * until a named person has it.
 */
export const rungs = {
  crisis: ['lead', 'street', 'coordinator'],
  urgent: ['lead', 'coordinator'],
  soon: ['lead', 'coordinator'],
  normal: ['lead', 'coordinator'],
} as const satisfies Record<Urgency, readonly ('lead' | 'street' | 'coordinator')[]>

/** Times a resident is asked to go on telling before a coordinator takes over what is known. */
export const nudgesBeforeTriage = 2

/** Reminders to who accepted before the request is offered to others (they stay owner until another has accepted). */
export const remindersBeforeTakeBack = 2

/**
 * When a deadline of `kind` falls if it starts now. A resident's pause (`nudge`) is counted by the plain clock: a person
 * who falls silent at 17:29 is asked again the same evening, not the next morning.
 */
export function dueFrom(now: Date, calendar: Calendar): Due {
  return (kind, urgency) => {
    const terms = ladder[urgency]
    return terms.clock === 'always' || kind === 'nudge'
      ? new Date(now.getTime() + terms.minutes[kind] * 60_000)
      : addWorkingMinutes(calendar, now, terms.minutes[kind])
  }
}

/** By when a named person will have acknowledged: the clock time a receipt may promise. */
export function acknowledgedBy(urgency: Urgency, now: Date, calendar: Calendar): Date {
  const minutes = acknowledgeWithin[urgency]
  return ladder[urgency].clock === 'always'
    ? new Date(now.getTime() + minutes * 60_000)
    : addWorkingMinutes(calendar, now, minutes)
}
