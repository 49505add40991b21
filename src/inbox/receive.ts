import type { Logger } from 'pino'
import type { Receive } from '../channels/channel.ts'
import type { Crisis } from '../classify/classifier.ts'
import { turnsTo } from '../classify/language.ts'
import { normalise } from '../classify/normalise.ts'
import { isAboutOthers, saysTextOnly } from '../classify/slots.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Inbound, InboundContent, LifecycleEvent } from '../domain/words.ts'
import { longestPlea } from '../domain/words.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { reopen } from '../outbox/reopen.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import type { Context } from '../requests/apply.ts'
import { crisisAnswerKey, raiseCrisis } from '../requests/raise-crisis.ts'
import { insertAttachment, recordTranscript } from '../store/attachments.ts'
import { type Db, type Tx, transaction } from '../store/db.ts'
import {
  addressOf,
  heardSince,
  type Known,
  markCrisis,
  setUnreachable,
  storeFromKnown,
  storeInbound,
} from '../store/messages.ts'
import { agreeToNotices, refuseNotices } from '../store/notice-agreements.ts'
import { changePreferences, preferencesOf } from '../store/preferences.ts'
import type { Seal } from '../store/secrets.ts'
import type { DutyFacts } from '../store/staff.ts'
import { crisisAnswer } from '../texts/crisis-answer.ts'
import { withoutMarks } from '../texts/marks.ts'

export interface ReceiveDeps {
  readonly db: Db
  readonly seal: Seal
  readonly ring: Ring
  /** The crisis gate: pure, local, on every message a resident sends. */
  readonly gate: (text: string) => Crisis | undefined
  readonly calendar: () => Promise<Calendar>
  readonly facts: () => Promise<DutyFacts>
  readonly now: () => Date
  /** How long to wait for the next fragment before a turn, in ms. */
  readonly quietMs: number
  readonly log: Logger
}

/** Texts that come within this time may be pieces of one. */
const piecesWithinMs = 60_000

/**
 * The door: store one message once, look for a crisis in it at once, ring the conversation. Resolves when the message is
 * on disk. A crisis is answered here, in the transaction that stores the message: the request is open with an owner and a
 * five-minute deadline before anything slow, and without the classifier, the queue or the conversation.
 */
export function makeReceive(deps: ReceiveDeps): Receive {
  const { db, seal, now, log } = deps
  const ring = (bells: readonly Bell[]) =>
    deps.ring(bells).catch((error: unknown) => log.warn({ err: error }, 'bells not rung; the sweep will find the rows'))
  return async (heard) => {
    if (heard.content.kind === 'choice' && !heard.allows) {
      // A tap on one of our own buttons holds no words in which to look for a crisis: one statement stores it.
      const stored = await storeFromKnown(db, seal, heard, now())
      if (stored?.isNew) await ring([{ job: 'conversation', ids: { personId: stored.personId } }])
      if (stored) return
    }
    const [calendar, people] = await Promise.all([deps.calendar(), deps.facts()])
    const bells = await transaction(db, async (tx) => {
      const rung: Bell[] = []
      const context: Context = { tx, seal, bells: rung, offerIds: [], calendar, people, now: now() }
      const known = await addressOf(tx, heard.from, context.now)
      const tidy = clean(heard)
      const id = await storeInbound(tx, seal, known, tidy, context.now)
      if (id === undefined) return rung // heard before: a webhook delivered again
      if (heard.allows) await reopen(tx, known.addressId, heard.allows, heard.sentAt, context.now)
      const attachmentId = await attach(context, known, id, heard)
      if (heard.content.kind === 'lifecycle') await note(tx, known.addressId, heard.content.event)
      const read = (await transcriptOf(context, known, tidy, attachmentId)) ?? { id, heard }
      const crisis = known.isStaff ? undefined : await crisisIn(context, deps, known, read.heard)
      if (crisis) await answerCrisis(context, known, read.id, crisis, textOf(read.heard.content) ?? '')
      const at =
        waits(heard.content) && !crisis && !known.isStaff ? new Date(context.now.getTime() + deps.quietMs) : undefined
      rung.push({ job: 'conversation', ids: { personId: known.personId }, ...(at ? { at } : {}) })
      return rung
    })
    await ring(bells)
  }
}

async function note(tx: Tx, addressId: number, event: LifecycleEvent): Promise<void> {
  if (event === 'blocked') await setUnreachable(tx, addressId, 'blocked')
  if (event === 'notice_agreed') await agreeToNotices(tx, addressId)
  if (event === 'notice_refused') await refuseNotices(tx, addressId)
}

