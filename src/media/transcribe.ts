import type { Logger } from 'pino'
import type { Receive } from '../channels/channel.ts'
import { addressKeyOf } from '../store/address-key.ts'
import { attachmentById, claimAttachment, postponeAttachment, recordTranscript } from '../store/attachments.ts'
import type { Blobs } from '../store/blobs.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { toWav } from './sound.ts'
import { SpeechResting, type Transcribe } from './stt.ts'
import type { Tools } from './tools.ts'

export interface TranscribeDeps {
  readonly db: Db
  readonly seal: Seal
  readonly blobs: Blobs
  readonly tools: () => Promise<Tools>
  readonly transcribe: Transcribe
  /** The door: what was written down is heard like everything else, so the crisis gate reads it at once. */
  readonly receive: Receive
  readonly now: () => Date
  readonly log: Logger
}

const leaseMs = 120_000
const mostAttempts = 3
const restMs = 60_000
const backoffMs = (attempts: number) => 5_000 * 4 ** (attempts - 1)
/** After this long the worker has listened: a text would come too late to help. */
const giveUpAfterMs = 30 * 60_000

/**
 * 机器转写: write down what a resident's recording seems to say. A help only: the recording itself has been passed on, and
 * when nothing comes of this a person listens, as they do anyhow.
 */
export function makeTranscribing(deps: TranscribeDeps): (ids: { attachmentId: number }) => Promise<void> {
  const { db, seal, blobs, now, log } = deps
  return async ({ attachmentId }) => {
    const at = now()
    if (!(await claimAttachment(db, attachmentId, 'transcribe', new Date(at.getTime() + leaseMs), at))) return
    const row = await attachmentById(db, seal, attachmentId)
    if (!row || row.addressId === null || row.objectKey === null || row.mime === null) return
    try {
      const data = await blobs.get(row.objectKey)
      if (!data) throw new Error('the recording is not there')
      const recording = { data, mime: row.mime }
      // A service that knows the form decodes it itself: without our programs it gets what there is.
      const wav = await toWav(recording, await deps.tools()).catch(() => undefined)
      const text = await deps.transcribe(wav ? { data: wav, mime: 'audio/wav' } : recording)
      await heard(row.id, row.addressId, text)
    } catch (error) {
      const resting = error instanceof SpeechResting
      const why = error instanceof Error ? error.name : 'unknown'
      log.warn({ attachmentId, attempt: row.attempts, why }, 'a recording was not written down')
      const tooLate = now().getTime() - row.createdAt.getTime() > giveUpAfterMs
      if (tooLate || (!resting && row.attempts >= mostAttempts)) return heard(row.id, row.addressId, '')
      const waitMs = resting ? restMs : backoffMs(row.attempts)
      await postponeAttachment(db, attachmentId, new Date(now().getTime() + waitMs), resting)
    }
  }

  /** Said at the door, also when there is nothing to say: the turn then hands the question it stands at to a person. */
  async function heard(id: number, addressId: number, text: string): Promise<void> {
    const from = await addressKeyOf(db, addressId)
    await deps.receive({ key: `stt:${id}`, from, content: { kind: 'transcript', text, attachment: id } })
    await recordTranscript(db, seal, id, text === '' ? undefined : text)
  }
}
