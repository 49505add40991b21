import { randomUUID } from 'node:crypto'
import type { JobsOptions } from 'bullmq'
import type { Logger } from 'pino'
import type { JobQueue, JobWorker } from './backend.ts'
import { makeHands } from './hands.ts'
import { type Bell, type JobName, type Jobs, jobNames, type Ring } from './jobs.ts'
import { openPostgresqlBackend } from './postgresql.ts'
import { openRedisBackend } from './redis.ts'
import { within } from './within.ts'

/** Where the bells hang: a Redis for production, or the same PostgreSQL as the rows for a machine that has nothing else. */
export type QueueBackend =
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'postgresql'; readonly url: string }

export interface Bells {
  readonly ring: Ring
  /**
   * Begin to answer one bell. A handler that throws is rung again, later each time. What is rung here and now is answered
   * here while a hand is free, without a way through the queue: the row is as safe, and the sweep looks for it as for any.
   */
  work<N extends JobName>(job: N, handler: (ids: Jobs[N]) => Promise<void>, options?: { concurrency?: number }): void
  /** Resolves when the queue answers; rejects when it is down. */
  check(): Promise<void>
  /** Stop answering, wait for what is running (at most `closeWithinMs`), let go of the connections. */
  close(): Promise<void>
}

const times = {
  /** How long ringing may take before the queue counts as down; the sweep finds what was not rung. */
  ringWithinMs: 2_000,
  /** How long a stop waits for handlers; a turn takes milliseconds, a send at most twenty seconds. */
  closeWithinMs: 25_000,
  /** The same while the queue is down: its jobs cannot be ended there, and what runs for them takes milliseconds. */
  closeDownWithinMs: 5_000,
  /** After so long without a sign of life from its worker a job is given to another. */
  lostAfterMs: 30_000,
}
/** How long a stop waits for a connection to say goodbye. */
const hangUpWithinMs = 2_000
/** After a ring that failed, rings fail at once for so long; the sweep finds what was not rung. */
const restAfterFaultMs = 3_000
/** The braces keep all keys on one node of a Redis Cluster. */
const prefix = '{linbang}'

const jobOptions = {
  removeOnComplete: true,
  removeOnFail: { count: 200 },
  attempts: 6,
  backoff: { type: 'exponential', delay: 500 },
} satisfies JobsOptions
/** The first try was made here. */
const afterFirstTry = { attempts: 5, delay: 500, backoff: { type: 'exponential', delay: 1_000 } } satisfies JobsOptions

interface Deps extends Partial<typeof times> {
  readonly backend: QueueBackend
  /** The clock by which bells are due. How long the queue itself takes is measured by the machine's. */
  readonly now: () => Date
  readonly log: Logger
}

/** @throws Error with one clear line when the back end cannot be used (unreachable, too old, evicting). */
export async function openBells({ backend, now, log, ...given }: Deps): Promise<Bells> {
  const { ringWithinMs, closeWithinMs, closeDownWithinMs, lostAfterMs } = { ...times, ...given }
  const open = backend.kind === 'redis' ? await openRedisBackend(backend.url) : await openPostgresqlBackend(backend.url)
  const outage = makeOutageLog(log)
  const queues = new Map<JobName, JobQueue>()
  for (const name of jobNames) {
    const queue = open.queue(name, {
      prefix,
      defaultJobOptions: jobOptions,
      streams: { events: { maxLen: 100 } },
    })
    queue.on('error', outage.heard)
    queues.set(name, queue)
  }
  const workers: JobWorker[] = []
  const hands = makeHands(now)
  let closing = false
  let downUntil = 0
  const failed = (job: JobName, ids: unknown, attempt: number | undefined, error: unknown) => {
    if (!closing) log.error({ job, ids, attempt, fault: wordless(error) }, 'a job failed')
  }

  return {
    ring: async (given) => {
      const bells = given.filter((bell) => !hands.take(bell))
      if (bells.length === 0) return
      // While it is down nobody waits for it again and again: the sweep does the work, and a crisis is among it.
      if (Date.now() < downUntil) throw new Error('the queue did not answer a moment ago')
      await within(ringWithinMs, ringAll(queues, bells, now())).catch((error: unknown) => {
        downUntil = Date.now() + restAfterFaultMs
        throw error
      })
      outage.over()
    },
    work: (job, handler, { concurrency = 1 } = {}) => {
      hands.offer(job, concurrency, (ids) =>
        handler(ids).catch(async (error: unknown) => {
          failed(job, ids, 1, error)
          // With the queue down too, the sweep finds the row.
          const again = queues.get(job)?.add(job, ids, { jobId: randomUUID(), ...afterFirstTry })
          await again?.catch(outage.heard)
        }),
      )
      const worker = open.worker(job, (woken) => handler(woken.data as Jobs[typeof job]), {
        prefix,
        concurrency,
        lockDuration: lostAfterMs,
        stalledInterval: lostAfterMs / 2,
        maxStalledCount: 10,
      })
      worker.on('error', outage.heard)
      worker.on('failed', (woken, error) => failed(job, woken?.data, attemptOf(woken), error))
      workers.push(worker)
    },
    check: () => within(ringWithinMs, open.check()),
    close: async () => {
      closing = true
      const up = await within(ringWithinMs, open.check()).then(
        () => true,
        () => false,
      )
      const patienceMs = up ? closeWithinMs : Math.min(closeWithinMs, closeDownWithinMs)
      const closed = Promise.all([hands.lay(), ...workers.map((worker) => worker.close())])
      // What still runs then is not lost: its job is given to another, and its rows say what remains.
      await within(patienceMs, closed).catch(() => log.warn('jobs were still running when the queue was closed'))
      await within(hangUpWithinMs, ringAll(queues, hands.taken(), now())).catch(() => undefined)
      const queuesClosed = Promise.all([...queues.values()].map((queue) => queue.close()))
      await within(hangUpWithinMs, queuesClosed).catch(() => undefined)
      await within(hangUpWithinMs, open.end()).catch(() => undefined)
    },
  }
}

async function ringAll(queues: ReadonlyMap<JobName, JobQueue>, bells: readonly Bell[], now: Date): Promise<void> {
  for (const [name, queue] of queues) {
    const mine = bells.filter((bell) => bell.job === name)
    const jobs = mine.map(({ ids, at }) => ({
      name,
      data: ids,
      // Our own job id: without one every producer of a queue waits on its counter.
      opts: { jobId: randomUUID(), ...(at && at > now ? { delay: at.getTime() - now.getTime() } : {}) },
    }))
    const [only, ...others] = jobs
    if (!only) continue
    if (others.length === 0) await queue.add(name, only.data, only.opts)
    else await queue.addBulk(jobs)
  }
}

/** Counted from the first try, wherever it was made. */
function attemptOf(woken: { attemptsMade: number; opts: JobsOptions } | undefined): number | undefined {
  return woken && woken.attemptsMade + jobOptions.attempts - (woken.opts.attempts ?? jobOptions.attempts)
}

/** What went wrong and where, without the error's words: they may quote what somebody wrote. */
function wordless(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const at = error.stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return { type: error.name, ...('code' in error ? { code: error.code } : {}), at: at?.slice(0, 6) }
}

/** A queue that is down says so many times a second: one line at the start of an outage is enough. */
function makeOutageLog(log: Logger) {
  let told = false
  return {
    heard: (error: Error) => {
      if (!told) log.warn({ err: error }, 'the queue has a fault; bells go on as soon as it answers')
      told = true
    },
    over: () => {
      told = false
    },
  }
}
