import { setTimeout as sleep } from 'node:timers/promises'
import { bulkMoments } from '../store/bulk-lane.ts'
import type { Db } from '../store/db.ts'

interface Deps {
  readonly db: Db
  readonly deliver: (ids: { addressId: number }) => Promise<void>
  readonly now: () => Date
}

/** What is further off than this has a bell of its own, or is found when it is late. */
const patienceMs = 1_000

/**
 * Send a few messages of notices, each at its moment and none beside another: one hand stays one hand however many share
 * the bell. One that fails does not keep the others; the bell rings again for it.
 */
export function makeDeliverBulk({ db, deliver, now }: Deps): (ids: { addressIds: readonly number[] }) => Promise<void> {
  return async ({ addressIds }) => {
    let failed: unknown
    for (const { addressId, at } of await bulkMoments(db, addressIds)) {
      const wait = at.getTime() - now().getTime()
      if (wait > patienceMs) continue
      if (wait > 0) await sleep(wait)
      await deliver({ addressId }).catch((error: unknown) => {
        failed = error
      })
    }
    if (failed !== undefined) throw failed
  }
}
