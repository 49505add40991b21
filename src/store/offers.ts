import type { Candidate, PastOffer } from '../domain/policy.ts'
import type { Db, Tx } from './db.ts'

export interface OpenOffer {
  readonly id: number
  readonly requestId: number
  readonly staffId: number
  readonly outboundId: number | null
  readonly expiresAt: Date
}

const openOffer = { id: true, requestId: true, staffId: true, outboundId: true, expiresAt: true } as const

export async function insertOffers(
  tx: Tx,
  requestId: number,
  to: readonly Candidate[],
  offeredAt: Date,
  expiresAt: Date,
): Promise<OpenOffer[]> {
  const offers: OpenOffer[] = []
  for (const { staffId, reasons } of to) {
    offers.push(
      await tx.offer.create({
        data: { requestId, staffId, status: 'open', reasons: [...reasons], offeredAt, expiresAt },
        select: openOffer,
      }),
    )
  }
  return offers
}

/** Remember which message carries the buttons of an offer, so that they can be cleared. */
export async function setOfferMessage(tx: Tx, offerId: number, outboundId: number): Promise<void> {
  await tx.offer.update({ where: { id: offerId }, data: { outboundId }, select: { id: true } })
}

export async function openOffers(tx: Tx | Db, where: { requestId?: number; staffId?: number }): Promise<OpenOffer[]> {
  return tx.offer.findMany({ where: { ...where, status: 'open' }, select: openOffer, orderBy: { id: 'asc' } })
}

export async function pastOffers(tx: Tx | Db, requestId: number): Promise<PastOffer[]> {
  const rows = await tx.offer.findMany({
    where: { requestId },
    select: { staffId: true, status: true },
    orderBy: { id: 'asc' },
  })
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
  if (end.endAccepted) {
    await tx.offer.updateMany({ where: { requestId, status: 'accepted' }, data: { status: 'ended' } })
  }
  const losers = open.filter((offer) => offer.staffId !== end.winner).map((offer) => offer.id)
  if (losers.length > 0) {
    await tx.offer.updateMany({ where: { id: { in: losers } }, data: { status: end.others, answeredAt: now } })
  }
  if (end.winner !== undefined) {
    const won = open.find((offer) => offer.staffId === end.winner)
    if (won) await tx.offer.update({ where: { id: won.id }, data: { status: 'accepted', answeredAt: now } })
    else {
      // Taken without having been offered: a coordinator's assignment, or a request picked from the list.
      const at = { offeredAt: now, expiresAt: now, answeredAt: now }
      await tx.offer.create({ data: { requestId, staffId: end.winner, status: 'accepted', reasons: [], ...at } })
    }
  }
  return open
}

export async function declineOffer(tx: Tx, requestId: number, staffId: number, reason: string, now: Date) {
  await tx.offer.updateMany({
    where: { requestId, staffId, status: 'open' },
    data: { status: 'declined', declined: reason, answeredAt: now },
  })
}

export async function expireOffers(tx: Tx, requestId: number, now: Date): Promise<OpenOffer[]> {
  const expired = await tx.offer.findMany({
    where: { requestId, status: 'open', expiresAt: { lte: now } },
    select: openOffer,
  })
  await tx.offer.updateMany({
    where: { id: { in: expired.map((o) => o.id) } },
    data: { status: 'expired', answeredAt: now },
  })
  return expired
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
