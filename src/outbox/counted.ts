import type { Logger } from 'pino'
import { type Channel, SendError } from '../channels/channel.ts'
import { mayReply, type Permission, type Spending, unused } from '../domain/reply-window.ts'
import type { Outbound } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import {
  emptyReplyWindow,
  type Followed,
  refundReplies,
  replyGrants,
  settleAlong,
  spendReplies,
  takeAlong,
} from '../store/reply-windows.ts'
import type { Seal } from '../store/secrets.ts'
import type { Begun, Held } from '../store/sending.ts'
import { costOf, join } from './join.ts'
import { readOutbound } from './outbound.ts'
import type { Outcome } from './outcome.ts'
import type { makeSend } from './send.ts'
import { unworded, type Wording, wordingFor } from './wording.ts'

export interface CountedDeps {
  readonly db: Db
  readonly seal: Seal
  readonly now: () => Date
  readonly log: Logger
}

type Send = ReturnType<typeof makeSend>

/** Times a spending is tried anew because something was heard or sent in the meantime. */
const spendTries = 5

/**
 * `send` for channels that count replies: joins what waits for the person into one message, asks the pure rule whether it
 * may go and spends the reply before it leaves. What may not go fails here with a reason, so that a person phones or
 * visits. Other channels pass through.
 */
export function makeCounted(deps: CountedDeps, send: Send): Send {
  const { db, seal, now, log } = deps
  return async (channel, to, begun) => {
    if (channel.capabilities.proactive === 'always' || begun.kind === 'edit') return send(channel, to, begun)
    const first = opened(begun.bodySealed)
    if (!first) return send(channel, to, begun) // it fails there, and is logged
    let worded: Wording
    try {
      worded = await wordingFor(db, to, begun)
    } catch (error) {
      return unworded(error)
    }
    const along = first.media ? [] : await takeAlong(db, to.addressId, begun, { again: begun.attempts > 1, now: now() })
    const { message, joined } = join(first, bodies(along), channel.capabilities, worded)
    const [taken, left] = [along.slice(0, joined), along.slice(joined)]
    await settleAlong(db, left, undefined)

    const permission = await permit(
      to.addressId,
      worded(message),
      channel,
      Math.min(begun.priority, ...priorities(taken)),
    )
    if (permission.may !== 'send') {
      await settleAlong(db, taken, undefined)
      if (permission.may === 'wait') return { is: 'again', at: permission.at, why: 'kept', free: true }
      return over(permission.because)
    }
    const outcome = await send(channel, to, { ...begun, bodySealed: seal.seal(message) })
    return settle(to, begun, taken, permission.spend, outcome)
  }

  async function permit(addressId: number, message: Outbound, channel: Channel, priority: number): Promise<Permission> {
    // An offer or a question is what somebody waits for; a reminder or progress is not.
    const isResult = priority <= 1 || (message.choices?.length ?? 0) > 0
    const asked = { cost: costOf(message, channel.capabilities), isResult }
    for (let attempt = 0; attempt < spendTries; attempt++) {
      const permission = mayReply(await replyGrants(db, addressId), asked, now())
      if (permission.may !== 'send' || permission.spend.length === 0) return permission
      if (await spendReplies(db, addressId, permission.spend)) return permission
    }
    return { may: 'send', spend: [] } // too lively a chat to count: the far end decides
  }

  async function settle(
    to: Held,
    begun: Begun,
    taken: readonly Followed[],
    spent: readonly Spending[],
    outcome: Outcome | SendError,
  ): Promise<Outcome | SendError> {
    if (!(outcome instanceof SendError)) {
      const sent = outcome.is === 'sent' ? { externalId: outcome.externalId, at: now() } : undefined
      // It went out: that must be recorded of the message itself, whatever becomes of the rows beside it.
      await settleAlong(db, taken, sent).catch((error: unknown) =>
        log.error(
          { err: error, outboundId: begun.id },
          'what was joined is not recorded as sent; it goes out once more',
        ),
      )
      if (outcome.is === 'sent') await refundReplies(db, to.addressId, unused(spent, outcome.replies))
      return outcome
    }
    if (outcome.kind === 'window-closed' || outcome.kind === 'quota') {
      await settleAlong(db, taken, undefined)
      await emptyReplyWindow(db, to.addressId)
      return over(outcome.kind === 'quota' ? 'used' : 'closed')
    }
    // It may have arrived: what was joined stays with it, and the reply stays spent.
    if (outcome.outcomeUnknown) return outcome
    await settleAlong(db, taken, undefined)
    await refundReplies(db, to.addressId, spent)
    return outcome
  }

  function opened(bodySealed: string): Outbound | undefined {
    try {
      return readOutbound(seal.open(bodySealed))
    } catch {
      return undefined
    }
  }

  /** Up to the first that cannot be read: that one is met in its own turn. */
  function bodies(along: readonly Followed[]): Outbound[] {
    const read: Outbound[] = []
    for (const { bodySealed } of along) {
      const body = opened(bodySealed)
      if (!body) break
      read.push(body)
    }
    return read
  }
}

const over = (because: 'closed' | 'used'): SendError =>
  because === 'closed'
    ? new SendError('window-closed', 'the time in which a reply may be sent is over')
    : new SendError('quota', 'the replies to the last message are used up')

const priorities = (taken: readonly Followed[]) => taken.map(({ priority }) => priority)
