import type { Logger } from 'pino'
import { type Lane, quietFrom, quietUntil, topicOf } from '../domain/notice.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import { writeRecipients } from '../store/audience.ts'
import { type BroadcastRow, liveBroadcasts, lockBroadcast, takeNoticeStep } from '../store/broadcasts.ts'
import {
  bulkOutstanding,
  bulkRest,
  type Fed,
  feedOutbox,
  holdSending,
  lateBulk,
  lockLane,
  recall,
} from '../store/bulk-lane.ts'
import { type Db, type Tx, transaction } from '../store/db.ts'
import { settleRecipients, skipWaiting } from '../store/recipients.ts'
import type { Seal } from '../store/secrets.ts'
import { noticeMessage } from '../texts/notice-card.ts'

export interface FeedDeps {
  readonly db: Db
  readonly seal: Seal
  readonly ring: Ring
  /** The accounts that are in service. */
  readonly lanes: readonly Lane[]
  readonly zone: string
  readonly now: () => Date
  readonly log: Logger
  /** Shows how far it is; called after each step of a live notice. */
  readonly onStep: (row: BroadcastRow, lanes: readonly Lane[]) => Promise<void>
  /** Sends what is due to one address here and now; used when the queue cannot be reached. */
  readonly send?: (ids: { addressIds: readonly number[] }) => Promise<void>
  /** Most messages to many that an account without a limit has in the outbox at once. */
  readonly mostAtOnce?: number
}

/** How far ahead of its pace an account is fed: longer than a feeder may be late, short enough to stop at once. */
const aheadMs = 4_000
const lateMs = 3_000
/** Rows written in one statement and rung in one go. */
const batchSize = 1_000
/** Messages of an account without a limit that share a bell; where each has its own moment, each has its own bell. */
const sharedBy = 10

/**
 * One look at all notices under way: begin what is due, write down what became of what was sent, end what has expired, and
 * give each account the next few seconds' worth. Every step is a statement or a transaction that may be repeated, so any
 * number of processes may do it at any time, and a killed one leaves nothing half done.
 */
export function makeFeed(deps: FeedDeps): () => Promise<void> {
  const { db, now, log, lanes } = deps
  return async () => {
    for (const { id } of await liveBroadcasts(db)) {
      await step(deps, id).catch((error: unknown) =>
        log.error({ err: error, broadcastId: id }, 'a notice could not be moved on'),
      )
    }
    const sending = (await liveBroadcasts(db)).filter((row) => row.status === 'sending')
    for (const lane of lanes) await feedLane(deps, lane, sending)
    const at = now()
    const late = await lateBulk(db, new Date(at.getTime() - lateMs), at, 500)
    await ringOrDo(
      deps,
      bellsFor(
        late.map((addressId) => ({ addressId, notBefore: undefined })),
        0,
      ),
    )
  }
}

async function step(deps: FeedDeps, id: number): Promise<void> {
  const { db, now, lanes } = deps
  await settleRecipients(db, id)
  const row = await transaction(db, async (tx) => {
    let current = await lockBroadcast(tx, id)
    if (!current) return undefined
    const at = now()
    const expired = current.expiresAt !== null && current.expiresAt <= at
    if (current.status === 'paused' && current.startedAt === null && expired) {
      current = (await takeNoticeStep(tx, current, 'go_on')) ?? current
    }
    if (current.status === 'approved' && (expired || mayBegin(deps, current, at))) {
      const { audience, kind, emergency } = current
      if (!audience) return undefined
      await writeRecipients(tx, id, { audience, lanes, topic: topicOf(kind, emergency), now: at })
      await takeNoticeStep(tx, current, 'begin', { startedAt: at })
      current = await lockBroadcast(tx, id)
    }
    if (current && expired && ['sending', 'paused'].includes(current.status)) {
      await recall(tx, id, null, at)
      await skipWaiting(tx, id, 'expired', at)
      current = await lockBroadcast(tx, id)
    }
    if (current && isNight(deps, current, at)) await recall(tx, id, null, at)
    const left = current ? current.counts.waiting + current.counts.queued : 0
    if (current && left === 0 && (current.status === 'sending' || (current.status === 'paused' && current.startedAt))) {
      await takeNoticeStep(tx, current, 'finish')
    }
    return lockBroadcast(tx, id)
  })
  if (row) await deps.onStep(row, lanes)
}

const isNight = ({ zone }: FeedDeps, row: BroadcastRow, at: Date): boolean =>
  !row.emergency && quietUntil(at, zone) !== undefined

const mayBegin = (deps: FeedDeps, row: BroadcastRow, at: Date): boolean =>
  (row.startAt === null || row.startAt <= at) && !isNight(deps, row, at)

