import { isDeepStrictEqual } from 'node:util'
import { type Suggestion, sureEnough, sureOfProgramme } from '../classify/classifier.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import {
  answered,
  askOtherProgrammes,
  type Draft,
  descriptionOf,
  emptyDraft,
  fill,
  nextSlot,
  question,
  readBack,
} from './intake.ts'
import { valueInWords } from './intake-words.ts'
import { askAgain, askWhatToFix, choseConfirm } from './resident-confirm.ts'
import { afterRefusal, askConsent, explainNotice, refusedNotice } from './resident-consent.ts'
import { add } from './resident-human.ts'
import { type ConversationState, type Slot, type Step, slots } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import type { ResidentView } from './view.ts'

/** 求助登记 as a dialogue: notice and yes, questions, read-back, correction, receipt. */

type Intake = Extract<Step, { step: 'intake' }>
type Confirm = Extract<Step, { step: 'confirm' }>

/** The first words of a plea. Without a yes to the notice nothing of them is written to the request. */
export function beginIntake(
  state: ConversationState,
  text: string,
  heard: Suggestion | undefined,
  view: ResidentView,
): Turned {
  const open = intakeOf(view)
  if (view.consented === false) return afterRefusal(state, text)
  if (view.consented !== true) return askConsent(state, text, heard, open)
  const before = open ? draftOf(open) : { ...emptyDraft, textOnly: view.preferences.textOnly }
  const draft = heard ? fill(before, text, heard) : withWords(before, text)
  return proceed(state, open, draft, heard, view, [], [])
}

/** Words while a question is open: they may answer it, answer another, or add to the story. */
export function goOnTelling(
  state: ConversationState,
  at: Intake,
  text: string,
  heard: Suggestion,
  view: ResidentView,
): Turned {
  const open = intakeOf(view)
  if (!open) return beginIntake({ ...state, at: { step: 'idle' } }, text, heard, view)
  if (wantsToFix.test(text.normalize('NFKC').trim())) return askWhatToFix(state, ['words', 'community', 'more'])
  const before = draftOf(open)
  const heardFirst = fill(before, text, heard, at.asking === 'programme' ? sureEnough : sureOfProgramme)
  const value = valueInWords(at.asking, text)
  const filled = (value === undefined ? undefined : answered(heardFirst, at.asking, value)) ?? heardFirst
  // A short answer is not part of the story; anything else is kept word for word.
  const kept = at.asking !== 'words' && onlyAnswers(text, before, filled) ? before.details.words : filled.details.words
  // A short answer that no community fits is kept as they said it; a person asks again.
  const namesPlace = heard.slots.communityIds.length === 0 && text.length <= 20 && /\p{L}{2}/u.test(text)
  const place = at.asking === 'community' && namesPlace ? text : undefined
  const details =
    place === undefined ? { ...filled.details, words: kept } : { ...filled.details, words: before.details.words, place }
  const prefix = place === undefined ? [] : [say('ask.communityUnknown')]
  return proceed(state, open, { ...filled, details }, heard, view, at.asked, prefix)
}

const wantsToFix = /^(?:我)?(?:要改|改一下|改改|说错了|写错了|打错了|错了|不对)[。!,了吧]*$/u

/** Words while the read-back stands: a correction, or one thing more. Read back again. */
export function confirming(
  state: ConversationState,
  at: Confirm,
  text: string,
  heard: Suggestion,
  view: ResidentView,
): Turned {
  const open = intakeOf(view)
  if (!open) return beginIntake({ ...state, at: { step: 'idle' } }, text, heard, view)
  const before = draftOf(open)
  const filled = fill(before, text, heard)
  const draft = onlyAnswers(text, before, filled)
    ? { ...filled, details: { ...filled.details, words: before.details.words } }
    : filled
  return proceed(state, open, draft, heard, view, at.asked, [])
}

/** A tapped answer to a question of the intake, now or to an older one; `undefined` when it fits nothing open. */
export function tapped(state: ConversationState, slot: string, value: string, view: ResidentView): Turned | undefined {
  if (slot === 'consent') return choseConsent(state, value, view)
  const open = intakeOf(view)
  if (!open) return undefined
  if (slot === 'confirm') return choseConfirm(state, value, open, view)
  if (slot === 'fix' && value === 'more') return askWhatToFix(state, ['subject', 'contact'])
  if (slot === 'fix') {
    const fixed = slots.find((s) => s === value)
    return fixed ? askAgain(state, fixed, open) : undefined
  }
  const asked = state.at.step === 'intake' || state.at.step === 'confirm' ? state.at.asked : []
  if (slot === 'programme' && value === 'more') {
    const asks = askOtherProgrammes(open.details.likely ?? [])
    return {
      state: { ...state, at: { step: 'intake', asking: 'programme', asked: [...asked, 'programme', 'programme'] } },
      effects: [speak([], asks, open)],
    }
  }
  const draft = answered(draftOf(open), slot, value)
  if (!draft) return undefined
  const kinds = slots.find((s) => s === slot)
  const extra = value === 'none' && kinds ? [kinds, kinds] : []
  return proceed(state, open, draft, undefined, view, [...asked, ...extra], [])
}

