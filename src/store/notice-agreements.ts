import type { Db, Tx } from './db.ts'

/** 订阅通知: who has agreed to be told, when replies are over, that there is news. */

/** Taps are believed as far as anybody would go in earnest. */
const mostLeft = 9

export async function agreeToNotices(tx: Tx, addressId: number): Promise<void> {
  await tx.run`
    INSERT INTO "NoticeAgreement" AS n ("addressId", "left") VALUES (${addressId}, 1)
    ON CONFLICT ("addressId") DO UPDATE SET "left" = LEAST(n."left" + 1, ${mostLeft}::int)`
}

/** The person, or the far end for them, says no more. */
export async function refuseNotices(tx: Db | Tx, addressId: number): Promise<void> {
  await tx.run`UPDATE "NoticeAgreement" SET "left" = 0 WHERE "addressId" = ${addressId}`
}

export type NoticeTaken =
  | { readonly is: 'taken' }
  /** In this silence one was sent already. */
  | { readonly is: 'sent'; readonly at: Date }
  | { readonly is: 'none' }

/** Take one agreement for this silence, before the notice leaves. `standing`: it is not used up. */
export async function takeNotice(db: Db, addressId: number, standing: boolean, now: Date): Promise<NoticeTaken> {
  const taken = await db.run`
    UPDATE "NoticeAgreement" n SET "left" = n."left" - ${standing ? 0 : 1}::int, "usedAt" = ${now} FROM "Address" a
    WHERE n."addressId" = ${addressId} AND a.id = n."addressId" AND n."left" > 0
      AND (n."usedAt" IS NULL OR n."usedAt" < a."lastHeardAt")`
  if (taken === 1) return { is: 'taken' }
  const [sent] = await db.sql<{ at: Date }>`
    SELECT n."usedAt" AS at FROM "NoticeAgreement" n JOIN "Address" a ON a.id = n."addressId"
    WHERE n."addressId" = ${addressId} AND n."usedAt" >= a."lastHeardAt"`
  return sent ? { is: 'sent', at: sent.at } : { is: 'none' }
}

/** It surely was not sent. */
export async function giveBackNotice(db: Db, addressId: number, standing: boolean): Promise<void> {
  await db.run`
    UPDATE "NoticeAgreement" SET "left" = "left" + ${standing ? 0 : 1}::int, "usedAt" = NULL
    WHERE "addressId" = ${addressId}`
}
