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

export async function insertOffers(
  tx: Tx,
  requestId: number,
  to: readonly Candidate[],
  offeredAt: Date,
  expiresAt: Date,
): Promise<OpenOffer[]> {
  // Each has its own list of reasons, and arrays of arrays must be of one length: as JSON.
  const people = JSON.stringify(to.map(({ staffId, reasons }) => ({ staffId, reasons })))
  return tx.sql<OpenOffer>`
    INSERT INTO "Offer" ("requestId", "staffId", status, reasons, "offeredAt", "expiresAt")
    SELECT ${requestId}, p."staffId", 'open', p.reasons, ${offeredAt}, ${expiresAt}
    FROM jsonb_to_recordset(${people}::jsonb) AS p("staffId" int, reasons text[])
    RETURNING ${openOffer}`
}

/** Remember which message carries the buttons of an offer, so that they can be cleared. */
export function setOfferMessage(tx: Tx, offerId: number, outboundId: number): void {
  tx.write`UPDATE "Offer" SET "outboundId" = ${outboundId} WHERE id = ${offerId}`
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
