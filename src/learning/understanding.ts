import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { type Detector, makeCascade } from '../classify/cascade.ts'
import type { Classify, Crisis } from '../classify/classifier.ts'
import type { Corpus } from '../classify/corpus.ts'
import { crisisGate } from '../classify/crisis.ts'
import { makeGate, makeLearned } from '../classify/learned.ts'
import { type AskLlm, type LlmSettings, makeAskLlm, makeLlmBreaker, makeSummarise } from '../classify/llm.ts'
import { LlmLabels } from '../classify/llm-answer.ts'
import type { Model } from '../classify/model.ts'
import { readPrompt } from '../classify/prompt.ts'
import { makeSecondOpinion } from '../classify/second-opinion.ts'
import { baseModel, trainingFiles } from '../classify/training.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { type Models, makeModels } from './models.ts'
import { makeLearn } from './retrain.ts'

/** Everything by which this process understands a message, and how it goes on learning. */
export interface Understanding {
  readonly classify: Classify
  /** The crisis gate at the door. */
  readonly gate: (text: string) => Crisis | undefined
  /** 【智能生成】; unset without a language model. */
  readonly summarise: AskLlm<string> | undefined
  /** Look whether another model was chosen. */
  refresh(): Promise<void>
  /** Train, if there is enough to learn. */
  learn(): Promise<void>
}

interface Deps {
  readonly db: Db
  readonly seal: Seal
  readonly root: string
  readonly zone: string
  readonly llm: LlmSettings | undefined
  readonly now: () => Date
  readonly log: Logger
}

/** Rules always; the trained model where it could be trained; a language model where one is set. None of them is needed to start. */
export async function openUnderstanding(deps: Deps): Promise<Understanding> {
  const { llm, now, log } = deps
  const learned = await openLearned(deps)
  const parts = { breaker: makeLlmBreaker(), now }
  const prompt = (name: string) => readPrompt(readFileSync(join(deps.root, 'prompts', `${name}.md`), 'utf8'))
  const asks = llm ? { labels: prompt('classify'), summary: makeSummarise(llm, prompt('summary'), parts) } : undefined
  const detectors: Detector[] = [
    ...(learned ? [makeLearned(learned.models.current)] : []),
    ...(llm && asks
      ? [makeSecondOpinion(makeAskLlm(llm, asks.labels, LlmLabels, parts), `llm:${llm.model}@${asks.labels.version}`)]
      : []),
  ]
  return {
    classify: makeCascade({
      detectors,
      onFailure: (name, error) => log.warn({ err: error, name }, 'a detector failed'),
    }),
    gate: learned
      ? makeGate(learned.models.current, crisisGate, (error) => log.error({ err: error }, 'the crisis head failed'))
      : crisisGate,
    summarise: asks?.summary,
    refresh: async () => learned?.models.refresh(),
    learn: async () => learned?.learn(),
  }
}

// --- internal

interface Learned {
  readonly models: Models
  readonly learn: () => Promise<void>
}

async function openLearned({ db, seal, root, zone, now, log }: Deps): Promise<Learned | undefined> {
  const files = trainingFiles(root)
  let base: Model
  let corpus: Corpus
  try {
    const trained = await baseModel(files)
    base = trained.model
    corpus = trained.corpus
  } catch (error) {
    log.error({ err: error }, 'no model could be trained: the rules and the crisis lexicon work alone')
    return undefined
  }
  const models = makeModels({ db, base, log })
  await models.refresh()
  const parts = { db, seal, corpus, base, current: models.current, gate: crisisGate, worker: files.worker, now, log }
  return { models, learn: makeLearn({ ...parts, zone }) }
}
