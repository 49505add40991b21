/** How fast a channel may speak. Pure: the bucket itself is a row that all processes share. */
export interface Pace {
  /** Messages a second over the whole account. */
  readonly perSecond: number
  /** Between two messages to one chat. */
  readonly chatGapMs: number
}

/** What an account may still send at once, as it was at that moment; it fills up at the account's pace. */
export interface Bucket {
  readonly tokens: number
  readonly at: Date
}

export type Taken<T> = { readonly granted: T } | { readonly waitMs: number }

/** 9: a notice to many; everything below belongs to a conversation. */
export const bulk = 9
/** A turn may say up to three things at once; far ends forgive a short burst and ban a long one. */
const chatBurst = 3
/** Bells and clocks are not exact to the millisecond: a fifth of a second's worth is never left unused. */
export const burstOf = (pace: Pace): number => Math.max(3, pace.perSecond / 5)
/**
 * Clocks of two machines that are looked after differ by less. A moment further ahead of ours than this was written down
 * before the clock was set back.
 */
export const clockSkewMs = 2_000
/** Sums of fractions: without it a wait of exactly the time told could find the bucket a hair short. */
const hair = 1e-6

/**
 * Take one message's worth out of an account's bucket. In any window at most `perSecond × window + burst` are granted.
 * A refusal changes nothing and tells how long to wait. Bulk leaves the last third untouched, so that a conversation
 * never waits behind a broadcast. `bucket` unset: the account has not spoken yet.
 */
export function take(bucket: Bucket | undefined, pace: Pace, priority: number, now: Date): Taken<Bucket> {
  const burst = burstOf(pace)
  const needed = 1 + (priority >= bulk ? burst / 3 : 0)
  // Another process's clock may be ahead of ours: time never runs backwards in a bucket.
  const at = bucket === undefined || bucket.at < now ? now : bucket.at
  const filled =
    bucket === undefined ? burst : bucket.tokens + ((at.getTime() - bucket.at.getTime()) / 1_000) * pace.perSecond
  const tokens = Math.min(burst, filled)
  if (tokens + hair >= needed) return { granted: { tokens: tokens - 1, at } }
  return { waitMs: Math.ceil(((needed - tokens) / pace.perSecond) * 1_000) + (at.getTime() - now.getTime()) }
}

/**
 * The bucket of an account whose clock was set back: as it stood, from `now` on. So nobody waits until the clock has caught
 * up, and nothing is granted that was not. The very same bucket where the clock is right.
 */
export const afterSetBack = (bucket: Bucket, now: Date): Bucket =>
  unlessSetBack(bucket.at, now) === bucket.at ? bucket : { ...bucket, at: now }

/**
 * May this chat hear one more now? `mark` is `Address.lastSentAt`: it runs behind the clock by what is left of the burst,
 * and moves on by one gap with each message. A crisis never waits for it, and nobody longer than a gap for a clock that was
 * set back.
 */
export function takeChat(mark: Date | null, pace: Pace, priority: number, now: Date): Taken<Date> {
  const rested = now.getTime() - chatBurst * pace.chatGapMs
  const heard = mark ? unlessSetBack(mark, now).getTime() : rested
  const next = Math.max(heard, rested) + pace.chatGapMs
  if (next <= now.getTime()) return { granted: new Date(next) }
  return priority === 0 ? { granted: now } : { waitMs: next - now.getTime() }
}

/** A moment as it was written down, or `now` where it can only be from before a clock was set back. */
const unlessSetBack = (at: Date, now: Date): Date => (at.getTime() - now.getTime() > clockSkewMs ? now : at)
