import type { Crisis, Suggestion } from '../classify/classifier.ts'
import type { Details } from '../domain/details.ts'
import type { ServiceKind } from '../domain/ledger.ts'
import type { Preferences } from '../domain/preferences.ts'
import type { Description, RequestStep } from '../domain/request-step.ts'
import type { Need } from '../domain/taxonomy.ts'
import type { VolunteerTask } from '../domain/volunteer-task.ts'
import type { Choice, OutboundMedia } from '../domain/words.ts'
import type { CorrectedHead } from '../store/corrections.ts'
import type { NeedLineRow } from '../store/needs.ts'
import type { RequestRow } from '../store/requests.ts'
import type { NewException, NewSwap } from '../store/rota.ts'
import type { NoticeAnswer, NoticeOrder } from './notice-order.ts'
import type { ConversationState } from './state.ts'
import type { StaffFacts } from './view.ts'

/** What goes into a turn and what comes out of it. */

/** What one person said or did, after fragments were gathered and numbers were matched to choices. */
export type Event =
  | {
      readonly kind: 'said'
      readonly text: string
      readonly suggestion: Suggestion
      /** The request that the message replied to belongs to, when the person used "reply". */
      readonly about?: number
    }
  | { readonly kind: 'chose'; readonly token: string; readonly label: string }
  | {
      readonly kind: 'sent'
      readonly media: OutboundMedia
      /** Its channel has written it down: the words follow. */
      readonly recognised?: true
      readonly caption?: string
      readonly about?: number
    }
  /** 机器转写 of a recording that came before. */
  | { readonly kind: 'transcribed'; readonly text: string }
  | { readonly kind: 'showed'; readonly what: 'sticker' | 'location' | 'unsupported' | 'empty'; readonly text?: string }
  | { readonly kind: 'started'; readonly code?: string }
  /** The gate at the door heard a crisis: the first answer is sent and the request is open. */
  | { readonly kind: 'crisis'; readonly text: string; readonly crisis: Crisis; readonly requestId: number }

/** A short answer that fits a notice as well as the question it came in between: it is not guessed which is meant. */
export interface Ambiguous {
  readonly kind: 'either'
  readonly said: string
  readonly choices: readonly Choice[]
}

