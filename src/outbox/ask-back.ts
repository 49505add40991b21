import type { Logger } from 'pino'
import { type Channel, SendError } from '../channels/channel.ts'
import type { Db } from '../store/db.ts'
import { giveBackNotice, refuseNotices, takeNotice } from '../store/notice-agreements.ts'
import type { Held } from '../store/sending.ts'

export interface AskBackDeps {
  readonly db: Db
  readonly now: () => Date
  readonly log: Logger
}

/** How long an answer to the notice is waited for, before somebody phones or visits instead. */
const answerWithinMs = 2 * 3_600_000

/**
 * 订阅通知: where replies are over and the person has agreed to it, one neutral line asks them to write back; their answer
 * opens the chat again. Once a silence. Until when to wait for it; `undefined`: there is nothing to wait for.
 */
export function makeAskBack({ db, now, log }: AskBackDeps): (channel: Channel, to: Held) => Promise<Date | undefined> {
  return async (channel, { addressId, account, externalId }) => {
    const { notice } = channel.capabilities
    if (!notice || !channel.notify) return undefined
    const standing = notice === 'standing'
    const taken = await takeNotice(db, addressId, standing, now())
    if (taken.is === 'none') return undefined
    if (taken.is === 'sent') return later(new Date(taken.at.getTime() + answerWithinMs))
    try {
      await channel.notify({ channel: channel.name, account, externalId })
    } catch (error) {
      const known = error instanceof SendError ? error : undefined
      log.warn({ addressId, why: known?.message ?? 'the channel broke its contract' }, 'the notice may not have gone')
      if (!known?.outcomeUnknown) {
        await giveBackNotice(db, addressId, standing)
        // The far end knows better what was agreed to.
        if (known?.kind === 'blocked') await refuseNotices(db, addressId)
        return undefined
      }
    }
    return new Date(now().getTime() + answerWithinMs)
  }

  function later(at: Date): Date | undefined {
    return at > now() ? at : undefined
  }
}
