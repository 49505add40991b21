import { type Details, wordsTogether } from '../domain/details.ts'
import { mask } from '../domain/mask.ts'
import type { Preferences } from '../domain/preferences.ts'
import type { Status } from '../domain/request-step.ts'
import {
  type CrisisKind,
  type Need,
  type Programme,
  programmes,
  type Subject,
  type Urgency,
} from '../domain/taxonomy.ts'
import type { Choice, Outbound } from '../domain/words.ts'
import { sayClock } from './clock.ts'
import { say } from './say.ts'

/** 求助卡片: what staff read of a request. Words are masked: a card never holds a way to reach the resident. */
export interface CardFacts {
  readonly number: number
  readonly status: Status
  readonly urgency: Urgency
  readonly crisisKind: CrisisKind | null
  readonly programmes: readonly Programme[]
  readonly needs: readonly Need[]
  readonly subject: Subject | null
  readonly community: string | null
  readonly details: Details
  readonly textOnly: boolean
  readonly spokenTo: Pick<Preferences, 'language' | 'plainWords' | 'slowly' | 'readAloud' | 'minnan'>
  readonly reasons: readonly string[]
}

function offerCard(request: CardFacts, reasons: readonly string[], by: Date, now: Date, zone: string): string {
  const common = {
    number: request.number,
    community: communityOf(request),
    words: wordsOf(request),
    contact: howToReach(request),
    by: sayClock(by, now, zone),
  }
  if (request.urgency === 'crisis') {
    return say('offer.cardCrisis', { ...common, crisis: say(`crisisKind.${request.crisisKind ?? 'unclear'}`) })
  }
  return say('offer.card', {
    ...common,
    urgency: say(`urgency.${request.urgency}`),
    what: whatIsAsked(request),
    who: whoNeedsIt(request),
    reasons: reasons.join('、'),
  })
}

function triageCard(request: CardFacts, by: Date, now: Date, zone: string): string {
  return say('triage.card', {
    number: request.number,
    urgency: say(`urgency.${request.urgency}`),
    who: whoNeedsIt(request),
    community: communityOf(request),
    words: wordsOf(request),
    contact: howToReach(request),
    reasons: guessInWords(request),
    by: sayClock(by, now, zone),
  })
}

/** 复核: the words with the labels they were given, and why. */
export function reviewCard(request: CardFacts, why: string, waiting: number): string {
  return say('review.card', {
    number: request.number,
    why,
    waiting,
    words: wordsOf(request),
    what: whatIsAsked(request),
    urgency: say(`urgency.${request.urgency}`),
    reasons: guessInWords(request),
  })
}

/** 派单: the card with the choice to accept or decline, whoever makes the offer. */
export function offerMessage(
  request: CardFacts,
  offer: { readonly id: number; readonly requestId: number; readonly expiresAt: Date },
  reasons: readonly string[],
  now: Date,
  zone: string,
): Outbound {
  return {
    text: offerCard(request, reasons, offer.expiresAt, now, zone),
    choices: [
      { token: `o:acc:${offer.id}`, label: say('offer.accept') },
      { token: `o:dec:${offer.id}`, label: say('offer.decline') },
      relabelChoice(offer.requestId),
    ],
  }
}

/** 更正: a tap on it shows every label. */
export const relabelChoice = (requestId: number): Choice => ({
  token: `c:menu:${requestId}`,
  label: say('relabel.button'),
})

/** 待定: the card on which a coordinator names the programme, takes it, or names a colleague. */
export function triageMessage(
  request: CardFacts & { readonly id: number },
  by: Date,
  now: Date,
  zone: string,
): Outbound {
  const named = programmes.map((p) => ({ token: `t:prog:${request.id}:${p}`, label: say(`programme.${p}`) }))
  return { text: triageCard(request, by, now, zone), choices: [...named, ...takeOrAssign(request.id)] }
}

/** What a coordinator may do with a request that nobody has. */
export const takeOrAssign = (requestId: number): readonly Choice[] => [
  { token: `t:take:${requestId}`, label: say('triage.take') },
  { token: `t:who:${requestId}`, label: say('triage.assign') },
]

/** 回访: the question after closing. */
export const solvedQuestion = (requestId: number, number: number, worker: string): Outbound => ({
  text: say('feedback.solved', { worker, number }),
  choices: [
    { token: `q:solved:yes:${requestId}`, label: say('feedback.solved.yes') },
    { token: `q:solved:no:${requestId}`, label: say('feedback.solved.no') },
  ],
})

export function whatIsAsked(request: CardFacts): string {
  const named = request.programmes.map((p) => say(`programme.${p}`)).join('、')
  const needs = request.needs.map((n) => say(`need.${n}`)).join('、')
  return [named || say('programme.unknown'), needs].filter((part) => part !== '').join('：')
}

// --- internal

/** Their own words, or that there are none to read. */
function wordsOf({ details }: CardFacts): string {
  const words = mask(wordsTogether(details))
  return words.trim() === '' && details.byVoice ? say('voice.onCard') : words
}

export const communityOf = (request: CardFacts) =>
  request.community ?? (request.details.place ? mask(request.details.place) : say('community.unknown'))

const whoNeedsIt = (request: CardFacts) =>
  request.details.kin
    ? `居民的${request.details.kin.replace(/^我/u, '')}`
    : say(`subject.${request.subject ?? 'unknown'}`)

/** What the machine thinks it may be, and why; the coordinator decides. */
function guessInWords({ details, reasons }: CardFacts): string {
  const likely = (details.likely ?? []).map((p) => say(`programme.${p}`)).join('、')
  const parts = [likely === '' ? '' : `可能是${likely}`, reasons.join('、')].filter((part) => part !== '')
  return parts.length > 0 ? parts.join('；') : '看不出来'
}

/** Whether the resident may be phoned, never the number: that is a logged look (看电话). */
export function howToReach(request: CardFacts): string {
  const spoken = spokenToInWords(request.spokenTo)
  return spoken === '' ? reach(request) : `${reach(request)}\n${spoken}`
}

/** 怎么和居民说话: what they have asked for, for whoever will speak with them. */
export function spokenToInWords(spoken: CardFacts['spokenTo']): string {
  const wishes = [
    spoken.language === 'en' ? say('card.english') : spoken.language === 'zh-Hant' ? say('card.traditional') : '',
    spoken.minnan ? say('card.minnan') : '',
    spoken.plainWords ? say('card.plain') : '',
    spoken.slowly ? say('card.slowly') : '',
    spoken.readAloud ? say('card.aloud') : '',
  ].filter((wish) => wish !== '')
  return wishes.length === 0 ? '' : say('card.spokenTo', { wishes: wishes.join('、') })
}

function reach(request: CardFacts): string {
  if (request.textOnly) return say('contact.textOnly')
  if (request.details.contact === 'phone') return '联系：可以打电话，打“电话 编号”查看'
  return '联系：在这里发消息'
}
