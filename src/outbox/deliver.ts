import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { type Channel, SendError } from '../channels/channel.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import {
  type Begun,
  claimNext,
  type Ending,
  type Held,
  holdBulk,
  type Lost,
  leaveAddress,
  sendElsewhere,
  settleAndBegin,
} from '../store/sending.ts'
import { makeAskBack } from './ask-back.ts'
import { bulk, takeChat } from './budget.ts'
import type { BulkGate } from './bulk-gate.ts'
import { makeCounted } from './counted.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { makeSend } from './send.ts'
import { makeSpend } from './spend.ts'

export interface DeliverDeps {
  readonly db: Db
  readonly seal: Seal
  /** By `${channel}:${account}`. */
  readonly channels: ReadonlyMap<string, Channel>
  readonly ring: Ring
  readonly now: () => Date
  readonly log: Logger
  /** How long one sender has an address to itself, renewed before each send. Longer than the slowest send. */
  readonly leaseMs?: number
  /** A far end that has not answered by then counts as an unknown outcome. */
  readonly sendWithinMs?: number
  readonly onOutcome?: (outcome: 'sent' | 'failed' | 'skipped' | 'postponed', channel: string) => void
  /** A message that will never arrive: somebody must phone or visit instead. `noticed`: it waits for the person's answer. */
  readonly onUndelivered?: (lost: Undelivered) => Promise<void>
  /** Asked before a message to many leaves, and told when an account has to rest. */
  readonly bulkGate?: BulkGate
}

export interface Undelivered {
  readonly outboundId: number
  readonly personId: number
  readonly requestId: number | null
  readonly failure: string
}

/** How long one sender has an address to itself, unless it is told otherwise. */
export const addressLeaseMs = 30_000
/** A delayed bell is rung at most this far ahead; beyond it the sweep finds the row. */
const ringAheadMs = 15 * 60_000
/** An outcome that is not recorded means a message sent twice: worth more than one try when the database stumbles. */
const recordTries = 6

/**
 * Deliver what waits for one address, in order, within the channel's pace, and record the true outcome of each: the only
 * caller of `send`. At least once: a row found in `sending` after its lease ran out was cut off in the middle, its outcome
 * is unknown, and it is sent again under the same idempotency key. That, and a try again after an outcome the channel calls
 * unknown, are the only places where a message may arrive twice, on channels that cannot tell (Telegram).
 */
