import type { CrisisKind, Intent, Need, Programme, Subject, Urgency } from '../domain/taxonomy.ts'

/**
 * THE CONTRACT of classification. A suggestion, with its reasons; a person confirms. Nothing may lower an urgency.
 * Another classifier is one file here, its contract-test file and one line in `app.ts`.
 */
export type Classify = (text: string, context: ClassifyContext) => Promise<Suggestion>

export interface ClassifyContext {
  /** 地名: the communities that exist now, with everything people call them. */
  readonly gazetteer: readonly GazetteerEntry[]
}

export interface GazetteerEntry {
  readonly communityId: number
  readonly community: string
  readonly street: string
  readonly aliases: readonly string[]
}

/** One label with how sure the classifier is, 0 to 1. */
export interface Scored<T extends string> {
  readonly label: T
  readonly confidence: number
}

/** From this confidence one label of several alternatives is believed; below it is only a possibility. */
export const sureEnough = 0.5

/**
 * From this confidence a programme is filed without a question. Between the two the resident is asked once, the likely
 * ones first; without an answer a coordinator decides. Measured share of right answers above it: docs/classification.md.
 */
export const sureOfProgramme = 0.8

/** One of several labels a text may carry at once. */
export interface Proposed<T extends string> extends Scored<T> {
  /** Strong enough to stand on the request. Rare labels need less confidence than common ones to be right as often as not. */
  readonly given: boolean
}

/** Why a label was given, in words a social worker reads: `提到 轮椅、残疾证 → 关爱残疾人`. */
export interface Reason {
  readonly label: Intent | Need | Programme | Urgency | Subject
  readonly because: string
}

export interface Suggestion {
  readonly intent: Scored<Intent>
  /** Most likely first; empty when the text does not say. */
  readonly programmes: readonly Proposed<Programme>[]
  readonly needs: readonly Proposed<Need>[]
  readonly urgency: Scored<Urgency>
  /** Who needs the help; `undefined` when the text does not say. */
  readonly subject: Scored<Subject> | undefined
  readonly crisis: Crisis | undefined
  readonly slots: Slots
  readonly reasons: readonly Reason[]
  /** Overall, 0 to 1: the lowest of the confidences a decision would rest on. */
  readonly confidence: number
  /** Which rules or model said so; stored with the request. */
  readonly by: string
}

/** `explicit`: the words themselves say it. `veiled`: hints that a person must look at now (不想拖累你们). */
export interface Crisis {
  readonly kind: CrisisKind
  readonly tier: 'explicit' | 'veiled'
  readonly because: string
}

export interface Slots {
  readonly phone?: string
  /** Communities the text may mean; one: it is clear; several: ask which. */
  readonly communityIds: readonly number[]
  /** What the sender calls the person who needs help: 我妈, 邻居. */
  readonly kin?: string
  readonly name?: string
  /** 只能打字: must never be phoned. */
  readonly textOnly?: boolean
}

/** Nothing could be made of a text: honestly unknown, for a person to read. */
export const nothingHeard: Suggestion = {
  intent: { label: 'other', confidence: 0 },
  programmes: [],
  needs: [],
  urgency: { label: 'normal', confidence: 0 },
  subject: undefined,
  crisis: undefined,
  slots: { communityIds: [] },
  reasons: [],
  confidence: 0,
  by: 'none',
}