// --- consent

function choseConsent(state: ConversationState, value: string, view: ResidentView): Turned {
  const held = state.at.step === 'consent' ? state.at.held : []
  if (value === 'more') return explainNotice(state, held)
  const idle: ConversationState = { ...state, at: { step: 'idle' } }
  const open = intakeOf(view)
  if (value !== 'yes') return refusedNotice(idle, open, view)
  const consent: Effect = { do: 'consent', purpose: 'request', given: true }
  const called = view.requests.find((r) => r.status === 'triage' || r.status === 'active')
  if (!open && called && held.length > 0) {
    // A person was called meanwhile: what was told goes to that person, not into another plea.
    const added = add(idle, called, held.join('；'))
    return { state: added.state, effects: [consent, ...added.effects] }
  }
  // What was held is understood anew by the runner, which hands it back as ordinary words of this person.
  const next = beginIntake(idle, held.join('；'), view.heldSuggestion, { ...view, consented: true })
  return { state: next.state, effects: [consent, ...next.effects] }
}

// --- internal

/** Write what is known, then ask the next thing or read back. */
function proceed(
  state: ConversationState,
  open: RequestRow | undefined,
  draft: Draft,
  heard: Suggestion | undefined,
  view: ResidentView,
  asked: readonly Slot[],
  prefix: readonly string[],
): Turned {
  const write: Effect[] = open
    ? [
        {
          do: 'details',
          request: open,
          details: draft.details,
          textOnly: draft.textOnly,
          ...understood(open, draft, heard),
        },
        ...(isDeepStrictEqual(descriptionOf(draft), descriptionOf(open))
          ? []
          : [{ do: 'step', request: open, step: { step: 'described', ...descriptionOf(draft) } } as const]),
      ]
    : [
        {
          do: 'open',
          opening: {
            description: descriptionOf(draft),
            details: draft.details,
            textOnly: draft.textOnly,
            classifiedBy: heard?.by ?? 'resident',
            reasons: heard?.reasons.map((r) => r.because) ?? [],
            confidence: heard?.confidence ?? null,
          },
          steps: [],
        },
      ]
  if (draft.textOnly && !view.preferences.textOnly) write.push({ do: 'prefer', change: { textOnly: true } })

  const candidates = (heard?.slots.communityIds ?? []).map((id) => ({ id, name: view.communities.get(id) ?? '' }))
  const slot = nextSlot(draft, asked)
  if (!slot) {
    return {
      state: { ...state, greeted: true, at: { step: 'confirm', asked: [...asked] } },
      effects: [...write, speak(prefix, readBack(draft, view.communities), open)],
    }
  }
  return {
    state: { ...state, greeted: true, at: { step: 'intake', asking: slot, asked: [...asked, slot] } },
    effects: [
      ...write,
      speak(
        prefix,
        question(slot, draft, asked, slot === 'community' && candidates.length > 1 ? candidates : []),
        open,
      ),
    ],
  }
}

/** New labels come with their reasons and with who suggested them; a plea told in pieces is as unsure as its first piece. */
function understood(open: RequestRow, draft: Draft, heard: Suggestion | undefined) {
  if (!heard || isDeepStrictEqual(descriptionOf(draft), descriptionOf(open))) return {}
  const reasons = [...new Set([...open.reasons, ...heard.reasons.map((r) => r.because)])].slice(0, 12)
  return { understood: { classifiedBy: heard.by, reasons, confidence: open.confidence ?? heard.confidence } }
}

function speak(
  prefix: readonly string[],
  asks: { text: string; choices?: readonly { token: string; label: string }[] },
  open: RequestRow | undefined,
): Effect {
  return {
    do: 'say',
    ...asks,
    text: [...prefix, asks.text].join('\n'),
    ...(open ? { requestId: open.id } : {}),
  }
}

const intakeOf = (view: ResidentView) => view.requests.find((r) => r.status === 'intake')

const draftOf = (request: RequestRow): Draft => request

const withWords = (draft: Draft, text: string): Draft =>
  text === '' ? draft : { ...draft, details: { ...draft.details, words: [...draft.details.words, text] } }

/** A few words that say who, where or how, and nothing of the trouble itself. */
const onlyAnswers = (text: string, before: Draft, after: Draft): boolean =>
  text.length <= 16 && slots.some((slot) => slot !== 'words' && answers(slot, before, after))

/** Did this message give the slot a new value? */
function answers(slot: Slot, before: Draft, after: Draft): boolean {
  switch (slot) {
    case 'words':
      return after.details.words.length > before.details.words.length
    case 'subject':
      return after.subject !== before.subject || after.details.kin !== before.details.kin
    case 'community':
      return after.communityId !== before.communityId
    case 'programme':
      return after.programmes.length !== before.programmes.length
    case 'contact':
    case 'phone':
      return after.details.phone !== before.details.phone || after.details.contact !== before.details.contact
    case 'subjectKnows':
      return after.details.subjectKnows !== before.details.subjectKnows
  }
}
