import type { NoticeKind, NoticeStatus } from './notice.ts'

/** What the desk's page is given and what it sends: said once for the server that makes it and the page that shows it. */

export const deskActs = [
  'propose',
  'send_alone',
  'drop',
  'approve',
  'refuse',
  'take_back',
  'pause',
  'go_on',
  'stop',
  'correct',
  'withdraw',
] as const
export type DeskAct = (typeof deskActs)[number]

/** One line of the list. */
export interface NoticeLine {
  readonly id: number
  readonly status: NoticeStatus
  readonly state: string
  readonly kind: string
  readonly first: string
  readonly author: string
  readonly own: boolean
  readonly done: number
  readonly all: number
}

export interface NoticeList {
  readonly drafts: readonly NoticeLine[]
  readonly notices: readonly NoticeLine[]
}

export interface NoticeShown extends NoticeLine {
  readonly version: number
  readonly kindName: NoticeKind
  /** It may still become another kind. */
  readonly mayChangeKind: boolean
  readonly emergency: boolean
  readonly text: string
  readonly more: string
  /** Read back in words; empty while nobody is named. */
  readonly audience: string
  /** The same as a sentence that can be changed and sent again; empty when there is no such sentence. */
  readonly sentence: string
  /** Local time of the district as `YYYY-MM-DDTHH:mm`; empty: not said. */
  readonly startAt: string
  readonly expiresAt: string
  readonly approvedBy: string
  readonly acts: readonly DeskAct[]
  readonly progress: Progress | undefined
}

export interface Progress {
  readonly percent: number
  /** The rate and when it will be done, or what it waits for. */
  readonly pace: readonly string[]
  readonly outcomes: readonly string[]
  readonly signedUp: string
  readonly unreached: readonly string[]
  readonly over: boolean
}

export interface Preview {
  readonly count: string
  readonly lines: readonly string[]
  readonly samples: readonly string[]
  readonly nobody: boolean
}

/** What the page changes of a draft it has seen at `version`. */
export interface DraftSent {
  readonly version: number
  readonly text?: string
  readonly more?: string
  readonly kind?: 'notice' | 'activity' | 'emergency'
  readonly audience?: string
  readonly startAt?: string
  readonly expiresAt?: string
}

/** Who sits here, and what the page checks words and audiences with. */
export interface DeskFacts {
  readonly name: string
  readonly links: readonly string[]
  readonly templates: readonly { readonly name: string; readonly kind: string; readonly text: string }[]
  readonly streets: readonly string[]
  readonly communities: readonly { readonly id: number; readonly street: string; readonly names: readonly string[] }[]
}

/** One open request as the watch shows it. */
export interface WatchLine {
  readonly number: number
  readonly urgency: string
  readonly urgent: boolean
  readonly programme: string
  readonly community: string
  readonly state: string
  readonly owner: string
  readonly by: string
  readonly late: boolean
  readonly next: string
}

export interface RequestShown {
  readonly line: WatchLine
  readonly history: readonly string[]
  readonly notes: readonly string[]
}
