import { type Db, transaction } from './db.ts'

/**
 * 拨回时钟: bring what waits in the outbox back to a clock that was set back (by a time server or by hand), so that nobody
 * waits until it has caught up. What a row was to wait, it still waits; what was only to be tried again is tried now. A
 * sender in the middle of a message keeps its address for one lease more. A rest that the far end asked for stays as it
 * was told, but for no longer than a message may wait. Nothing changes where the clock is right.
 * @param ownWaitMs longest wait of our own making that a right clock may show; 0: this one is known to have gone back.
 * @param leaseMs longest lease of an address.
 * @param restMs longest time that a message is kept before somebody has to phone instead.
 */
export async function followClockBack(
  db: Db,
  now: Date,
  { skewMs, leaseMs, restMs, ownWaitMs }: { skewMs: number; leaseMs: number; restMs: number; ownWaitMs: number },
): Promise<void> {
  const after = (ms: number) => new Date(now.getTime() + ms)
  await transaction(db, async (tx) => {
    // Whose wait was of our own making: pauses of the far end have another reason on the row.
    await tx.run`
      UPDATE "Address" a SET "pausedUntil" = NULL FROM "OutboundMessage" o
      WHERE o."addressId" = a.id AND o.status IN ('queued', 'sending') AND a."pausedUntil" > ${after(ownWaitMs)}
        AND o.failure IN ('pace', 'transient', 'auth')`
    await tx.run`
      UPDATE "Address" SET
        "pausedUntil" = CASE WHEN "pausedUntil" > ${after(restMs)} THEN ${after(restMs)}::timestamptz ELSE "pausedUntil" END,
        "sendLeaseUntil" = CASE WHEN "sendLeaseUntil" > ${after(leaseMs + skewMs)} THEN ${after(leaseMs)}::timestamptz
          ELSE "sendLeaseUntil" END,
        -- Or what is sent now would count as answered already.
        "lastHeardAt" = LEAST("lastHeardAt", ${now}::timestamptz)
      WHERE "pausedUntil" > ${after(restMs)} OR "sendLeaseUntil" > ${after(leaseMs + skewMs)}
        OR "lastHeardAt" > ${after(skewMs)}`
    await tx.run`
      UPDATE "OutboundMessage" SET "createdAt" = LEAST("createdAt", ${now}::timestamptz),
        "notBefore" = CASE WHEN failure IN ('pace', 'transient', 'auth') THEN LEAST("notBefore", ${now}::timestamptz)
          ELSE "notBefore" - GREATEST("createdAt" - ${now}::timestamptz, interval '0') END
      WHERE status IN ('queued', 'sending') AND "notBefore" > ${now}::timestamptz
        AND ("createdAt" > ${after(skewMs)} OR (failure IN ('pace', 'transient', 'auth') AND "notBefore" > ${after(ownWaitMs)}))`
  })
}