/** What a message brought besides words waits at its channel until it is fetched. */
async function attach(context: Context, known: Known, inboundId: number, heard: Inbound): Promise<number | undefined> {
  if (!('media' in heard.content)) return undefined
  const { kind, media } = heard.content
  const { channel, account } = heard.from
  const source = { ...media, channel, account }
  const made = { inboundId, personId: known.personId, kind, source, at: context.now }
  const attachmentId = await insertAttachment(context.tx, context.seal, made)
  context.bells.push({ job: 'media', ids: { attachmentId } })
  return attachmentId
}

/** Where the channel has written down a recording, that is heard behind it like any other transcript. A colleague's is not. */
async function transcriptOf(
  { tx, seal, now }: Context,
  known: Known,
  { key, from, content }: Inbound,
  attachment: number | undefined,
): Promise<{ readonly id: number; readonly heard: Inbound } | undefined> {
  if (content.kind !== 'voice' || !content.recognised || attachment === undefined || known.isStaff) return undefined
  const text = content.recognised
  await recordTranscript(tx, seal, attachment, text)
  const heard: Inbound = { key: `stt:${key}`, from, content: { kind: 'transcript', text, attachment } }
  const id = await storeInbound(tx, seal, known, heard, now)
  return id === undefined ? undefined : { id, heard }
}

/** Fragments may follow a text; a tap or a command is whole. */
const waits = (content: InboundContent): boolean =>
  content.kind === 'text' || content.kind === 'picture' || content.kind === 'voice'

/** Only what PostgreSQL cannot hold is taken out; a text of any length is stored, the turn reads its beginning. */
function clean(heard: Inbound): Inbound {
  const { content } = heard
  const tidy = (text: string) => withoutMarks(text.replaceAll('\u0000', '').toWellFormed())
  if (content.kind === 'voice' && content.recognised !== undefined) {
    return { ...heard, content: { ...content, recognised: tidy(content.recognised).slice(0, longestPlea) } }
  }
  const text = textOf(content)
  if (text === undefined) return heard
  switch (content.kind) {
    case 'text':
    case 'edited':
    case 'transcript':
      return { ...heard, content: { ...content, text: tidy(content.text).slice(0, longestPlea * 2) } }
    case 'picture':
    case 'video':
    case 'file':
      return { ...heard, content: { ...content, caption: tidy(text).slice(0, longestPlea) } }
    case 'command':
      return { ...heard, content: { ...content, args: tidy(content.args) } }
    default:
      return heard
  }
}

function textOf(content: InboundContent): string | undefined {
  switch (content.kind) {
    case 'text':
    case 'edited':
    case 'transcript':
      return content.text
    case 'picture':
    case 'video':
    case 'file':
      return content.caption
    case 'command':
      return content.args
    default:
      return undefined
  }
}

/** The gate reads each fragment at once, and the fragments together: a plea may come in pieces. */
async function crisisIn(
  context: Context,
  deps: ReceiveDeps,
  known: Known,
  heard: Inbound,
): Promise<Crisis | undefined> {
  const text = textOf(heard.content)
  if (!text) return undefined
  const alone = deps.gate(text)
  if (alone) return alone
  const since = new Date(context.now.getTime() - piecesWithinMs)
  const before = await heardSince(context.tx, context.seal, known.addressId, since)
  const pieces = before.flatMap(({ content }) => textOf(content) ?? [])
  return pieces.length > 1 ? deps.gate(pieces.join('')) : undefined
}

/** The request first, with its owner and deadline; then the fixed words. The rest is left to the rooms that the bells wake. */
async function answerCrisis(
  context: Context,
  known: Known,
  inboundId: number,
  crisis: Crisis,
  text: string,
): Promise<void> {
  const { tx, seal, now, bells } = context
  const { personId, addressId } = known
  await heed(tx, personId, text)
  const request = await raiseCrisis(context, personId, crisis)
  markCrisis(tx, inboundId, crisis.kind, request.id)
  const dedupeKey = crisisAnswerKey(request, crisis, now)
  const outbound = crisisAnswer(crisis.kind, isAboutOthers(text))
  await enqueue(tx, bells, seal, { personId, addressId, requestId: request.id, dedupeKey, priority: 0, outbound }, now)
}

/** The words that tell of the danger may tell as well in which language to answer, and that no telephone can be used. */
async function heed(tx: Tx, personId: number, text: string): Promise<void> {
  const { language, languageChosen, textOnly } = await preferencesOf(tx, personId)
  const written = languageChosen ? undefined : turnsTo(text, language)
  const change = {
    ...(saysTextOnly(normalise(text)) && !textOnly ? { textOnly: true } : {}),
    ...(written ? { language: written } : {}),
  }
  if (Object.keys(change).length > 0) await changePreferences(tx, personId, change)
}
