import type { Logger } from 'pino'
import { mask } from '../domain/mask.ts'
import { enqueue } from '../outbox/enqueue.ts'
import type { Db } from '../store/db.ts'
import { requestsNamed } from '../store/requests.ts'
import type { Seal } from '../store/secrets.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'

export interface SummariseDeps {
  readonly db: Db
  readonly seal: Seal
  /** Two lines on a long plea; unset: no language model. */
  readonly summarise: ((text: string) => Promise<string>) | undefined
  readonly inTurn: InTurn
  readonly log: Logger
}

/** Shorter pleas are read as fast as their summary. */
const worthSummarising = 80
const longestShown = 120

/** 【智能生成】: two lines for the worker who has just taken a long plea. A comfort: when it fails, nothing is missing. */
export function makeSummariseFor({ db, seal, summarise, inTurn, log }: SummariseDeps) {
  return async ({ requestId }: { requestId: number }): Promise<void> => {
    if (!summarise) return
    const [request] = await requestsNamed(db, seal, { ids: [requestId] })
    const words = request?.details.words.join('\n') ?? ''
    const personId = request?.assignee?.personId
    if (!request || personId == null || request.status !== 'active' || words.length < worthSummarising) return
    let summary: string
    try {
      summary = await summarise(words)
    } catch (error) {
      log.warn({ err: error, requestId }, 'no summary was made')
      return
    }
    const text = say('summary', { number: request.number, text: [...mask(summary)].slice(0, longestShown).join('') })
    await inTurn(async ({ tx, bells, now }) => {
      const dedupeKey = `summary:${requestId}:${request.assignee?.id ?? 0}`
      await enqueue(tx, bells, seal, { personId, requestId, dedupeKey, priority: 2, outbound: { text } }, now)
    })
  }
}
