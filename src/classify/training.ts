import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Corpus, readCorpus } from './corpus.ts'
import { type HeadName, type Model, readModel, writeModel } from './model.ts'
import { assembled, shares, type TrainedPart, type TrainingRow } from './train.ts'

/**
 * The version a model trained from these rows would have: the corpus, the corrections, and the code that trains (rules and
 * lexicon are in it, because they are among the features). The same inputs give the same version on every machine.
 */
export function versionFor(
  corpus: Corpus,
  { worker }: Pick<TrainingFiles, 'worker'>,
  corrections: readonly TrainingRow[] = [],
): string {
  const hash = createHash('sha256').update(corpus.fingerprint).update(readFileSync(worker))
  for (const row of corrections) hash.update(JSON.stringify(row))
  return `m-${hash.digest('hex').slice(0, 10)}`
}

/** Where training finds its parts in an installed Linbang. */
export interface TrainingFiles {
  readonly corpusDir: string
  /** The built `train-worker.ts`. */
  readonly worker: string
  /** Where the model of this installation is kept. */
  readonly model: string
}

export const trainingFiles = (root: string): TrainingFiles => ({
  corpusDir: join(root, 'src', 'classify', 'corpus'),
  worker: join(root, 'dist', 'train-worker.js'),
  model: join(root, 'dist', 'model.bin'),
})

/** Trains beside the running program, in a thread for each share, so that no message waits. @throws when training fails. */
export async function trainInThread(
  rows: readonly TrainingRow[],
  version: string,
  { worker }: Pick<TrainingFiles, 'worker'>,
): Promise<Model> {
  return assembled(await Promise.all(shares.map((names) => partInThread(rows, names, worker))), version)
}

function partInThread(rows: readonly TrainingRow[], names: readonly HeadName[], file: string): Promise<TrainedPart> {
  return new Promise((trained, failed) => {
    const worker = new Worker(file, { workerData: { rows, names } })
    worker.once('message', (part: TrainedPart) => trained(part))
    worker.once('error', failed)
    worker.once('exit', (code) => failed(new Error(`a training thread ended without its heads (exit ${code})`)))
  })
}

/**
 * The model that comes with this version of Linbang: trained from the corpus once and kept in a file, trained again when
 * corpus, rules or recipe have changed.
 */
export async function baseModel(files: TrainingFiles): Promise<{ model: Model; corpus: Corpus }> {
  const corpus = readCorpus(files.corpusDir)
  const version = versionFor(corpus, files)
  const kept = keptModel(files.model)
  if (kept?.version === version) return { model: kept, corpus }
  const model = await trainInThread(corpus.training, version, files)
  await keep(files.model, model)
  return { model, corpus }
}

/** A directory that may not be written to means training again at the next start, nothing worse. */
async function keep(file: string, model: Model): Promise<void> {
  // Written aside and moved: another process may be reading or writing it now.
  const draft = `${file}.${process.pid}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(draft, writeModel(model))
    await rename(draft, file)
  } catch {
    await rm(draft, { force: true }).catch(() => undefined)
  }
}

function keptModel(file: string): Model | undefined {
  try {
    return readModel(readFileSync(file))
  } catch {
    return undefined
  }
}
