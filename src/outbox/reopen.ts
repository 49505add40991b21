import { grantOf, type ReplyAllowance } from '../domain/reply-window.ts'
import type { Tx } from '../store/db.ts'
import { openReplyWindow, waitAgain } from '../store/reply-windows.ts'

/** A colleague's words that could not be sent for this long have been said by phone or at the door. */
const stillWorthSayingMs = 7 * 24 * 3_600_000

/**
 * The person did something that lets us answer: note what is allowed, and let people's words that could not be sent wait
 * again. They are not rung: they go out joined with the answer, or the sweep finds them.
 */
export async function reopen(
  tx: Tx,
  addressId: number,
  allowance: ReplyAllowance,
  sentAt: Date | undefined,
  now: Date,
): Promise<void> {
  const grant = grantOf(allowance, sentAt, now)
  await openReplyWindow(tx, addressId, grant)
  if (grant.until > now) await waitAgain(tx, addressId, new Date(now.getTime() - stillWorthSayingMs), now)
}
