import { isAboutOthers } from '../classify/slots.ts'
import { dueFrom } from '../domain/ladder.ts'
import type { Actor, RequestStep } from '../domain/request-step.ts'
import { enqueue, type Letter, post } from '../outbox/enqueue.ts'
import { retract } from '../outbox/retract.ts'
import { type Applied, applyStep, type Context, openRequest, StepRefused } from '../requests/apply.ts'
import { crisisAnswerKey, raiseCrisis } from '../requests/raise-crisis.ts'
import { insertCorrection } from '../store/corrections.ts'
import { setOfferMessage } from '../store/offers.ts'
import {
  insertFeedback,
  insertInvite,
  insertNote,
  logLook,
  recordConsent,
  recordWrongCode,
  setTextOnly,
  useInvite,
} from '../store/people.ts'
import { answerReferral } from '../store/referrals.ts'
import { type RequestRow, updateDetails } from '../store/requests.ts'
import { offerMessage, takeOrAssign, triageMessage } from '../texts/card.ts'
import { sayClock } from '../texts/clock.ts'
import { crisisAnswer } from '../texts/crisis-answer.ts'
import { say } from '../texts/say.ts'
import { writeDuty } from './duty-effects.ts'
import { writeLedger } from './ledger-effects.ts'
import { tellReleased, writeNeed } from './need-effects.ts'
import { writeNotices } from './notice-effects.ts'
import type { Effect, Opening } from './turned.ts'
import type { View } from './view.ts'

/** The notice a yes refers to; a new wording is a new number and is asked anew. */
const noticeVersion = 1
const inviteForMs = 48 * 3_600_000

interface Writing extends Context {
  readonly personId: number
  readonly addressId: number
  /** Names this turn in the dedupe keys of what it says. */
  readonly key: string
  readonly view: View
}

/** Write what a turn decided, in order, in the caller's transaction: all of it or, when one thing is refused, none. */
export async function applyEffects(writing: Writing, effects: readonly Effect[]): Promise<void> {
  const { view } = writing
  const known: Known = {
    versions: new Map(),
    rows: new Map(view.role === 'resident' ? view.requests.map((request) => [request.id, request]) : []),
  }
  for (const [i, effect] of effects.entries()) await write(writing, effect, i, known)
}

/** What this turn knows of the requests it moves. */
interface Known {
  /** A turn may take several steps on one request: each knows the version the one before has left. */
  readonly versions: Map<number, number>
  /** Rows read or left in this very transaction: a step on them need not read them again. */
  readonly rows: Map<number, RequestRow>
}

