import type { Outbound } from '../domain/words.ts'
import type { Bell } from '../queue/jobs.ts'
import type { Tx } from '../store/db.ts'
import { insertOutbound, replaceBody } from '../store/outbox.ts'
import type { Seal } from '../store/secrets.ts'
import { ringDeliver } from './enqueue.ts'

/**
 * Say something else in the place of an earlier message of ours: one that has not left yet leaves with the new words, one
 * that is on a phone is edited there. `busy`: the last change has not arrived yet, so this one is not worth sending.
 */
export async function rewrite(
  tx: Tx,
  bells: Bell[],
  seal: Seal,
  { outboundId, outbound, dedupeKey }: { outboundId: number; outbound: Outbound; dedupeKey: string },
  now: Date,
): Promise<'rewritten' | 'busy' | 'gone'> {
  const row = await tx.outboundMessage.findUnique({
    where: { id: outboundId },
    select: { status: true, personId: true, addressId: true, requestId: true },
  })
  if (!row || row.status === 'failed' || row.status === 'skipped') return 'gone'
  const bodySealed = seal.seal(outbound)
  if (row.status === 'queued') {
    await replaceBody(tx, outboundId, bodySealed)
    return 'rewritten'
  }
  const waiting = await tx.outboundMessage.count({
    where: { replacesId: outboundId, addressId: row.addressId, status: { in: ['queued', 'sending'] } },
  })
  if (waiting > 0 || row.status === 'sending') return 'busy'
  const edit = await insertOutbound(tx, {
    personId: row.personId,
    addressId: row.addressId,
    requestId: row.requestId,
    bodySealed,
    dedupeKey,
    kind: 'edit',
    replacesId: outboundId,
    priority: 2,
    choicesOpen: false,
    relayFrom: null,
    relayById: null,
    notBefore: now,
    createdAt: now,
  })
  if (!edit) return 'gone'
  if (edit.made) ringDeliver(bells, edit.addressId, now, now)
  return 'rewritten'
}
