import { DateTime } from 'luxon'
import type { Suggestion } from '../classify/classifier.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Rota } from '../domain/duty.ts'
import { acknowledgedBy } from '../domain/ladder.ts'
import type { ActiveContract, StaffRole } from '../domain/policy.ts'
import type { Preferences } from '../domain/preferences.ts'
import type { Urgency } from '../domain/taxonomy.ts'
import type { Choice } from '../domain/words.ts'
import type { NoticeFacts } from '../notices/facts.ts'
import type { ContractRow } from '../store/contracts.ts'
import type { Agreement, ToReview } from '../store/corrections.ts'
import type { LastToSpeak, NeedLineRow } from '../store/needs.ts'
import type { OpenOffer } from '../store/offers.ts'
import type { AgencyRates } from '../store/outcomes.ts'
import type { ReferralRow } from '../store/referrals.ts'
import type { HistoryLine, RequestRow } from '../store/requests.ts'
import type { SwapRow } from '../store/rota.ts'
import { sayClock } from '../texts/clock.ts'

/** Facts that every turn may need. */
export interface CommonView {
  readonly now: Date
  readonly calendar: Calendar
  readonly personId: number
  readonly notices: NoticeFacts
}

export type View = ResidentView | StaffView

/** What a turn may look at: facts read in the same transaction, nothing else. */

export interface ResidentView extends CommonView {
  readonly role: 'resident'
  readonly preferences: Preferences
  /** The newest answer to the notice; `undefined` when it was never answered. */
  readonly consented: boolean | undefined
  /** Requests of this person that are not final, oldest first. */
  readonly requests: readonly RequestRow[]
  readonly communities: ReadonlyMap<number, string>
  /** 兜底: who owns a request until somebody has accepted. */
  readonly coordinator: StaffFacts
  /** 负责人: leads of every agency. */
  readonly leads: readonly StaffFacts[]
  /** A request looked up by number and code, when the text asks for one. */
  readonly lookup: RequestRow | 'wrong' | 'too_many' | undefined
  /** What the words held before the yes to the notice mean; present only while the notice is open. */
  readonly heldSuggestion: Suggestion | undefined
  /** The notice that was replied to, or the newest of the last days; loaded when the text may be about one. */
  readonly notice: { readonly id: number; readonly text: string; readonly replied: boolean } | undefined
  /** What a recording that was read back means; present only while it waits for a yes. */
  readonly spokenSuggestion: Suggestion | undefined
  /** Colleagues with a need of a request whose words the resident answers, beside the lead worker. */
  readonly spoke: readonly LastToSpeak[]
  /** Recordings are written down by a machine here; without it only a person can tell what is in them. */
  readonly transcribes: boolean
  /** An invitation named in the text, if it is good. */
  /** 转介: agencies this resident was asked about and has not answered. */
  readonly referrals: readonly (ReferralRow & { readonly agency: string })[]
  /** What this person was told last, with the choices that are still open; loaded when it may have to be said again. */
  readonly lastSaid: LastSaid | undefined
  /** Who speaks in which chat; loaded when the turn is about that. */
  readonly speakers: Speakers | undefined
  /** 屏蔽: until when ordinary words of this person are not passed on. */
  readonly block: { readonly until: Date } | undefined
  readonly invite:
    | { readonly id: number; readonly staffId: number; readonly name: string; readonly role: StaffRole }
    | undefined
}

export interface Speakers {
  /** Drawn before the turn, because a turn rolls no dice. */
  readonly freshCode: string
  /** Chats of this person. */
  readonly chats: number
  /** Places of the people on this phone, and of the one who speaks. */
  readonly places: readonly number[]
  readonly place: number | undefined
  /** The code named in the text. */
  readonly said:
    | { readonly id: number; readonly personId: number; readonly addressId: number }
    | 'wrong'
    | 'too_many'
    | undefined
  /** The code that the tapped question was about. */
  readonly asked: { readonly id: number; readonly saidAtId: number; readonly mayMerge: boolean } | undefined
}

export interface LastSaid {
  readonly text: string
  readonly choices: readonly Choice[]
  readonly requestId: number | null
}

export interface StaffView extends CommonView {
  readonly role: 'worker' | 'coordinator' | 'volunteer'
  readonly staff: StaffFacts
  /** Open offers to this person, with their requests. */
  readonly offers: readonly { readonly offer: OpenOffer; readonly request: RequestRow }[]
  /** Requests this person owns or is assigned to, not final, oldest first. */
  readonly mine: readonly RequestRow[]
  /** Requests named by number in the text or by a button, whoever owns them. */
  readonly named: readonly NamedRequest[]
  /** 分工: needs in this person's hands or asked of them, and those of the requests named. */
  readonly lines: readonly NeedLineRow[]
  /** Requests of which a need is in this person's hands. */
  readonly helping: readonly RequestRow[]
  /** 合并: what is followed up with the requests above, each as far as that one has come. */
  readonly carried: readonly RequestRow[]
  /** Everybody in the directory (coordinators and leads only). */
  readonly directory: readonly StaffFacts[]
  /** All open requests (coordinators: all; leads: their agency's). */
  readonly open: readonly RequestRow[]
  readonly onDutyNow: readonly { readonly staffId: number; readonly because: string }[]
  readonly rota: Rota
  /** 回访: working minutes between closing and the question; 0 asks at once. */
  readonly followUpMinutes: number
  /** Contracts in force. */
  readonly contracts: readonly ActiveContract[]
  /** Swaps not over, asked or agreed; loaded when the talk is about them. */
  readonly swaps: readonly SwapRow[]
  /** A code for an invitation, drawn before the turn because a turn rolls no dice. */
  readonly freshCode: string
  /** 复核: the request whose labels should be looked at next; loaded when it was asked for. */
  readonly review: ToReview | undefined
  /** 一致率: loaded when it was asked for. */
  readonly agreement: { readonly honest: readonly Agreement[]; readonly all: readonly Agreement[] } | undefined
  readonly communities: ReadonlyMap<number, string>
  /** 台账: loaded when it was asked for. */
  readonly ledger: { readonly today: string; readonly contracts: readonly ContractRow[] } | undefined
  /** 成效: loaded when it was asked for. */
  readonly rates: readonly AgencyRates[] | undefined
  /** The agency's last contract has ended: nothing is seen or done here any more. */
  readonly accessEnded: boolean
}

export interface StaffFacts {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly role: StaffRole
  readonly agencyId: number | null
  readonly personId: number | null
  readonly skills: readonly string[]
}

export interface NamedRequest {
  readonly request: RequestRow
  /** Owner or assignee, or holder of an open offer. */
  readonly own: boolean
  readonly sameAgency: boolean
  /** A need of it is in their hands. */
  readonly helps: boolean
  /** Loaded for those who ask for the history. */
  readonly history: readonly HistoryLine[]
  readonly notes: readonly { readonly at: Date; readonly by: string; readonly text: string }[]
}

/** The clock time by which a named person will have answered, in words. */
export function answerBy(view: CommonView, urgency: Urgency): string {
  return sayAt(view, acknowledgedBy(urgency, view.now, view.calendar))
}

export function sayAt(view: CommonView, at: Date): string {
  // A promise already past is not repeated as a past time: say the next full five minutes instead.
  const soon = DateTime.fromJSDate(view.now).plus({ minutes: 5 }).toJSDate()
  return sayClock(at > view.now ? at : soon, view.now, view.calendar.zone)
}