export function makeDeliver(deps: DeliverDeps): (ids: { addressId: number }) => Promise<void> {
  const { db, now, log, leaseMs = addressLeaseMs, sendWithinMs = 20_000 } = deps
  const spend = makeSpend(db)
  const askBack = makeAskBack({ db, now, log })
  const send = makeCounted({ db, seal: deps.seal, now, log }, makeSend({ db, seal: deps.seal, sendWithinMs, log }))
  /** Addresses at work here; true: a bell rang meanwhile, perhaps for a row that the last look was too early for. */
  const atWork = new Map<number, boolean>()
  const lease = () => new Date(now().getTime() + leaseMs)

  return async ({ addressId }) => {
    if (atWork.has(addressId)) {
      atWork.set(addressId, true)
      return
    }
    try {
      do {
        atWork.set(addressId, false)
        await deliverDue(addressId)
      } while (atWork.get(addressId))
    } finally {
      atWork.delete(addressId)
    }
  }

  async function deliverDue(addressId: number): Promise<void> {
    const claimed = await claimNext(db, addressId, lease(), now())
    let held = claimed?.held
    let begun = claimed?.begun
    while (held) {
      let outcome = begun && (await attempt(held, begun))
      if (begun && outcome?.is === 'failed' && closedFor(outcome.why)) {
        outcome = await whenClosed(held, begun, outcome)
        if (!outcome) begun = undefined
      }
      if (begun && outcome?.is === 'unreachable') return leave(held, begun, outcome.why)
      const at = now()
      const paced: Held = { ...held, ...(begun && outcome ? afterwards(held, begun, outcome, at) : {}) }
      if (begun && outcome?.is === 'again' && begun.priority >= bulk) await holdBulk(db, addressId, outcome.at, at)
      const ending = begun && outcome && endingOf(begun, outcome, at)
      const until = lease()
      // A wait of milliseconds may be over by now: still nothing behind this message overtakes it.
      const look = outcome?.is === 'again' && outcome.at <= at ? new Date(outcome.at.getTime() - 1) : at
      const next = await stubbornly(() => settleAndBegin(db, paced, ending, until, look))
      if (begun && outcome && next.recorded) await tell(paced, begun, outcome)
      if (!next.mine || next.released) return
      held = { ...paced, lease: until }
      begun = next.begun
    }
  }

  /** Send it, unless the chat or the account has to rest first. */
  async function attempt(held: Held, begun: Begun): Promise<Outcome> {
    const channel = deps.channels.get(`${held.channel}:${held.account}`)
    // The row of a crisis carries its own waits; it is as old as its words.
    const due = { attempts: begun.attempts, dueAt: begun.priority === 0 ? begun.createdAt : begun.notBefore }
    // It may be configured in another process, or after the next start: the operator has to act, as with a bad token.
    if (!channel) return outcomeOf(new SendError('auth', 'no such channel here'), due, now())
    const hold = begun.priority >= bulk ? await deps.bulkGate?.hold(begun.id, now()) : undefined
    if (hold && 'skip' in hold) return { is: 'skipped', why: hold.skip }
    if (hold) return { is: 'again', at: hold.until, why: 'held', free: true }
    const rest = await restUntil(channel, held, begun)
    if (rest) return { is: 'again', at: rest, why: 'pace', free: true }
    const sent = await send(channel, held, begun)
    if (!(sent instanceof SendError)) return sent
    log.warn({ outboundId: begun.id, kind: sent.kind, attempt: begun.attempts, why: sent.message }, 'not sent')
    const outcome = outcomeOf(sent, due, now())
    if (sent.kind === 'rate-limited' && outcome.is === 'again') {
      await deps.bulkGate?.rest(`${held.channel}:${held.account}`, outcome.at)
    }
    return outcome
  }

  async function restUntil(channel: Channel, held: Held, begun: Begun): Promise<Date | undefined> {
    const { pace } = channel.capabilities
    if (pace === 'unlimited') return undefined
    const chat = takeChat(held.lastSentAt, pace, begun.priority, now())
    if ('waitMs' in chat) return new Date(now().getTime() + chat.waitMs)
    return spend(channel, begun.priority, now())
  }

  /** What the address remembers of it: when it was spoken to, and until when it rests. Bulk rests alone. */
  function afterwards(held: Held, begun: Begun, outcome: Outcome, at: Date): Pick<Held, 'lastSentAt' | 'pausedUntil'> {
    const pace = deps.channels.get(`${held.channel}:${held.account}`)?.capabilities.pace ?? 'unlimited'
    const spoke = outcome.is === 'sent' || outcome.is === 'failed' || (outcome.is === 'again' && !isRest(outcome.why))
    const taken = pace === 'unlimited' ? { granted: at } : takeChat(held.lastSentAt, pace, 0, at)
    const lastSentAt = spoke && 'granted' in taken ? taken.granted : held.lastSentAt
    const alone = outcome.is === 'again' && restsAlone(begun, outcome.why)
    const pauses = outcome.is === 'again' && !alone
    const longer = pauses && !(held.pausedUntil && held.pausedUntil > outcome.at)
    return { lastSentAt, pausedUntil: longer ? outcome.at : held.pausedUntil }
  }

  async function leave(held: Held, begun: Begun, why: string): Promise<void> {
    const { movedTo, lost } = await stubbornly(() => leaveAddress(db, held, begun, why))
    for (const row of lost) await undelivered(row, why, held.channel)
    if (movedTo === undefined) return
    deps.onOutcome?.('postponed', held.channel)
    await ringSafely([{ job: 'deliver', ids: { addressId: movedTo } }])
  }

  /** Nothing more may be said here for now: in another chat of the same person, or here when they have been asked to write. */
  async function whenClosed(
    held: Held,
    begun: Begun,
    failed: Outcome & { is: 'failed' },
  ): Promise<Outcome | undefined> {
    if (await elsewhere(held, begun, failed.why)) return undefined
    const channel = deps.channels.get(`${held.channel}:${held.account}`)
    if (!channel || begun.kind !== 'send' || begun.priority >= bulk) return failed
    const until = await stubbornly(() => askBack(channel, held))
    // A crisis waits for nobody's answer: a person acts at once, whatever else was tried.
    return until && begun.priority > 0 ? { is: 'again', at: until, why: 'noticed', free: true } : failed
  }

  async function elsewhere(held: Held, begun: Begun, why: string): Promise<boolean> {
    const movedTo = await stubbornly(() => sendElsewhere(db, begun, held.addressId, why))
    if (movedTo === undefined) return false
    deps.onOutcome?.('postponed', held.channel)
    await ringSafely([{ job: 'deliver', ids: { addressId: movedTo } }])
    return true
  }

  async function tell(held: Held, begun: Begun, outcome: Outcome): Promise<void> {
    if (outcome.is === 'failed' && begun.kind === 'send') return undelivered(begun, outcome.why, held.channel)
    if (outcome.is === 'unreachable') return
    deps.onOutcome?.(outcome.is === 'again' ? 'postponed' : outcome.is, held.channel)
    if (outcome.is === 'again' && outcome.why === 'noticed') await tellLost(begun, 'noticed')
    if (outcome.is !== 'again' || outcome.at.getTime() - now().getTime() > ringAheadMs) return
    // A notice comes back by its own bell: a reply never waits behind it for a free hand.
    const { addressId } = held
    const { at } = outcome
    await ringSafely([
      begun.priority >= bulk
        ? { job: 'bulk', ids: { addressIds: [addressId] }, at }
        : { job: 'deliver', ids: { addressId }, at },
    ])
  }

  async function undelivered(row: Lost, failure: string, channel: string): Promise<void> {
    deps.onOutcome?.('failed', channel)
    if (row.priority < bulk || row.requestId !== null) await tellLost(row, failure)
  }

  async function tellLost({ id: outboundId, personId, requestId }: Lost, failure: string): Promise<void> {
    try {
      await deps.onUndelivered?.({ outboundId, personId, requestId, failure })
    } catch (error) {
      log.error({ err: error, outboundId }, 'an undelivered message could not be told')
    }
  }

  /** The rows are right already: a queue that is down must not undo that. */
  async function ringSafely(bells: readonly Bell[]): Promise<void> {
    await deps
      .ring(bells)
      .catch((error: unknown) => log.warn({ err: error }, 'bells not rung; the sweep will find the rows'))
  }

  async function stubbornly<T>(write: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write()
      } catch (error) {
        if (attempt === recordTries) throw error
        log.warn({ err: error, attempt }, 'an outcome could not be recorded yet')
        await sleep(50 * 2 ** attempt)
      }
    }
  }
}

