import type { Outbound } from '../domain/words.ts'
import type { Bell } from '../queue/jobs.ts'
import type { Tx } from '../store/db.ts'
import { insertOutbound, type NewOutbound, postOutbound } from '../store/outbox.ts'
import type { Seal } from '../store/secrets.ts'

export interface Letter {
  readonly personId: number
  /** Unset, or not reachable any more: where the person was heard last and can be reached. */
  readonly addressId?: number
  readonly requestId?: number
  readonly outbound: Outbound
  /** Names this very message: written twice, it is sent once. */
  readonly dedupeKey: string
  /** 0 crisis, 1 conversation, 2 staff and follow-up, 9 bulk. */
  readonly priority: 0 | 1 | 2 | 9
  readonly notBefore?: Date
  readonly relayFrom?: 'resident' | 'worker'
  /** The colleague whose words they are. */
  readonly relayById?: number
}

/** Bells further away than this are left to the sweep. */
const ringAheadMs = 15 * 60_000

/**
 * One outgoing row in the caller's transaction: the only way out begins here. Returns its id, also when the same message
 * was there already (it stays as it was); `undefined` when the person can be reached nowhere (the caller then needs a
 * phone or a visit).
 */
export async function enqueue(
  tx: Tx,
  bells: Bell[],
  seal: Seal,
  letter: Letter,
  now: Date,
): Promise<number | undefined> {
  const written = rowOf(seal, letter, now)
  const row = await insertOutbound(tx, written)
  if (row?.made) ringDeliver(bells, row.addressId, written.notBefore, now)
  return row?.id
}

const rowOf = (seal: Seal, letter: Letter, now: Date): NewOutbound => ({
  personId: letter.personId,
  addressId: letter.addressId,
  requestId: letter.requestId ?? null,
  bodySealed: seal.seal(letter.outbound),
  dedupeKey: letter.dedupeKey,
  kind: 'send',
  replacesId: null,
  priority: letter.priority,
  choicesOpen: (letter.outbound.choices?.length ?? 0) > 0,
  relayFrom: letter.relayFrom ?? null,
  relayById: letter.relayById ?? null,
  notBefore: letter.notBefore ?? now,
  createdAt: now,
})

/** The same when nothing depends on it: the row leaves with the others, the bell is there when the transaction is over. */
export function post(tx: Tx, bells: Bell[], seal: Seal, letter: Letter, now: Date): void {
  const row = rowOf(seal, letter, now)
  postOutbound(tx, row, (addressId) => ringDeliver(bells, addressId, row.notBefore, now))
}

/** One bell an address is enough for all that is due now. */
export function ringDeliver(bells: Bell[], addressId: number, at: Date, now: Date): void {
  const ahead = at.getTime() - now.getTime()
  if (ahead > ringAheadMs) return
  if (ahead > 0) bells.push({ job: 'deliver', ids: { addressId }, at })
  else if (!bells.some((bell) => bell.job === 'deliver' && bell.ids.addressId === addressId && !bell.at)) {
    bells.push({ job: 'deliver', ids: { addressId } })
  }
}
