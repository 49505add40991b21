import type { Db, Tx } from './db.ts'

/** 朗读: what was said to people who have asked to have it read to them. */

export interface ToRead {
  readonly id: number
  readonly personId: number
  readonly addressId: number
  readonly requestId: number | null
  readonly bodySealed: string
}

/** Delivered since `since` and not spoken yet, oldest first; what was spoken is not read out again. */
export async function waitingToBeRead(db: Db, since: Date, take: number): Promise<ToRead[]> {
  return db.$queryRaw<ToRead[]>`
    SELECT o.id, o."personId", o."addressId", o."requestId", o."bodySealed"
    FROM "Person" p JOIN "Address" a ON a."personId" = p.id JOIN "OutboundMessage" o ON o."addressId" = a.id
    WHERE p."readAloud" AND o.kind = 'send' AND o.status = 'sent' AND o."sentAt" > ${since}
      AND o."dedupeKey" NOT LIKE 'aloud:%'
      AND NOT EXISTS (SELECT 1 FROM "Attachment" x WHERE x."spokenOfId" = o.id)
    ORDER BY o.id LIMIT ${take}`
}

/** The speech made of an outgoing message; `undefined` when another process was first. */
export async function insertSpeech(
  tx: Tx,
  made: {
    spokenOfId: number
    personId: number
    requestId: number | null
    mime: string
    bytes: number
    sha256: string
    seconds: number | null
    objectKey: string
    playKey: string | null
    playMime: string | null
    at: Date
  },
): Promise<number | undefined> {
  const { at, ...row } = made
  const [first] = await tx.attachment.createManyAndReturn({
    data: [{ ...row, kind: 'voice', status: 'ready', verdict: 'clean', notBefore: at, createdAt: at }],
    skipDuplicates: true,
    select: { id: true },
  })
  return first?.id
}
