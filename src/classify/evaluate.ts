import { intents, needs, programmes, subjects, urgencies } from '../domain/taxonomy.ts'
import type { Classify, Proposed, Suggestion } from './classifier.ts'
import type { LabelledText } from './corpus.ts'

/** How well a classifier agrees with labelled texts. A label that a row does not give is not counted. */
export interface Evaluation {
  readonly rows: number
  readonly heads: { readonly [head in ScoredHead]: HeadScore }
  readonly crisis: {
    readonly all: number
    /** Share of texts labelled crisis that were heard as one. */
    readonly recall: number
    /** Share of all other texts that were taken for one. */
    readonly falseAlarms: number
    readonly missed: readonly string[]
    readonly falsely: readonly string[]
  }
  /** Intent said (rows) against intent found (columns), in the order of the labels. */
  readonly confusion: readonly (readonly number[])[]
  /** Where the classifier was surest and wrong. */
  readonly worst: readonly {
    readonly text: string
    readonly head: ScoredHead
    readonly said: string
    readonly found: string
    readonly confidence: number
  }[]
}

export type ScoredHead = 'intent' | 'programme' | 'need' | 'urgency' | 'subject'

export interface HeadScore {
  readonly labels: readonly LabelScore[]
  /** Mean of the labels' F1, each label counting the same; labels nobody gave are left out. */
  readonly macroF1: number
  /** Expected calibration error over ten bins: how far confidence and being right are apart. */
  readonly calibrationError: number
}

export interface LabelScore {
  readonly label: string
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly support: number
}

export async function evaluate(rows: readonly LabelledText[], classify: Classify): Promise<Evaluation> {
  const seen: Seen[] = []
  for (const row of rows) seen.push({ row, found: await classify(row.text, { gazetteer: [] }) })
  return {
    rows: rows.length,
    heads: {
      intent: one(
        seen,
        intents,
        (row) => row.intent,
        (found) => found.intent,
      ),
      programme: many(
        seen,
        programmes,
        (row) => row.programmes,
        (found) => found.programmes,
      ),
      need: many(
        seen,
        needs,
        (row) => row.needs,
        (found) => found.needs,
      ),
      urgency: one(
        seen,
        urgencies,
        (row) => row.urgency,
        (found) => found.urgency,
      ),
      subject: one(
        seen.filter(({ row }) => row.intent === undefined || row.intent === 'help_request'),
        subjects,
        (row) => row.subject,
        (found) => found.subject ?? { label: 'self', confidence: 0.5 },
      ),
    },
    crisis: crisisScore(seen),
    confusion: intents.map((said) =>
      intents.map((found) => seen.filter((s) => s.row.intent === said && s.found.intent.label === found).length),
    ),
    worst: worstOf(seen),
  }
}

// --- internal

interface Seen {
  readonly row: LabelledText
  readonly found: Suggestion
}

interface Bet {
  readonly confidence: number
  readonly right: boolean
}

function one<L extends string>(
  seen: readonly Seen[],
  labels: readonly L[],
  said: (row: LabelledText) => L | undefined,
  found: (found: Suggestion) => { label: L; confidence: number },
): HeadScore {
  const pairs = seen.flatMap(({ row, found: f }) => {
    const truth = said(row)
    return truth === undefined ? [] : [{ truth, guess: found(f) }]
  })
  return score(
    labels.map((label) =>
      counted(
        label,
        pairs.map((p) => [p.truth === label, p.guess.label === label]),
      ),
    ),
    pairs.map((p) => ({ confidence: p.guess.confidence, right: p.truth === p.guess.label })),
  )
}

function many<L extends string>(
  seen: readonly Seen[],
  labels: readonly L[],
  said: (row: LabelledText) => readonly L[] | undefined,
  found: (found: Suggestion) => readonly Proposed<L>[],
): HeadScore {
  const bets: Bet[] = []
  const scores = labels.map((label) => {
    const pairs = seen.flatMap(({ row, found: f }): [boolean, boolean][] => {
      const truth = said(row)
      if (truth === undefined) return []
      const guess = found(f).find((proposed) => proposed.label === label)
      bets.push({ confidence: guess?.confidence ?? 0, right: truth.includes(label) })
      return [[truth.includes(label), guess?.given ?? false]]
    })
    return counted(label, pairs)
  })
  return score(scores, bets)
}

function counted(label: string, pairs: readonly (readonly [said: boolean, found: boolean])[]): LabelScore {
  const both = pairs.filter(([said, found]) => said && found).length
  const support = pairs.filter(([said]) => said).length
  const claimed = pairs.filter(([, found]) => found).length
  const precision = claimed === 0 ? 0 : both / claimed
  const recall = support === 0 ? 0 : both / support
  return { label, precision, recall, support, f1: both === 0 ? 0 : (2 * precision * recall) / (precision + recall) }
}

function score(labels: readonly LabelScore[], bets: readonly Bet[]): HeadScore {
  const given = labels.filter((label) => label.support > 0)
  const macroF1 = given.reduce((sum, label) => sum + label.f1, 0) / Math.max(1, given.length)
  return { labels, macroF1, calibrationError: calibrationError(bets) }
}

function calibrationError(bets: readonly Bet[]): number {
  const bins = Array.from({ length: 10 }, (): Bet[] => [])
  for (const bet of bets) bins[Math.min(9, Math.floor(bet.confidence * 10))]?.push(bet)
  const mean = (bin: readonly Bet[], of: (bet: Bet) => number) =>
    bin.reduce((sum, bet) => sum + of(bet), 0) / bin.length
  return bins
    .filter((bin) => bin.length > 0)
    .reduce(
      (sum, bin) =>
        sum +
        (bin.length / bets.length) * Math.abs(mean(bin, (b) => b.confidence) - mean(bin, (b) => (b.right ? 1 : 0))),
      0,
    )
}

function crisisScore(seen: readonly Seen[]): Evaluation['crisis'] {
  const known = seen.filter(({ row }) => row.urgency !== undefined)
  const real = known.filter(({ row }) => row.urgency === 'crisis')
  const calm = known.filter(({ row }) => row.urgency !== 'crisis')
  const missed = real.filter(({ found }) => found.urgency.label !== 'crisis')
  const falsely = calm.filter(({ found }) => found.urgency.label === 'crisis')
  return {
    all: real.length,
    recall: real.length === 0 ? 1 : 1 - missed.length / real.length,
    falseAlarms: calm.length === 0 ? 0 : falsely.length / calm.length,
    missed: missed.map(({ row }) => row.text),
    falsely: falsely.map(({ row }) => row.text),
  }
}

const worstShown = 12

function worstOf(seen: readonly Seen[]): Evaluation['worst'] {
  return seen
    .flatMap(({ row, found }) => {
      const text = row.text
      const wrong: Evaluation['worst'][number][] = []
      const { intent } = found
      if (row.intent !== undefined && row.intent !== intent.label)
        wrong.push({ text, head: 'intent', said: row.intent, found: intent.label, confidence: intent.confidence })
      for (const { label, confidence, given } of found.programmes)
        if (given && row.programmes && !row.programmes.includes(label))
          wrong.push({ text, head: 'programme', said: row.programmes.join(' ') || '-', found: label, confidence })
      for (const { label, confidence, given } of found.needs)
        if (given && row.needs && !row.needs.includes(label))
          wrong.push({ text, head: 'need', said: row.needs.join(' ') || '-', found: label, confidence })
      return wrong
    })
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, worstShown)
}