/** Nothing was tried: account or chat has to rest, the last reply is kept, the person has been asked to write, a notice has to wait. */
const isRest = (why: string): boolean => ['pace', 'kept', 'noticed', 'held'].includes(why)

/** What waits, for hours perhaps, without holding up the others at its address: notices, and progress that must leave the last reply. */
const restsAlone = ({ priority }: Begun, why: string): boolean =>
  why === 'kept' || why === 'noticed' || priority >= bulk

const closedFor = (why: string): boolean => why === 'window-closed' || why === 'quota'

function endingOf(begun: Begun, outcome: Outcome, at: Date): Ending | undefined {
  const row = { id: begun.id, attempts: begun.attempts, externalId: null, failure: null, sentAt: null, notBefore: null }
  switch (outcome.is) {
    case 'sent':
      return { ...row, status: 'sent', externalId: outcome.externalId ?? null, sentAt: at, refund: 0 }
    case 'skipped':
    case 'failed':
      return { ...row, status: outcome.is, failure: outcome.why, refund: 0 }
    case 'again': {
      // A crisis does not heed the pause of its address, and bulk rests without it: these carry their own time.
      const own = begun.priority === 0 || restsAlone(begun, outcome.why)
      const notBefore = own ? outcome.at : null
      return { ...row, status: 'queued', failure: outcome.why, notBefore, refund: outcome.free ? 1 : 0 }
    }
    case 'unreachable':
      return undefined
  }
}
