import { type Proposed, type Suggestion, sureEnough, sureOfProgramme } from '../classify/classifier.ts'
import { normalise } from '../classify/normalise.ts'
import { subjectIn } from '../classify/slots.ts'
import { type Details, wordsTogether } from '../domain/details.ts'
import type { Description } from '../domain/request-step.ts'
import { higherUrgency, type Programme, programmes, type Urgency } from '../domain/taxonomy.ts'
import type { Choice } from '../domain/words.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import type { Slot } from './state.ts'

/** 求助登记: slots filled in any order, each asked at most as often as it helps, read back, corrected, submitted. */

/** The plea as it stands: what is on the request and what this message adds. */
export type Draft = Pick<
  RequestRow,
  'subject' | 'communityId' | 'programmes' | 'needs' | 'urgency' | 'details' | 'textOnly'
>

export const emptyDraft: Draft = {
  subject: null,
  communityId: null,
  programmes: [],
  needs: [],
  urgency: 'normal',
  details: { words: [] },
  textOnly: false,
}

/** How often a question may be put before the intake goes on without its answer. */
const timesAsked: Readonly<Record<Slot, number>> = {
  words: 3,
  subject: 1,
  community: 2,
  programme: 2,
  contact: 1,
  phone: 2,
  subjectKnows: 1,
}

/**
 * The draft with what one message says. Words are added, never dropped; an urgency is only ever raised.
 * @param fileFrom how sure a programme must be to be filed; less when it answers the very question.
 */
export function fill(draft: Draft, text: string, heard: Suggestion, fileFrom = sureOfProgramme): Draft {
  const { slots } = heard
  const [community, second] = slots.communityIds
  const labels = <T extends string>(old: readonly T[], found: readonly Proposed<T>[], from = 0) => [
    ...new Set([...old, ...found.filter((f) => f.given && f.confidence >= from).map((f) => f.label)]),
  ]
  const filed = labels(draft.programmes, heard.programmes, fileFrom)
  const likely = labels(draft.details.likely ?? [], heard.programmes).filter((p) => !filed.includes(p))
  const phone = slots.phone ?? draft.details.phone
  const textOnly = draft.textOnly || slots.textOnly === true
  const subject = subjectAfter(draft, text, heard)
  const kin = subject === 'self' ? undefined : (slots.kin ?? draft.details.kin)
  return {
    subject,
    communityId: community !== undefined && second === undefined ? community : draft.communityId,
    programmes: filed,
    needs: labels(draft.needs, heard.needs),
    urgency: higherUrgency(draft.urgency, spoken(heard)),
    textOnly,
    details: {
      ...draft.details,
      words: text === '' ? draft.details.words : [...draft.details.words, text],
      ...(likely.length > 0 ? { likely } : {}),
      kin,
      ...(phone ? { phone } : {}),
      ...(textOnly ? { contact: 'here' as const } : slots.phone ? { contact: 'phone' as const } : {}),
    },
  }
}

/** Who needs help is not guessed again once it is known: only words that name somebody change it. */
function subjectAfter(draft: Draft, text: string, { subject }: Suggestion): Draft['subject'] {
  const guessed = subject && subject.confidence >= sureEnough ? subject.label : null
  if (draft.subject === null) return guessed
  const named = subjectIn(normalise(text))
  return named && named.confidence >= sureOfProgramme ? named.label : draft.subject
}

/** The gate at the door decides what a crisis is; words that are merely alarming here count as urgent. */
const spoken = (heard: Suggestion): Urgency =>
  heard.urgency.confidence < sureEnough ? 'normal' : heard.urgency.label === 'crisis' ? 'urgent' : heard.urgency.label

export const descriptionOf = (draft: Draft): Description => ({
  programmes: draft.programmes,
  needs: draft.needs,
  urgency: draft.urgency,
  ...(draft.subject ? { subject: draft.subject } : {}),
  ...(draft.communityId === null ? {} : { communityId: draft.communityId }),
})

/** The next thing to ask, or nothing: then it is read back. Never asks for what was said. */
export function nextSlot(draft: Draft, asked: readonly Slot[]): Slot | undefined {
  const { details } = draft
  const open: Readonly<Record<Slot, boolean>> = {
    words: details.words.length === 0,
    subject: draft.subject === null,
    community: draft.communityId === null && details.place === undefined,
    programme: draft.programmes.length === 0,
    contact: details.contact === undefined && !draft.textOnly,
    phone: details.contact === 'phone' && details.phone === undefined,
    subjectKnows:
      draft.subject === 'family' &&
      details.subjectKnows === undefined &&
      (draft.urgency === 'normal' || draft.urgency === 'soon'),
  }
  const order: readonly Slot[] = ['words', 'subject', 'community', 'programme', 'contact', 'phone', 'subjectKnows']
  return order.find((slot) => open[slot] && asked.filter((a) => a === slot).length < timesAsked[slot])
}

export interface Question {
  readonly text: string
  readonly choices?: readonly Choice[]
}