async function write(writing: Writing, effect: Effect, index: number, known: Known): Promise<void> {
  const { tx, seal, now, personId, view } = writing
  switch (effect.do) {
    case 'say':
      return speak(writing, effect, index)
    case 'open':
      return open(writing, effect.opening, effect.steps)
    case 'step': {
      const applied = await step(writing, effect.request, effect.step, known)
      return afterStep(writing, effect.step, applied)
    }
    case 'offer': {
      const expiresAt = dueFrom(now, writing.calendar)('answer', 'urgent')
      const to = [{ staffId: effect.staffId, contractId: null, reasons: [effect.because] }]
      const applied = await step(writing, effect.request, { step: 'offered', to, expiresAt, rung: 0 }, known)
      return tellOffered(writing, applied)
    }
    case 'details':
      known.rows.delete(effect.request.id)
      return updateDetails(tx, seal, effect.request.id, effect.details, {
        ...(effect.textOnly ? { textOnly: true } : {}),
        ...effect.understood,
      })
    case 'correct': {
      const { request, head, before, after, why } = effect
      const row = { requestId: request.id, staffId: staffId(view), classifiedBy: request.classifiedBy }
      return insertCorrection(tx, { ...row, head, before, after, why, at: now })
    }
    case 'consent':
      return recordConsent(tx, { personId, purpose: effect.purpose, noticeVersion, given: effect.given, at: now })
    case 'note':
      return insertNote(tx, seal, { requestId: effect.request.id, staffId: staffId(view), text: effect.text, at: now })
    case 'feedback': {
      const { do: _, ...feedback } = effect
      const askedById = view.role === 'resident' ? null : view.staff.id
      return insertFeedback(tx, { ...feedback, askedById, at: now })
    }
    case 'crisis': {
      const request = await raiseCrisis(writing, personId, effect.crisis)
      const words = [...request.details.words, effect.text]
      updateDetails(tx, seal, request.id, { ...request.details, words }, {})
      const letter = {
        personId,
        addressId: writing.addressId,
        requestId: request.id,
        outbound: crisisAnswer(effect.crisis.kind, isAboutOthers(effect.text)),
      }
      await enqueue(
        tx,
        writing.bells,
        seal,
        { ...letter, dedupeKey: crisisAnswerKey(request, effect.crisis, now), priority: 0 },
        now,
      )
      return
    }
    case 'text_only':
      return setTextOnly(tx, personId)
    case 'join':
      if (await useInvite(tx, effect.inviteId, effect.staffId, personId, now)) return
      throw new StepRefused('changed', 'join')
    case 'invite':
      return insertInvite(tx, {
        staffId: effect.staffId,
        invitedById: staffId(view),
        code: effect.code,
        expiresAt: new Date(now.getTime() + inviteForMs),
      })
    case 'duty':
    case 'end_exceptions':
    case 'swap':
    case 'answer_swap':
      if (view.role === 'resident') throw new Error('a resident has no duty')
      return writeDuty({ ...writing, view }, effect)
    case 'service':
    case 'undo_service':
    case 'household':
    case 'ask_referral':
      if (view.role === 'resident') throw new Error('a resident records no service')
      return writeLedger({ ...writing, view }, effect)
    case 'ask_need':
    case 'answer_need':
      if (view.role === 'resident') throw new Error('a resident shares out no work')
      return writeNeed({ ...writing, view }, effect)
    case 'answer_referral':
      if (await answerReferral(tx, effect.referralId, effect.answer, now)) return
      throw new StepRefused('changed', 'answer_referral')
    case 'looked':
      return logLook(tx, { staffId: staffId(view), requestId: effect.requestId, what: effect.what, at: now })
    case 'notice':
    case 'notice_answer':
      return writeNotices({ ...writing, key: `${writing.key}:${index}` }, effect)
    case 'wrong_code':
      return recordWrongCode(tx, personId, now)
  }
}

async function step(
  writing: Writing,
  seen: { id: number; version: number },
  asked: RequestStep,
  { versions, rows }: Known,
): Promise<Applied> {
  const version = versions.get(seen.id) ?? seen.version
  const applied = await applyStep(writing, rows.get(seen.id) ?? seen.id, asked, actor(writing), version)
  versions.set(seen.id, applied.request.version)
  rows.set(seen.id, applied.request)
  return applied
}

async function open(writing: Writing, opening: Opening, then: readonly RequestStep[]): Promise<void> {
  const { view } = writing
  if (view.role !== 'resident') throw new Error('only a resident opens a request in chat')
  let request: RequestRow = await openRequest(
    writing,
    { ...opening, requesterId: writing.personId, coordinatorId: view.coordinator.id },
    actor(writing),
  )
  for (const asked of then) {
    const applied = await applyStep(writing, request.id, asked, actor(writing))
    request = applied.request
    await afterStep(writing, asked, applied)
  }
}

