import type { Db, Tx } from './db.ts'

/** 转介: which agency was asked, by whom, and what came of it. */

export interface ReferralRow {
  readonly id: number
  readonly requestId: number
  readonly fromStaffId: number
  readonly toAgencyId: number
}

const columns = { id: true, requestId: true, fromStaffId: true, toAgencyId: true } as const

/** A new wish to refer replaces one the resident has not answered. */
export async function insertReferral(tx: Tx, referral: Omit<ReferralRow, 'id'>, now: Date): Promise<ReferralRow> {
  await tx.referral.updateMany({
    where: { requestId: referral.requestId, status: { in: ['asked', 'sent'] } },
    data: { status: 'returned', answeredAt: now },
  })
  return tx.referral.create({ data: { ...referral, status: 'asked', askedAt: now }, select: columns })
}

/** Referrals this resident has been asked about and has not answered. */
export async function askedReferrals(tx: Tx | Db, personId: number): Promise<ReferralRow[]> {
  return tx.sql`
    SELECT f.id, f."requestId", f."fromStaffId", f."toAgencyId"
    FROM "HelpRequest" r JOIN "Referral" f ON f."requestId" = r.id
    WHERE r."requesterId" = ${personId} AND f.status = 'asked' ORDER BY f.id`
}

/** @returns false when it was answered before. */
export async function answerReferral(tx: Tx, id: number, status: 'refused' | 'sent', now: Date): Promise<boolean> {
  const { count } = await tx.referral.updateMany({ where: { id, status: 'asked' }, data: { status, answeredAt: now } })
  return count === 1
}

export async function settleReferral(
  tx: Tx,
  requestId: number,
  status: 'accepted' | 'returned',
  now: Date,
): Promise<void> {
  await tx.referral.updateMany({ where: { requestId, status: 'sent' }, data: { status, answeredAt: now } })
}
