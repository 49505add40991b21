import type { Candidate, PastOffer } from '../domain/policy.ts'
import type { Db, Tx } from './db.ts'
import { Constant } from './sql.ts'

export interface OpenOffer {
  readonly id: number
  readonly requestId: number
  readonly staffId: number
  readonly outboundId: number | null
  readonly expiresAt: Date
}

const openOffer = new Constant('id, "requestId", "staffId", "outboundId", "expiresAt"')

/** Ids for offers about to be made: asked for together with something else, they cost no round trip of their own. */
export async function drawOfferIds(tx: Tx, count: number): Promise<number[]> {
  const rows = await tx.sql<{ id: number }>`
    SELECT nextval('"Offer_id_seq"')::int AS id FROM generate_series(1, ${count}::int)`
  return rows.map((row) => row.id)
}

/** @param ids one for each, drawn before. */
export function insertOffers(
  tx: Tx,
  requestId: number,
  to: readonly Candidate[],
  ids: readonly number[],
  offeredAt: Date,
  expiresAt: Date,
): OpenOffer[] {
  const offers = to.map(({ staffId, reasons }, i) => {
    const id = ids[i]
    if (id === undefined) throw new Error('an offer without an id')
    return { id, requestId, staffId, outboundId: null, expiresAt, reasons }
  })
  // Each has its own list of reasons, and arrays of arrays must be of one length: as JSON.
  tx.write`
    INSERT INTO "Offer" (id, "requestId", "staffId", status, reasons, "offeredAt", "expiresAt")
    SELECT p.id, ${requestId}, p."staffId", 'open', p.reasons, ${offeredAt}, ${expiresAt}
    FROM jsonb_to_recordset(${JSON.stringify(offers)}::jsonb) AS p(id int, "staffId" int, reasons text[])`
  return offers
}

/** Remember which message carries the buttons of an offer, so that they can be cleared. */
export function setOfferMessage(tx: Tx, offerId: number, dedupeKey: string): void {
  tx.write`
    UPDATE "Offer" SET "outboundId" = (SELECT id FROM "OutboundMessage" WHERE "dedupeKey" = ${dedupeKey})
    WHERE id = ${offerId}`
}

export async function openOffers(
  tx: Tx | Db,
  { requestId, staffId }: { requestId?: number; staffId?: number },
): Promise<OpenOffer[]> {
  return requestId === undefined
    ? tx.sql`SELECT ${openOffer} FROM "Offer" WHERE "staffId" = ${staffId} AND status = 'open' ORDER BY id`
    : tx.sql`SELECT ${openOffer} FROM "Offer" WHERE "requestId" = ${requestId} AND status = 'open' ORDER BY id`
}

export async function pastOffers(tx: Tx | Db, requestId: number): Promise<PastOffer[]> {
  const rows = await tx.sql<{ staffId: number; status: string }>`
    SELECT "staffId", status FROM "Offer" WHERE "requestId" = ${requestId} ORDER BY id`
  return rows.map((row) => ({ staffId: row.staffId, status: offerStatus(row.status) }))
}

/** End every open offer of a request but the winner's; returns those that were open, winner included. */
export async function settleOffers(
  tx: Tx,
  requestId: number,
  end: { readonly winner?: number; readonly others: 'withdrawn' | 'expired'; readonly endAccepted: boolean },
  now: Date,
): Promise<OpenOffer[]> {
  const open = await openOffers(tx, { requestId })
  if (end.endAccepted)
    tx.write`UPDATE "Offer" SET status = 'ended' WHERE "requestId" = ${requestId} AND status = 'accepted'`
  const losers = open.filter((offer) => offer.staffId !== end.winner).map((offer) => offer.id)
  if (losers.length > 0) {
    tx.write`UPDATE "Offer" SET status = ${end.others}, "answeredAt" = ${now} WHERE id = ANY(${losers}::int[])`
  }
  if (end.winner !== undefined) {
    const won = open.find((offer) => offer.staffId === end.winner)
    if (won) tx.write`UPDATE "Offer" SET status = 'accepted', "answeredAt" = ${now} WHERE id = ${won.id}`
    else {
      // Taken without having been offered: a coordinator's assignment, or a request picked from the list.
      tx.write`
        INSERT INTO "Offer" ("requestId", "staffId", status, reasons, "offeredAt", "expiresAt", "answeredAt")
        VALUES (${requestId}, ${end.winner}, 'accepted', '{}', ${now}, ${now}, ${now})`
    }
  }
  return open
}

export function declineOffer(tx: Tx, requestId: number, staffId: number, reason: string, now: Date): void {
  tx.write`
    UPDATE "Offer" SET status = 'declined', declined = ${reason}, "answeredAt" = ${now}
    WHERE "requestId" = ${requestId} AND "staffId" = ${staffId} AND status = 'open'`
}

export async function expireOffers(tx: Tx, requestId: number, now: Date): Promise<OpenOffer[]> {
  return tx.sql<OpenOffer>`
    UPDATE "Offer" SET status = 'expired', "answeredAt" = ${now}
    WHERE "requestId" = ${requestId} AND status = 'open' AND "expiresAt" <= ${now} RETURNING ${openOffer}`
}

function offerStatus(stored: string): PastOffer['status'] {
  switch (stored) {
    case 'open':
    case 'accepted':
    case 'declined':
    case 'expired':
    case 'withdrawn':
    case 'ended':
      return stored
    default:
      throw new Error(`an offer with the unknown status "${stored}"`)
  }
}
