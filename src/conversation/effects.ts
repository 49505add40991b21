import { isAboutOthers } from '../classify/slots.ts'
import { dueFrom } from '../domain/ladder.ts'
import { carriedOn } from '../domain/merge.ts'
import type { Actor, RequestStep } from '../domain/request-step.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { type Applied, applyStep, openRequest, StepRefused } from '../requests/apply.ts'
import { crisisAnswerKey, raiseCrisis } from '../requests/raise-crisis.ts'
import { insertBlock, liftBlocks } from '../store/blocks.ts'
import { insertCorrection } from '../store/corrections.ts'
import {
  insertFeedback,
  insertInvite,
  insertNote,
  logLook,
  recordConsent,
  recordWrongCode,
  useInvite,
} from '../store/people.ts'
import { changePreferences } from '../store/preferences.ts'
import { answerReferral } from '../store/referrals.ts'
import { type RequestRow, updateDetails } from '../store/requests.ts'
import { crisisAnswer } from '../texts/crisis-answer.ts'
import { afterStep, tellOffered } from './after-step.ts'
import { writeDesk } from './desk-effects.ts'
import { writeDuty } from './duty-effects.ts'
import { writeLedger } from './ledger-effects.ts'
import { forCarried, writeMerge } from './merge-effects.ts'
import { writeNeed } from './need-effects.ts'
import { writeNotices } from './notice-effects.ts'
import { writePerson } from './person-effects.ts'
import { speak } from './speak.ts'
import type { Effect, Opening } from './turned.ts'
import type { View } from './view.ts'
import type { Writing } from './writing.ts'

/** The notice a yes refers to; a new wording is a new number and is asked anew. */
const noticeVersion = 1
const inviteForMs = 48 * 3_600_000

/** Write what a turn decided, in order, in the caller's transaction: all of it or, when one thing is refused, none. */
export async function applyEffects(writing: Writing, effects: readonly Effect[]): Promise<void> {
  const { view } = writing
  const known: Known = {
    versions: new Map(),
    opened: undefined,
    // What was merged is seen as far as another has come, not as it is stored.
    rows: new Map(
      view.role === 'resident'
        ? view.requests.flatMap((request) => (request.mergedIntoId === null ? [[request.id, request]] : []))
        : [],
    ),
  }
  for (const [i, effect] of effects.entries()) await write(writing, effect, i, known)
}

/** What this turn knows of the requests it moves. */
interface Known {
  /** A turn may take several steps on one request: each knows the version the one before has left. */
  readonly versions: Map<number, number>
  /** Rows read or left in this very transaction: a step on them need not read them again. */
  readonly rows: Map<number, RequestRow>
  /** The request that this very turn has opened. */
  opened: number | undefined
}

async function write(writing: Writing, effect: Effect, index: number, known: Known): Promise<void> {
  const { tx, seal, now, personId, view } = writing
  switch (effect.do) {
    case 'say':
      return speak(writing, effect, index, known.opened)
    case 'open':
      known.opened = await open(writing, effect.opening, effect.steps)
      return
    case 'step': {
      const applied = await step(writing, effect.request, effect.step, known)
      await afterStep(writing, effect.step, applied)
      return onCarrier(writing, effect.step, applied)
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
    case 'prefer':
      return changePreferences(tx, personId, effect.change)
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
    case 'merge':
    case 'unmerge':
      return writeMerge(writing, effect)
    case 'looked':
      return logLook(tx, { staffId: staffId(view), requestId: effect.requestId, what: effect.what, at: now })
    case 'notice':
    case 'notice_answer':
      return writeNotices({ ...writing, key: `${writing.key}:${index}` }, effect)
    case 'desk':
      return writeDesk(writing, effect.act, index)
    case 'make_link':
    case 'say_link':
    case 'link':
    case 'refuse_link':
    case 'part_chats':
    case 'answer_here':
    case 'hand_phone':
      return writePerson(writing, effect)
    case 'block':
      return insertBlock(tx, { ...effect, byId: staffId(view), from: now })
    case 'lift_block':
      return liftBlocks(tx, effect.personId, staffId(view), now)
    case 'wrong_code':
      return recordWrongCode(tx, personId, now)
  }
}

/** 合并: what a resident says of theirs counts on the request that carries it, and what happens there is told to both. */
async function onCarrier(writing: Writing, asked: RequestStep, { request }: Applied): Promise<void> {
  if (request.mergedIntoId === null) return forCarried(writing, asked, request)
  if (!carriedOn.includes(asked.step)) return
  await afterStep(writing, asked, await applyStep(writing, request.mergedIntoId, asked, actor(writing)))
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

async function open(writing: Writing, opening: Opening, then: readonly RequestStep[]): Promise<number> {
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
  return request.id
}

function actor({ view, personId }: Writing): Actor {
  return view.role === 'resident' ? { kind: 'resident', personId } : { kind: 'staff', staffId: view.staff.id }
}

function staffId(view: View): number {
  if (view.role === 'resident') throw new Error('a resident cannot do what only staff may')
  return view.staff.id
}
