/** What must have happened by the deadline of an open request. */
export const deadlineKinds = [
  /** The resident has not finished telling: remind, then hand what is known to a coordinator. */
  'nudge',
  /** A coordinator must say which programme it is. */
  'triage',
  /** It waits in the queue and must be offered. */
  'offer',
  /** Somebody it was offered to must answer. */
  'answer',
  /** Who accepted must speak to the resident. */
  'first_contact',
  /** Who accepted must show that it moves on. */
  'check_in',
  /** Who owns it must acknowledge a crisis signal. */
  'crisis_answer',
  /** Time to ask the resident whether it is solved. */
  'ask',
  /** The resident was asked whether it is solved; without an answer a person phones. */
  'feedback',
] as const
export type DeadlineKind = (typeof deadlineKinds)[number]
