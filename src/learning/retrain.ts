import { DateTime } from 'luxon'
import type { Logger } from 'pino'
import { makeCascade } from '../classify/cascade.ts'
import type { Corpus } from '../classify/corpus.ts'
import { evaluate } from '../classify/evaluate.ts'
import { type Scores, scoresOf, whyRefused } from '../classify/examination.ts'
import { makeLearned } from '../classify/learned.ts'
import { type Model, writeModel } from '../classify/model.ts'
import { trainInThread, versionFor } from '../classify/training.ts'
import { countCorrections, everythingTaught } from '../store/corrections.ts'
import type { Db } from '../store/db.ts'
import { claimTraining, insertModel, lastTraining, modelInUse, setModelInUse } from '../store/models.ts'
import type { Seal } from '../store/secrets.ts'
import { lessonsFrom } from './lessons.ts'

export interface RetrainDeps {
  readonly db: Db
  readonly seal: Seal
  readonly corpus: Corpus
  readonly base: Model
  /** The model in use now. */
  readonly current: () => Model
  /** The crisis lexicon alone. */
  readonly gate: (text: string) => unknown
  /** The built training thread. */
  readonly worker: string
  readonly now: () => Date
  readonly log: Logger
}

export interface Retrained {
  readonly version: string
  readonly lessons: number
  readonly scores: Scores
  /** Why it is not used: in words; `undefined`: it is in use. */
  readonly refused: string | undefined
}

/** So many new corrections are worth a training at once; fewer are learned in the night. */
const enoughCorrections = 20
const restMs = 20 * 3_600_000

/** Trains on corpus and corrections, examines the result, keeps it, and uses it if it may. */
export function makeRetrain(deps: RetrainDeps): () => Promise<Retrained> {
  const { db, seal, corpus, base, current, gate, worker, now, log } = deps
  return async () => {
    const lessons = lessonsFrom(await everythingTaught(db, seal), gate)
    const version = lessons.length === 0 ? base.version : versionFor(corpus, { worker }, lessons)
    const inUse = await modelInUse(db)
    const trained =
      lessons.length === 0 ? base : await trainInThread([...corpus.training, ...lessons], version, { worker })
    const scores = await examined(trained, corpus)
    const worse = whyRefused(await examined(current(), corpus), scores)
    const row = { version, corrections: lessons.length, base: base.version, scores: { ...scores }, at: now() }
    await insertModel(db, { ...row, written: writeModel(trained), refused: worse ?? null })
    const refused = worse ?? (inUse?.chosen ? `a person chose ${inUse.version}` : undefined)
    if (refused === undefined) await setModelInUse(db, { version, chosen: false })
    log.info({ version, lessons: lessons.length, refused }, 'a model was trained')
    return { version, lessons: lessons.length, scores, refused }
  }
}

/** Trains when there is enough to learn, at most one process at a time. */
export function makeLearn(deps: RetrainDeps & { readonly zone: string }): () => Promise<void> {
  const retrain = makeRetrain(deps)
  const { db, now, zone } = deps
  return async () => {
    const [count, last] = await Promise.all([countCorrections(db), lastTraining(db)])
    const fresh = count - (last?.corrections ?? 0)
    const rested = last === undefined || now().getTime() - last.at.getTime() >= restMs
    if (fresh < enoughCorrections && !(fresh > 0 && rested && isNight(now(), zone))) return
    if (await claimTraining(db, last, now(), count)) await retrain()
  }
}

/** Two to five in the morning: when the fewest people wait. */
function isNight(at: Date, zone: string): boolean {
  const { hour } = DateTime.fromJSDate(at, { zone })
  return hour >= 2 && hour < 5
}

async function examined(model: Model, corpus: Corpus): Promise<Scores> {
  const classify = makeCascade({ detectors: [makeLearned(() => model)], onFailure: () => undefined })
  return scoresOf(await evaluate(corpus.gold, classify))
}
