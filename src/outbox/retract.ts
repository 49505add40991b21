import type { Bell } from '../queue/jobs.ts'
import type { Tx } from '../store/db.ts'
import { closeChoices, insertOutbound, replaceBody } from '../store/outbox.ts'
import type { Seal } from '../store/secrets.ts'
import { ringDeliver } from './enqueue.ts'
import { readOutbound } from './outbound.ts'

/**
 * Take the choices of these messages away, with a word why. What has not left yet leaves without them; what is on a phone
 * is edited there, where the channel can.
 */
export async function retract(
  tx: Tx,
  bells: Bell[],
  seal: Seal,
  outboundIds: readonly number[],
  note: string,
  now: Date,
): Promise<void> {
  if (outboundIds.length === 0) return
  for (const row of await closeChoices(tx, outboundIds)) {
    const { choices: _, ...message } = readOutbound(seal.open(row.bodySealed))
    const bodySealed = seal.seal({ ...message, text: `${message.text}\n${note}` })
    if (row.status === 'queued') replaceBody(tx, row.id, bodySealed)
    if (row.status !== 'sent' && row.status !== 'sending') continue
    const edit = await insertOutbound(tx, {
      personId: row.personId,
      addressId: row.addressId,
      requestId: row.requestId,
      bodySealed,
      dedupeKey: `retract:${row.id}`,
      kind: 'edit',
      replacesId: row.id,
      priority: Math.max(2, row.priority),
      choicesOpen: false,
      relayFrom: null,
      relayById: null,
      notBefore: now,
      createdAt: now,
    })
    if (edit?.made) ringDeliver(bells, edit.addressId, now, now)
  }
}
