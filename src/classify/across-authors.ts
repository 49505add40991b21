import { makeCascade } from './cascade.ts'
import { type Corpus, firstAuthor, type LabelledText } from './corpus.ts'
import { type Evaluation, evaluate } from './evaluate.ts'
import { makeLearned } from './learned.ts'
import type { Model } from './model.ts'
import type { TrainingRow } from './train.ts'

/** How a model does on each author when trained on all the others: the guide for every choice, so that the held-out file need be none. */
export interface AuthorResult {
  readonly author: string
  readonly found: Evaluation
}

/**
 * One author after the other is left out. The first hand's lines are never the test: rules and lexicon were written beside them.
 * @param training makes a model of rows; called once an author.
 */
export async function acrossAuthors(
  { training }: Pick<Corpus, 'training'>,
  modelOf: (rows: readonly TrainingRow[]) => Promise<Model>,
): Promise<AuthorResult[]> {
  const authors = [...new Set(training.map((row) => row.author))].filter((author) => author !== firstAuthor)
  const results: AuthorResult[] = []
  for (const author of authors) {
    const model = await modelOf(training.filter((row) => row.author !== author))
    const classify = makeCascade({ detectors: [makeLearned(() => model)], onFailure: raise })
    const test = training.filter((row) => row.author === author).map(asLabelled)
    results.push({ author, found: await evaluate(test, classify) })
  }
  return results
}

const heads = ['intent', 'programme', 'need', 'urgency', 'subject'] as const

/** One line an author, and their mean; F1 with the calibration error behind it. */
export function acrossInWords(results: readonly AuthorResult[]): string {
  const mean = (of: (found: Evaluation) => number) =>
    results.reduce((sum, { found }) => sum + of(found), 0) / Math.max(1, results.length)
  const line = (name: string, texts: number, value: (of: (found: Evaluation) => number) => number) =>
    [
      name.padEnd(8),
      String(texts).padStart(5),
      ...heads.map((head) =>
        `${value((found) => found.heads[head].macroF1).toFixed(3)} (${value((found) => found.heads[head].calibrationError).toFixed(3)})`.padStart(
          16,
        ),
      ),
      value((found) => found.crisis.recall)
        .toFixed(3)
        .padStart(10),
      `${(value((found) => found.crisis.falseAlarms) * 100).toFixed(2)} %`.padStart(10),
    ].join('')
  return [
    `${'author'.padEnd(8)}texts${heads.map((head) => head.padStart(16)).join('')}    crisis   false al.`,
    ...results.map(({ author, found }) => line(author, found.rows, (of) => of(found))),
    line(
      'mean',
      results.reduce((sum, { found }) => sum + found.rows, 0),
      mean,
    ),
  ].join('\n')
}

// --- internal

const asLabelled = ({ text, labels: { crisis: _, crisisKind: __, ...labels } }: TrainingRow): LabelledText => ({
  text,
  ...labels,
  programmes: labels.programmes ? [...labels.programmes] : undefined,
  needs: labels.needs ? [...labels.needs] : undefined,
})

function raise(name: string, error: unknown): never {
  throw new Error(name, { cause: error })
}
