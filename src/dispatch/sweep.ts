import type { Logger } from 'pino'
import { clockSkewMs } from '../outbox/budget.ts'
import { addressLeaseMs } from '../outbox/deliver.ts'
import { giveUpAfterMs, longestBackoffMs } from '../outbox/outcome.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import { dueAttachments } from '../store/attachments.ts'
import { followClockBack } from '../store/clock-set-back.ts'
import type { Db } from '../store/db.ts'
import { waitingPersons } from '../store/messages.ts'
import { dueAddresses } from '../store/outbox.ts'
import { dueRequests } from '../store/requests.ts'

export interface SweepDeps {
  readonly db: Db
  readonly ring: Ring
  /** Bells that this process could not ring since the last sweep. */
  readonly takeMissed: () => readonly Bell[]
  /** Does a bell's work here and now; used when the queue cannot be reached. */
  readonly perform: (bell: Bell) => Promise<void>
  readonly now: () => Date
  readonly log: Logger
}

/** Rows handled in one sweep; what is left waits for the next, five seconds later. */
const most = 500
/** A message is swept when its bell is this late: the quiet time and a normal turn are well within it. */
const messageLateMs = 8_000
/** A bell for an attachment is answered within a moment; what is this late was not rung. */
const mediaLateMs = 3_000

/**
 * The sweep finds every row that was due and not woken, so that losing the whole queue loses nothing; with the queue
 * down it does the work itself.
 */
export function makeSweep({ db, ring, takeMissed, perform, now, log }: SweepDeps): () => Promise<void> {
  let looked: Date | undefined
  return async () => {
    const at = now()
    // What the clock did while this process was down nobody knows: it is asked once at the start, and when it is seen to go back.
    const wentBack = looked !== undefined && looked.getTime() - at.getTime() > clockSkewMs
    if (looked === undefined || wentBack) {
      const ownWaitMs = wentBack ? 0 : longestBackoffMs
      await followClockBack(db, at, { skewMs: clockSkewMs, leaseMs: addressLeaseMs, restMs: giveUpAfterMs, ownWaitMs })
    }
    looked = at
    const bells: Bell[] = [
      ...takeMissed(),
      ...(await dueRequests(db, at, most)).map(({ id }): Bell => ({ job: 'deadline', ids: { requestId: id } })),
      ...(await waitingPersons(db, new Date(at.getTime() - messageLateMs), most)).map(
        (personId): Bell => ({ job: 'conversation', ids: { personId } }),
      ),
      ...(await dueAddresses(db, at, most)).map((addressId): Bell => ({ job: 'deliver', ids: { addressId } })),
      ...(await dueAttachments(db, new Date(at.getTime() - mediaLateMs), most)).map(
        ({ id, waits }): Bell => ({ job: waits === 'settle' ? 'media' : 'transcribe', ids: { attachmentId: id } }),
      ),
    ]
    if (bells.length === 0) return
    try {
      await ring(bells)
    } catch (error) {
      log.warn({ err: error, waiting: bells.length }, 'the queue is down: the sweep does the work itself')
      for (const bell of bells) {
        await perform(bell).catch((failed: unknown) =>
          log.error({ err: failed, job: bell.job, ids: bell.ids }, 'failed'),
        )
      }
    }
  }
}