/** What a turn wants done, in order; `run.ts` writes all of it or none. */
export type Effect =
  /** `at`: at this chat of theirs and, while it can be reached, no other. */
  | ({ readonly do: 'say'; readonly to?: number; readonly at?: number; readonly requestId?: number } & SayOptions)
  | { readonly do: 'open'; readonly opening: Opening; readonly steps: readonly RequestStep[] }
  | { readonly do: 'step'; readonly request: Seen; readonly step: RequestStep }
  | {
      readonly do: 'details'
      readonly request: Seen
      readonly details: Details
      readonly textOnly?: boolean
      /** What the classifier made of the newest words. */
      readonly understood?: { readonly classifiedBy: string; readonly reasons: string[]; readonly confidence: number }
    }
  /** What a person says the labels are, right or wrong as they were. */
  | {
      readonly do: 'correct'
      readonly request: Pick<RequestRow, 'id' | 'classifiedBy'>
      readonly head: CorrectedHead
      readonly before: readonly string[]
      readonly after: readonly string[]
      readonly why: 'work' | 'uncertain' | 'random'
    }
  | { readonly do: 'consent'; readonly purpose: string; readonly given: boolean }
  /** Offer it to one named person, outside the turn of the queue. */
  | { readonly do: 'offer'; readonly request: Seen; readonly staffId: number; readonly because: string }
  | { readonly do: 'note'; readonly request: Seen; readonly text: string }
  | {
      readonly do: 'feedback'
      readonly requestId: number
      readonly solved?: boolean
      readonly satisfied?: 'yes' | 'partly' | 'no'
    }
  /** Heard only in the fragments together, after the door let each of them pass. */
  | { readonly do: 'crisis'; readonly crisis: Crisis; readonly text: string }
  /** 关联: a code to be said in another chat. */
  | { readonly do: 'make_link'; readonly code: string; readonly expiresAt: Date }
  | { readonly do: 'say_link'; readonly linkId: number }
  | { readonly do: 'link' | 'refuse_link'; readonly link: { readonly id: number; readonly saidAtId: number } }
  | { readonly do: 'part_chats' }
  | { readonly do: 'answer_here' }
  /** 换人: somebody else speaks on this phone now. */
  | { readonly do: 'hand_phone'; readonly place: number | 'new' }
  /** 屏蔽 and its end: by a coordinator, of the resident of this request. */
  | { readonly do: 'block'; readonly personId: number; readonly reason: string; readonly until: Date }
  | { readonly do: 'lift_block'; readonly personId: number }
  | { readonly do: 'prefer'; readonly change: Partial<Preferences> }
  | { readonly do: 'join'; readonly inviteId: number; readonly staffId: number }
  | { readonly do: 'invite'; readonly staffId: number; readonly code: string }
  | ({ readonly do: 'duty' } & Omit<NewException, 'staffId'>)
  /** 销假: what was said of oneself ends now. */
  | { readonly do: 'end_exceptions' }
  /** 换班, asked of the colleague or (顶班, 代换班) already settled; the others concerned are told. */
  | ({ readonly do: 'swap' } & Omit<NewSwap, 'askedById' | 'askedAt'>)
  | { readonly do: 'answer_swap'; readonly swapId: number; readonly answer: 'accepted' | 'declined' | 'undone' }
  /** 服务记录: a contact the worker has confirmed. */
  | {
      readonly do: 'service'
      readonly request: RequestRow
      readonly kind: ServiceKind
      readonly minutes: number
      readonly need: Need | null
    }
  | { readonly do: 'undo_service'; readonly serviceId: number }
  /** 同户 */
  | { readonly do: 'household'; readonly one: number; readonly other: number }
  /** 分工: ask a colleague to see to one need; `task` is all that a volunteer is told. */
  | {
      readonly do: 'ask_need'
      readonly request: RequestRow
      readonly need: Need
      readonly to: StaffFacts
      readonly task: VolunteerTask | null
    }
  | {
      readonly do: 'answer_need'
      readonly line: NeedLineRow
      readonly answer: 'taken' | 'declined' | 'done' | 'released'
    }
  /** 转介: ask the resident whether this agency may be told. */
  | { readonly do: 'ask_referral'; readonly request: RequestRow; readonly toAgencyId: number; readonly agency: string }
  | { readonly do: 'answer_referral'; readonly referralId: number; readonly answer: 'refused' | 'sent' }
  /** 合并: `from` is followed up with `into` from now on. 拆开: on its own again. */
  | { readonly do: 'merge' | 'unmerge'; readonly from: RequestRow; readonly into: RequestRow }
  | { readonly do: 'looked'; readonly requestId: number; readonly what: string }
  | { readonly do: 'wrong_code' }
  /** 工作台: a link to it, or the end of it. */
  | { readonly do: 'desk'; readonly act: 'open' | 'leave' }
  /** 发通知, and what a receiver does with one. */
  | { readonly do: 'notice'; readonly order: NoticeOrder }
  | { readonly do: 'notice_answer'; readonly answer: NoticeAnswer }

export interface SayOptions {
  readonly text: string
  readonly choices?: readonly Choice[]
  readonly media?: OutboundMedia
  readonly relayFrom?: 'resident' | 'worker'
  /** Names this message: under one name it is said once. */
  readonly once?: string
}

export interface Opening {
  readonly description: Description
  readonly details: Details
  readonly textOnly: boolean
  readonly classifiedBy: string
  readonly reasons: readonly string[]
  readonly confidence: number | null
}

/** The request as the turn saw it: a step on another version is decided anew. */
export type Seen = Pick<RequestRow, 'id' | 'version'>

export interface Turned {
  readonly state: ConversationState
  readonly effects: readonly Effect[]
}
