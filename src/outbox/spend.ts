import type { Channel } from '../channels/channel.ts'
import type { Db } from '../store/db.ts'
import { readBucket, swapBucket } from '../store/sending.ts'
import { afterSetBack, type Bucket, bulk, clockSkewMs, type Pace, take } from './budget.ts'

/** What this process knows of one account. */
interface Account {
  /** The bucket as last seen: others only ever take from it, so a refusal by it is a true refusal. */
  bucket: Bucket | undefined
  /** Takes of one process come one after the other: they must not race one another for the row. */
  turn: Promise<unknown>
  /** The moments at which those who were refused come back, one per message: not all of them at once. */
  readonly line: { bulk: number; talk: number }
  /** When somebody last joined it. */
  joined: number
}

/**
 * Spend one message of an account's budget, shared by all processes: the pure rule decides, and the row is swapped only
 * if nobody else changed it. Resolves to nothing when granted, or to the moment at which to come back.
 */
export function makeSpend(db: Db): (channel: Channel, priority: number, now: Date) => Promise<Date | undefined> {
  const accounts = new Map<string, Account>()
  return (channel, priority, now) => {
    const { pace } = channel.capabilities
    if (pace === 'unlimited') return Promise.resolve(undefined)
    const key = `${channel.name}:${channel.account}`
    const account = accounts.get(key) ?? {
      bucket: undefined,
      turn: Promise.resolve(),
      line: { bulk: 0, talk: 0 },
      joined: 0,
    }
    accounts.set(key, account)
    const spent = account.turn.then(() => spend(db, account, channel, pace, priority, now))
    account.turn = spent.catch(() => undefined)
    return spent
  }
}

async function spend(
  db: Db,
  account: Account,
  channel: Channel,
  pace: Pace,
  priority: number,
  now: Date,
): Promise<Date | undefined> {
  account.bucket ??= await readBucket(db, channel)
  for (;;) {
    const seen = account.bucket
    const bucket = seen && afterSetBack(seen, now)
    if (bucket !== seen && bucket) {
      account.bucket = (await swapBucket(db, channel, seen, bucket)) ? bucket : await readBucket(db, channel)
      continue
    }
    const taken = take(account.bucket, pace, priority, now)
    if ('waitMs' in taken) return comeBack(account, pace, priority, now, taken.waitMs)
    if (await swapBucket(db, channel, account.bucket, taken.granted)) {
      account.bucket = taken.granted
      return undefined
    }
    account.bucket = await readBucket(db, channel)
  }
}

function comeBack(account: Account, pace: Pace, priority: number, now: Date, waitMs: number): Date {
  const soonest = now.getTime() + waitMs
  if (priority === 0) return new Date(soonest)
  const { line, joined } = account
  account.joined = now.getTime()
  // A clock that was set back: those in the line have not become more, so it is as long as it was.
  const setBackMs = joined - now.getTime()
  if (setBackMs > clockSkewMs) {
    line.bulk -= setBackMs
    line.talk -= setBackMs
  }
  const queue = priority >= bulk ? 'bulk' : 'talk'
  const at = Math.max(soonest, line[queue])
  line[queue] = at + 1_000 / pace.perSecond
  return new Date(Math.ceil(at))
}
