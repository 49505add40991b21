import { addWorkingMinutes, type Calendar } from './calendar.ts'
import { startingLadder, type Terms } from './ladder-terms.ts'
import type { Due } from './request-step.ts'
import type { Urgency } from './taxonomy.ts'

/** 时限: when something must have happened, by the terms of the district and the working clock. */

export const termsOf = (urgency: Urgency, calendar: Calendar): Terms => (calendar.ladder ?? startingLadder)[urgency]

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
    const terms = termsOf(urgency, calendar)
    return terms.clock === 'always' || kind === 'nudge'
      ? new Date(now.getTime() + terms.minutes[kind] * 60_000)
      : addWorkingMinutes(calendar, now, terms.minutes[kind])
  }
}

/** By when a named person will have acknowledged: the clock time a receipt may promise. */
export function acknowledgedBy(urgency: Urgency, now: Date, calendar: Calendar): Date {
  const { clock, acknowledge } = termsOf(urgency, calendar)
  return clock === 'always'
    ? new Date(now.getTime() + acknowledge * 60_000)
    : addWorkingMinutes(calendar, now, acknowledge)
}