/** What follows from a step wherever it was taken: dead offers lose their buttons, a coordinator gets the card. */
async function afterStep(writing: Writing, asked: RequestStep, { request, ended, released }: Applied): Promise<void> {
  const { tx, bells, seal, now, calendar } = writing
  const winner = asked.step === 'accepted' ? asked.staffId : undefined
  const messagesOf = (offers: typeof ended) => offers.map((offer) => offer.outboundId).filter((id) => id !== null)
  const won = messagesOf(ended.filter((offer) => offer.staffId === winner))
  const lost = messagesOf(ended.filter((offer) => offer.staffId !== winner))
  await retract(tx, bells, seal, won, say('offer.mineNote', { who: request.assignee?.name ?? '' }), now)
  await retract(tx, bells, seal, lost, say(winner === undefined ? 'offer.goneNote' : 'offer.closedNote'), now)

  for (const line of released) await tellReleased(writing, line)
  const owner = request.owner.personId
  if (owner === null) return
  const at = request.deadline?.at ?? now
  if (request.status === 'triage' && (asked.step === 'submitted' || asked.step === 'human_called')) {
    await enqueue(
      tx,
      bells,
      seal,
      {
        personId: owner,
        requestId: request.id,
        dedupeKey: `triage:${request.id}:${request.version}`,
        priority: 2,
        outbound: triageMessage(request, at, now, calendar.zone),
      },
      now,
    )
  }
  if (asked.step === 'reopened') {
    const text = say('triage.reopened', { number: request.number, by: sayClock(at, now, calendar.zone) })
    const choices = takeOrAssign(request.id)
    const dedupeKey = `reopened:${request.id}:${request.version}`
    await enqueue(
      tx,
      bells,
      seal,
      { personId: owner, requestId: request.id, dedupeKey, priority: 2, outbound: { text, choices } },
      now,
    )
  }
}

function tellOffered(writing: Writing, { request, offered }: Applied): void {
  const { tx, bells, seal, now, calendar, view } = writing
  if (view.role === 'resident') return
  for (const offer of offered) {
    const personId = view.directory.find((s) => s.id === offer.staffId)?.personId
    if (personId == null) continue
    const dedupeKey = `offer:${offer.id}`
    const outbound = offerMessage(request, offer, [`${view.staff.name}指派`], now, calendar.zone)
    post(tx, bells, seal, { personId, requestId: request.id, dedupeKey, priority: 2, outbound }, now)
    setOfferMessage(tx, offer.id, dedupeKey)
  }
}

async function speak(writing: Writing, effect: Extract<Effect, { do: 'say' }>, index: number): Promise<void> {
  const { tx, bells, seal, now, view } = writing
  // -1: the coordinator who owns what this very turn has opened.
  const to =
    effect.to === -1 && view.role === 'resident'
      ? await personOfStaff(writing, view.coordinator.id)
      : (effect.to ?? writing.personId)
  if (to === undefined) return
  const { text, choices, media } = effect
  const letter: Letter = {
    personId: to,
    ...(effect.requestId === undefined ? {} : { requestId: effect.requestId }),
    ...(effect.relayFrom ? { relayFrom: effect.relayFrom } : {}),
    dedupeKey: `${writing.key}:${index}`,
    priority: 1,
    outbound: { text, ...(choices ? { choices } : {}), ...(media ? { media } : {}) },
  }
  // The answer goes back where the person wrote; others are reached where they were heard last.
  if (to === writing.personId) return post(tx, bells, seal, { ...letter, addressId: writing.addressId }, now)
  const id = await enqueue(tx, bells, seal, letter, now)
  if (id === undefined && effect.relayFrom) await relayLost(writing, index)
}

/** Nobody can be reached there: who spoke is told the truth at once. */
async function relayLost(writing: Writing, index: number): Promise<void> {
  const { tx, bells, seal, now, view } = writing
  const text =
    view.role === 'resident'
      ? say('relay.toWorkerNotReached', { worker: '工作人员', owner: view.coordinator.name })
      : say('relay.windowClosed', { number: '', why: say('undelivered.gone') })
  await enqueue(
    tx,
    bells,
    seal,
    {
      personId: writing.personId,
      addressId: writing.addressId,
      dedupeKey: `${writing.key}:${index}:lost`,
      priority: 1,
      outbound: { text },
    },
    now,
  )
}

async function personOfStaff({ tx }: Writing, staff: number): Promise<number | undefined> {
  return (await tx.staff.findUnique({ where: { id: staff }, select: { personId: true } }))?.personId ?? undefined
}

function actor({ view, personId }: Writing): Actor {
  return view.role === 'resident' ? { kind: 'resident', personId } : { kind: 'staff', staffId: view.staff.id }
}

function staffId(view: View): number {
  if (view.role === 'resident') throw new Error('a resident cannot do what only staff may')
  return view.staff.id
}
