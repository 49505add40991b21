import type { SendError, SendFailure } from '../channels/channel.ts'

/** What became of one message, or what happens to it next. */
export type Outcome =
  /** `replies`: how many messages it took, where the channel counts them. */
  | { readonly is: 'sent'; readonly externalId: string | undefined; readonly replies?: number }
  | { readonly is: 'skipped'; readonly why: string }
  | { readonly is: 'failed'; readonly why: string }
  /** This person cannot be reached here any more: another address, or nobody. */
  | { readonly is: 'unreachable'; readonly why: string }
  /** To be tried again then. `free`: nothing was sent, so it does not count as an attempt. */
  | { readonly is: 'again'; readonly at: Date; readonly why: string; readonly free: boolean }

/** The one table that turns a failure into what follows. */
const follows = {
  'rate-limited': 'pause',
  transient: 'back off',
  auth: 'back off',
  blocked: 'leave',
  gone: 'leave',
  'window-closed': 'fail',
  quota: 'fail',
  'taken-over': 'fail',
  unfit: 'fail',
  invalid: 'fail',
} as const satisfies Record<SendFailure, string>

const mostAttempts = 12
export const longestBackoffMs = 10 * 60_000
/** A word that could not be said for a day has lost its moment: a person must take over. */
export const giveUpAfterMs = 24 * 3_600_000
/** When the far end asks us to slow down and does not say for how long. */
const pauseMs = 5_000

/** @param attempts tries so far, this one included. @param dueAt when the message could first have gone out. */
export function outcomeOf(
  error: SendError,
  { attempts, dueAt }: { attempts: number; dueAt: Date },
  now: Date,
): Outcome {
  const why = error.kind
  const tooOld = now.getTime() - dueAt.getTime() >= giveUpAfterMs
  const after = (ms: number, free: boolean): Outcome => ({ is: 'again', at: new Date(now.getTime() + ms), why, free })
  switch (follows[error.kind]) {
    case 'pause':
      return tooOld ? { is: 'failed', why } : after(Math.max(1, error.retryAfterMs ?? pauseMs), true)
    case 'back off':
      if (tooOld || attempts >= mostAttempts) return { is: 'failed', why }
      return after(Math.min(1_000 * 2 ** attempts, longestBackoffMs), false)
    case 'leave':
      return { is: 'unreachable', why }
    case 'fail':
      return { is: 'failed', why }
  }
}
