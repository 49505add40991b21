import { quietUntil } from '../domain/notice.ts'
import type { BulkGate } from '../outbox/bulk-gate.ts'
import { noticeOfOutbound, restBulk } from '../store/bulk-lane.ts'
import type { Db } from '../store/db.ts'

/** A notice called back in the last moment is looked at again after so long, in ms. */
const lookAgainMs = 60_000

/**
 * Whether a message to many may leave in this very moment: not when its notice has expired, was stopped or paused, nor by
 * night. However late a bell or a process comes back, a notice about tonight is not sent tomorrow.
 */
export function makeBulkGate(db: Db, zone: string): BulkGate {
  return {
    hold: async (outboundId, now) => {
      const notice = await noticeOfOutbound(db, outboundId)
      if (!notice) return undefined
      if (notice.expiresAt !== null && notice.expiresAt <= now) return { skip: 'expired' }
      if (notice.status === 'stopped') return { skip: 'stopped' }
      if (notice.status !== 'sending') return { until: new Date(now.getTime() + lookAgainMs) }
      const morning = notice.emergency ? undefined : quietUntil(now, zone)
      return morning && { until: morning }
    },
    rest: (lane, until) => restBulk(db, lane, until),
  }
}
