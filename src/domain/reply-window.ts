/**
 * 回复额度: a channel may let us answer only so many times, and only for a while after a person did something (WeChat: five
 * times within 48 hours of a message, three times within a minute of a menu tap). Pure.
 */

/** What one thing a person did lets us answer: so many messages, for so long. */
export interface ReplyAllowance {
  /** A later one of the same kind takes the place of the earlier; the two kinds do not add to one another's time. */
  readonly kind: 'message' | 'event'
  readonly replies: number
  readonly withinMs: number
}

/** What is left of an allowance. */
export interface Grant {
  readonly kind: ReplyAllowance['kind']
  readonly left: number
  readonly until: Date
}

export interface Spending {
  readonly kind: Grant['kind']
  /** Names the grant that was seen: a newer one is not touched. */
  readonly until: Date
  readonly replies: number
}

export type Permission =
  | { readonly may: 'send'; readonly spend: readonly Spending[] }
  /** The last reply is kept for a result: come back then, when it would otherwise go unused. */
  | { readonly may: 'wait'; readonly at: Date }
  /** `closed`: the time is over. `used`: the time runs on, the replies are used up. */
  | { readonly may: 'not'; readonly because: 'closed' | 'used' }

/** The reply kept back is given to whatever waits this long before the time ends: an unused one helps nobody. */
export const releaseKeptMs = 60 * 60_000

/** An allowance counts from when the person wrote, not from when a retried callback brought it. */
export function grantOf({ kind, replies, withinMs }: ReplyAllowance, sentAt: Date | undefined, now: Date): Grant {
  const from = sentAt !== undefined && sentAt < now ? sentAt : now
  return { kind, left: replies, until: new Date(from.getTime() + withinMs) }
}

/**
 * May `cost` messages go now? What ends sooner is spent first. `isResult`: it may take the last reply, which progress and
 * reminders must leave. Nothing known of a chat (it was there before replies were counted): the far end decides.
 */
export function mayReply(
  grants: readonly Grant[],
  { cost, isResult }: { readonly cost: number; readonly isResult: boolean },
  now: Date,
): Permission {
  if (grants.length === 0) return { may: 'send', spend: [] }
  const open = grants.filter(({ until }) => until > now).sort((a, b) => a.until.getTime() - b.until.getTime())
  const last = open.at(-1)
  if (!last) return { may: 'not', because: 'closed' }
  const left = open.reduce((sum, grant) => sum + grant.left, 0)
  if (left < cost) return { may: 'not', because: 'used' }
  const release = new Date(last.until.getTime() - releaseKeptMs)
  if (!isResult && left === cost && release > now) return { may: 'wait', at: release }
  return { may: 'send', spend: spend(open, cost) }
}

function spend(open: readonly Grant[], cost: number): Spending[] {
  const spent: Spending[] = []
  let rest = cost
  for (const { kind, until, left } of open) {
    const replies = Math.min(left, rest)
    if (replies > 0) spent.push({ kind, until, replies })
    rest -= replies
  }
  return spent
}

/** What was spent on a message that took fewer replies than it was counted for (a link in the place of a picture). */
export function unused(spent: readonly Spending[], taken: number | undefined): Spending[] {
  if (taken === undefined) return []
  let rest = spent.reduce((sum, { replies }) => sum + replies, 0) - taken
  const back: Spending[] = []
  // What ends later was spent last, and is worth more.
  for (const spending of [...spent].reverse()) {
    const replies = Math.min(spending.replies, rest)
    if (replies > 0) back.push({ ...spending, replies })
    rest -= replies
  }
  return back
}
