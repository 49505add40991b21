import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import { spoken } from '../domain/spoken.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { readOutbound } from '../outbox/outbound.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import { type Blobs, newBlobKey } from '../store/blobs.ts'
import { type Db, transaction } from '../store/db.ts'
import { preferencesOf } from '../store/preferences.ts'
import { insertSpeech, type ToRead, waitingToBeRead } from '../store/readings.ts'
import type { Seal } from '../store/secrets.ts'
import { say } from '../texts/say.ts'
import { voiced, voicedOutbound } from '../texts/voice.ts'
import { playable, toOggOpus } from './sound.ts'
import type { Tools } from './tools.ts'
import type { Speak } from './tts.ts'

export interface ReadAloudDeps {
  readonly db: Db
  readonly seal: Seal
  readonly blobs: Blobs
  readonly ring: Ring
  readonly speak: Speak
  readonly tools: () => Promise<Tools>
  readonly now: () => Date
  readonly log: Logger
}

/** A word said longer ago than this is not read out any more. */
const freshMs = 10 * 60_000
const atOnce = 10

/**
 * 念给我听: whatever was delivered to somebody who asked for it comes once more as speech, said to be a machine's at its
 * beginning and in its caption. Looks at rows by itself: every room's words are read, and none of them waits for it.
 */
export function makeReadAloud(deps: ReadAloudDeps): () => Promise<void> {
  const { db, ring, now, log } = deps
  return async () => {
    for (const message of await waitingToBeRead(db, new Date(now().getTime() - freshMs), atOnce)) {
      try {
        const bells = await readOut(deps, message)
        if (bells === undefined) return // nothing here can speak
        await ring(bells)
      } catch (error) {
        log.warn({ outboundId: message.id, why: error instanceof Error && error.name }, 'a message was not read aloud')
        return // the next look tries again
      }
    }
  }
}

async function readOut(deps: ReadAloudDeps, message: ToRead): Promise<Bell[] | undefined> {
  const { db, seal, blobs, now } = deps
  if (message.recordingId !== null) return playRecording(deps, message, message.recordingId)
  const written = readOutbound(seal.open(message.bodySealed))
  const voice = await preferencesOf(db, message.personId)
  const { text, choices = [] } = voicedOutbound(written, voice)
  const options = choices.map((choice, i) => `${i + 1}，${choice.label}`)
  const speech = await deps.speak(spoken([voiced(say('aloud.label'), voice), text, ...options].join('\n')))
  if (!speech) return undefined
  const tools = await deps.tools()
  const play = await playable(speech, tools)
  const bubble = speech.mime === 'audio/ogg' ? speech.data : await toOggOpus(speech.data, tools)
  const kept = bubble ? { data: bubble, mime: 'audio/ogg' } : speech
  const objectKey = newBlobKey('kept')
  const playKey = play ? newBlobKey('play') : null
  await blobs.put(objectKey, kept.data)
  if (play && playKey !== null) await blobs.put(playKey, play.data)
  return transaction(db, async (tx) => {
    const bells: Bell[] = []
    const { personId, addressId, requestId } = message
    const attachment = await insertSpeech(tx, {
      spokenOfId: message.id,
      personId,
      requestId,
      mime: kept.mime,
      bytes: kept.data.length,
      sha256: createHash('sha256').update(kept.data).digest('hex'),
      seconds: play?.seconds ?? null,
      objectKey,
      playKey,
      playMime: play?.mime ?? null,
      at: now(),
    })
    if (attachment === undefined) return bells
    const media = { attachment, kind: 'voice' as const, ...(play ? { seconds: play.seconds } : {}) }
    const letter = { personId, addressId, dedupeKey: `aloud:${message.id}`, priority: 1 as const }
    await enqueue(tx, bells, seal, { ...letter, outbound: { text: say('aloud.caption'), media } }, now())
    return bells
  })
}

/** A person has read this notice out: theirs is the voice that is heard. */
function playRecording({ db, seal, now }: ReadAloudDeps, message: ToRead, attachment: number): Promise<Bell[]> {
  const { id, personId, addressId, recordingSeconds: seconds } = message
  const media = { attachment, kind: 'voice' as const, ...(seconds === null ? {} : { seconds }) }
  const letter = { personId, addressId, dedupeKey: `aloud:${id}`, priority: 1 as const }
  return transaction(db, async (tx) => {
    const bells: Bell[] = []
    await enqueue(tx, bells, seal, { ...letter, outbound: { text: say('aloud.recording'), media } }, now())
    return bells
  })
}
