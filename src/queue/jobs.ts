/**
 * Every job there is, with its payload. Jobs carry ids, never content: a queue holds no word of a resident, and a job
 * that comes twice, late or never changes nothing, because its handler reads the row again.
 */
export interface Jobs {
  /** Unread messages of this person wait for a turn. */
  conversation: { readonly personId: number }
  /** This request is in the queue and wants an offer. */
  dispatch: { readonly requestId: number }
  /** A deadline of this request has come. */
  deadline: { readonly requestId: number }
  /** Messages for this address wait to be sent. */
  deliver: { readonly addressId: number }
  /** The same for a few messages of a notice, one after the other, so that a reply never waits behind them for a free hand. */
  bulk: { readonly addressIds: readonly number[] }
  /** Somebody has taken this request: two lines for them, where a language model is set. */
  summary: { readonly requestId: number }
  /** This attachment is still at its channel: fetch, check and keep it. */
  media: { readonly attachmentId: number }
  /** This recording is to be written down, where speech recognition is set. */
  transcribe: { readonly attachmentId: number }
}

export type JobName = keyof Jobs
export const jobNames = [
  'conversation',
  'dispatch',
  'deadline',
  'deliver',
  'bulk',
  'summary',
  'media',
  'transcribe',
] as const satisfies readonly JobName[]

/** A job to be rung once the rows that it speaks of are committed. `at` unset: now. */
export type Bell = { [N in JobName]: { readonly job: N; readonly ids: Jobs[N]; readonly at?: Date } }[JobName]

/** Rings bells; resolves when the queue has them. Rejects when the queue is down: the sweep finds what was not rung. */
export type Ring = (bells: readonly Bell[]) => Promise<void>
