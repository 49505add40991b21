import type { Db, Tx } from './db.ts'

/** 朗读: what was said to people who have asked to have it read to them. */

export interface ToRead {
  readonly id: number
  readonly personId: number
  readonly addressId: number
  readonly requestId: number | null
  readonly bodySealed: string
  /** A notice that a person has recorded: that is heard, not the machine. */
  readonly recordingId: number | null
  readonly recordingSeconds: number | null
}

/**
 * Delivered since `since` and not spoken yet, oldest first; what was spoken is not read out again, nor a notice that came
 * as a recording.
 */
export async function waitingToBeRead(db: Db, since: Date, take: number): Promise<ToRead[]> {
  return db.$queryRaw<ToRead[]>`
    SELECT o.id, o."personId", o."addressId", o."requestId", o."bodySealed", b."voiceId" AS "recordingId",
      v.seconds AS "recordingSeconds"
    FROM "Person" p JOIN "Address" a ON a."personId" = p.id JOIN "OutboundMessage" o ON o."addressId" = a.id
      LEFT JOIN "BroadcastRecipient" n ON n."outboundId" = o.id LEFT JOIN "Broadcast" b ON b.id = n."broadcastId"
      LEFT JOIN "Attachment" v ON v.id = b."voiceId"
    WHERE p."readAloud" AND o.kind = 'send' AND o.status = 'sent' AND o."sentAt" > ${since}
      AND o."dedupeKey" NOT LIKE 'aloud:%'
      AND NOT EXISTS (SELECT 1 FROM "Attachment" x WHERE x."spokenOfId" = o.id)
      AND NOT (b."voiceId" IS NOT NULL AND b."pictureId" IS NULL)
      AND NOT EXISTS (SELECT 1 FROM "OutboundMessage" s WHERE s."dedupeKey" = 'aloud:' || o.id)
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
