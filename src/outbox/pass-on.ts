import { z } from 'zod'
import { mediaKinds, type Refusal } from '../domain/media.ts'
import type { OutboundMedia } from '../domain/words.ts'
import type { Bell } from '../queue/jobs.ts'
import { fileAttachment, lockAttachment } from '../store/attachments.ts'
import type { Tx } from '../store/db.ts'
import { insertPassing, takePassings } from '../store/passings.ts'
import type { Seal } from '../store/secrets.ts'
import { say } from '../texts/say.ts'
import { enqueue, type Letter } from './enqueue.ts'

/** A letter with something to open; who it is for gets each attachment once. */
export type MediaLetter = Omit<Letter, 'outbound' | 'dedupeKey' | 'notBefore'> & {
  readonly outbound: { readonly text: string; readonly media: OutboundMedia }
}

export const passingKey = (attachment: number, personId: number): string => `media:${attachment}:${personId}`

/**
 * Pass an attachment on: at once when it is settled, else as a row that goes out as soon as it is. What was refused goes
 * out as words that say so. Returns false when the person can be reached nowhere.
 */
export async function passOn(tx: Tx, bells: Bell[], seal: Seal, letter: MediaLetter, now: Date): Promise<boolean> {
  const { media } = letter.outbound
  const dedupeKey = passingKey(media.attachment, letter.personId)
  const state = await lockAttachment(tx, media.attachment)
  if (!state) throw new Error(`there is no attachment ${media.attachment}`)
  if (letter.requestId !== undefined) await fileAttachment(tx, media.attachment, letter.requestId)
  if (state.status === 'waiting') {
    await insertPassing(tx, { attachmentId: media.attachment, letterSealed: seal.seal(letter), dedupeKey, at: now })
    return true
  }
  const outbound = state.refusal === null ? letter.outbound : withoutContent(letter, state.refusal)
  return (await enqueue(tx, bells, seal, { ...letter, outbound, dedupeKey }, now)) !== undefined
}

/** The attachment is settled: everything that waited for it goes out, in the caller's transaction. */
export async function releasePassings(
  tx: Tx,
  bells: Bell[],
  seal: Seal,
  attachmentId: number,
  now: Date,
): Promise<number> {
  const waiting = await takePassings(tx, attachmentId)
  for (const row of waiting) await passOn(tx, bells, seal, Stored.parse(seal.open(row.letterSealed)), now)
  return waiting.length
}

// --- internal

const withoutContent = ({ outbound }: MediaLetter, refusal: Refusal) => ({
  text: `${outbound.text}\n${say(`media.notPassed.${refusal}`)}`,
})

const Stored = z.object({
  personId: z.number(),
  addressId: z.number().optional(),
  requestId: z.number().optional(),
  priority: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(9)]),
  relayFrom: z.enum(['resident', 'worker']).optional(),
  relayById: z.number().optional(),
  outbound: z.object({
    text: z.string(),
    media: z.object({ attachment: z.number(), kind: z.enum(mediaKinds), seconds: z.number().optional() }),
  }),
})