/** @param candidates communities the resident may have meant, when the name fits several. */
export function question(
  slot: Slot,
  draft: Draft,
  asked: readonly Slot[],
  candidates: readonly { id: number; name: string }[] = [],
): Question {
  const again = asked.includes(slot)
  switch (slot) {
    case 'words':
      return { text: say('ask.words') }
    case 'subject':
      return {
        text: say('ask.subject'),
        choices: [
          answer('subject', 'self', say('ask.subject.self')),
          answer('subject', 'family', say('ask.subject.family')),
          answer('subject', 'other', say('ask.subject.other')),
        ],
      }
    case 'community':
      return candidates.length > 0
        ? {
            text: say('ask.communityWhich'),
            choices: [
              ...candidates.slice(0, 3).map((c) => answer('community', String(c.id), c.name)),
              answer('community', 'none', say('ask.communityOther')),
            ],
          }
        : { text: say('ask.community') }
    case 'programme':
      return askProgramme(draft.details.likely ?? [])
    case 'contact':
      return {
        text: say('ask.contact'),
        choices: [
          answer('contact', 'here', say('ask.contact.here')),
          answer('contact', 'phone', say('ask.contact.phone')),
        ],
      }
    case 'phone':
      return { text: say(again ? 'ask.phoneAgain' : 'ask.phone') }
    case 'subjectKnows':
      return {
        text: say('ask.subjectKnows', { kin: draft.details.kin ?? '家人' }),
        choices: [
          answer('subjectKnows', 'yes', say('ask.subjectKnows.yes')),
          answer('subjectKnows', 'no', say('ask.subjectKnows.no')),
          answer('subjectKnows', 'later', say('ask.subjectKnows.later')),
        ],
      }
  }
}

const inOrder = (likely: readonly Programme[]) => [
  ...new Set<Programme>([...likely, 'elder', 'disability', ...programmes]),
]
const programmeAnswer = (p: Programme) => answer('programme', p, say(`ask.programme.${p}`))

/** The two likeliest first. */
const askProgramme = (likely: readonly Programme[]): Question => ({
  text: say('ask.programme'),
  choices: [
    ...inOrder(likely).slice(0, 2).map(programmeAnswer),
    answer('programme', 'more', say('ask.programme.more')),
  ],
})

/** The other two, for who has said that it is none of the first. */
export const askOtherProgrammes = (likely: readonly Programme[]): Question => ({
  text: say('ask.programmeMore'),
  choices: [...inOrder(likely).slice(2).map(programmeAnswer), answer('programme', 'none', say('ask.programme.none'))],
})

/** The draft after a tap on one of the answers above; `undefined` when the answer is none we gave. */
export function answered(draft: Draft, slot: string, value: string): Draft | undefined {
  const details = (patch: Partial<Details>): Draft => ({ ...draft, details: { ...draft.details, ...patch } })
  switch (`${slot}:${value}`) {
    case 'subject:self':
    case 'subject:family':
    case 'subject:other':
      return value === 'self'
        ? { ...details({ kin: undefined }), subject: value }
        : { ...draft, subject: value === 'family' ? 'family' : 'other' }
    case 'programme:elder':
    case 'programme:disability':
    case 'programme:single_mother':
    case 'programme:migrant':
      return { ...draft, programmes: [programmeOf(value), ...draft.programmes.filter((p) => p !== value)] }
    case 'programme:none':
      return draft
    case 'contact:here':
    case 'contact:phone':
      return details({ contact: value === 'here' ? 'here' : 'phone' })
    case 'subjectKnows:yes':
    case 'subjectKnows:no':
    case 'subjectKnows:later':
      return details({ subjectKnows: value === 'yes' ? 'yes' : value === 'no' ? 'no' : 'later' })
    case 'community:none':
      return { ...draft, communityId: null }
    default:
      return slot === 'community' && /^\d+$/.test(value) ? { ...draft, communityId: Number(value) } : undefined
  }
}

/** What was understood, read back in plain words before anything is submitted. */
export function readBack(draft: Draft, communities: ReadonlyMap<number, string>): Question {
  const { details } = draft
  const who = draft.subject === 'family' && details.kin ? details.kin : say(`subject.${draft.subject ?? 'unknown'}`)
  const place = draft.communityId === null ? details.place : communities.get(draft.communityId)
  return {
    text: say('confirm.readBack', {
      who,
      community: place ?? say('community.unknown'),
      words: wordsTogether(details),
      contact: contactInWords(draft),
    }),
    choices: [
      answer('confirm', 'yes', say('confirm.yes')),
      answer('confirm', 'no', say('confirm.no')),
      answer('confirm', 'cancel', say('confirm.cancel')),
    ],
  }
}

export function contactInWords(draft: Pick<Draft, 'details' | 'textOnly'>): string {
  const { contact, phone } = draft.details
  if (draft.textOnly) return say('contact.textOnly')
  if (contact === 'phone' && phone) return say('contact.phone', { phone })
  return contact === 'here' ? say('contact.here') : say('contact.unknown')
}

export const answer = (slot: string, value: string, label: string): Choice => ({ token: `q:${slot}:${value}`, label })

const programmeOf = (value: string): Programme =>
  value === 'disability' || value === 'single_mother' || value === 'migrant' ? value : 'elder'