/** How much more an account takes now, and when the next of it is to leave. */
interface Room {
  readonly left: number
  readonly from: Date
  /** How far each notice has been fed in this round: nobody looks again at those behind. */
  readonly after: ReadonlyMap<number, number>
}

/** Fill up one account, a batch at a time; while one batch is rung the next is written. */
async function feedLane(deps: FeedDeps, lane: Lane, sending: readonly BroadcastRow[]): Promise<void> {
  const at = deps.now()
  const awake = sending.filter((row) => !isNight(deps, row, at))
  if (awake.length === 0) return
  let ringing = Promise.resolve()
  let room: Room | undefined
  for (;;) {
    const fed = await feedBatch(deps, lane, awake, room, at)
    await ringing
    ringing = ringOrDo(deps, fed.bells)
    room = fed.room
    if (fed.bells.length === 0 || room.left <= 0) break
  }
  await ringing
}

/** The next of all notices for one account, the urgent first, each with its moment at the account's pace. */
async function feedBatch(
  deps: FeedDeps,
  lane: Lane,
  awake: readonly BroadcastRow[],
  known: Room | undefined,
  at: Date,
): Promise<{ bells: Bell[]; room: Room }> {
  const { db, seal, zone } = deps
  const none = { bells: [], room: { left: 0, from: at, after: new Map() } }
  const gapMs = lane.perSecond === null ? 0 : 1_000 / lane.perSecond
  return transaction(db, async (tx) => {
    if (!(await lockLane(tx, lane.name))) return none
    const rest = await bulkRest(tx, lane.name, at)
    if (rest) {
      // Long enough to be worth it: what waits here can then expire, be stopped, or go another way.
      if (rest.getTime() - at.getTime() > aheadMs) for (const row of awake) await recall(tx, row.id, lane.name, at)
      return none
    }
    const room = known ?? (await roomOf(deps, tx, lane, gapMs, at))
    let { left, from } = room
    const after = new Map(room.after)
    const all: Fed[] = []
    for (const row of awake) {
      const untilNight = quietFrom(from, zone).getTime() - from.getTime()
      const fits = row.emergency || gapMs === 0 ? batchSize : Math.floor(untilNight / gapMs)
      const take = Math.min(left, fits, batchSize - all.length)
      if (take <= 0) continue
      if (!(await holdSending(tx, row.id))) continue
      const message = noticeMessage(row)
      const fed = await feedOutbox(tx, {
        broadcastId: row.id,
        lane: lane.name,
        take,
        bodySealed: seal.seal(message),
        choicesOpen: (message.choices?.length ?? 0) > 0,
        from,
        gapMs,
        now: at,
        after: after.get(row.id) ?? 0,
      })
      after.set(row.id, Math.max(after.get(row.id) ?? 0, fed.at(-1)?.personId ?? 0))
      left -= fed.length
      from = new Date(from.getTime() + fed.length * gapMs)
      all.push(...fed)
    }
    return { bells: bellsFor(all, gapMs), room: { left, from, after } }
  })
}

/** The queue only wakes: what leaves at once shares a bell, a few at a time. */
function bellsFor(
  fed: readonly { readonly addressId: number; readonly notBefore: Date | undefined }[],
  gapMs: number,
): Bell[] {
  const share = gapMs === 0 ? sharedBy : 1
  const bells: Bell[] = []
  for (let i = 0; i < fed.length; i += share) {
    const few = fed.slice(i, i + share)
    const at = few[0]?.notBefore
    bells.push({ job: 'bulk', ids: { addressIds: few.map(({ addressId }) => addressId) }, ...(at ? { at } : {}) })
  }
  return bells
}

async function roomOf({ mostAtOnce = 1_000 }: FeedDeps, tx: Tx, lane: Lane, gapMs: number, at: Date): Promise<Room> {
  const soon = new Date(at.getTime() + 2 * aheadMs)
  const { count, lastAt } = await bulkOutstanding(tx, lane.name, soon)
  return {
    left: (gapMs === 0 ? mostAtOnce : Math.ceil(aheadMs / gapMs)) - count,
    from: new Date(Math.max(at.getTime(), (lastAt?.getTime() ?? 0) + gapMs)),
    after: new Map(),
  }
}

/** A queue that is down keeps nobody from being told: then this process sends what is due by itself. */
async function ringOrDo({ ring, send, log, now }: FeedDeps, bells: readonly Bell[]): Promise<void> {
  if (bells.length === 0) return
  try {
    await ring(bells)
  } catch (error) {
    log.warn({ err: error, waiting: bells.length }, 'the queue is down: notices that are late are sent by their sweep')
    const at = now()
    for (const bell of bells) {
      if (bell.job === 'bulk' && (bell.at === undefined || bell.at <= at)) await send?.(bell.ids)
    }
  }
}
