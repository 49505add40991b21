import { finishesAt, type Lane, quietUntil } from '../domain/notice.ts'
import type { BroadcastRow } from '../store/broadcasts.ts'
import { bulkRest } from '../store/bulk-lane.ts'
import type { Tx } from '../store/db.ts'
import { sentSince, waitingByLane } from '../store/recipients.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'

/** What the rate is reckoned over. */
const rateOverMs = 60_000

/** How fast a notice leaves and when it will have left, or what it waits for; nothing to say before the first has left. */
export async function whenDone(
  tx: Tx,
  row: BroadcastRow,
  lanes: readonly Lane[],
  now: Date,
  zone: string,
): Promise<string[]> {
  const clock = (at: Date) => sayClock(at, now, zone)
  const morning = row.emergency ? undefined : quietUntil(now, zone)
  if (morning) return [say('bc.progress.night', { until: clock(morning) })]
  const waiting = await waitingByLane(tx, row.id)
  for (const lane of waiting.keys()) {
    const rest = await bulkRest(tx, lane, now)
    if (rest && rest.getTime() - now.getTime() > 60_000) return [say('bc.progress.rest', { until: clock(rest) })]
  }
  const began = row.startedAt?.getTime() ?? now.getTime()
  const overMs = Math.max(1_000, Math.min(rateOverMs, now.getTime() - began))
  const sent = await sentSince(tx, row.id, new Date(now.getTime() - overMs))
  const rate = Math.round((sent * 60_000) / overMs)
  const until = finishesAt(waiting, lanes, now, { zone, emergency: row.emergency })
  return sent === 0 ? [] : [say('bc.progress.rate', { rate, until: clock(until) })]
}
