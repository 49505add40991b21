import type { JobsOptions, Queue, QueueOptions, Worker, WorkerOptions } from 'bullmq'
import type { JobName } from './jobs.ts'

/** What a back end gives: queues and workers bound to its connections, and how to end those. */
export interface OpenBackend {
  queue(name: JobName, options: Omit<QueueOptions, 'connection'>): JobQueue
  worker(
    name: JobName,
    handle: (job: { data: unknown }) => Promise<void>,
    options: Omit<WorkerOptions, 'connection'>,
  ): JobWorker
  check(): Promise<void>
  end(): Promise<void>
}

export type JobQueue = Pick<Queue, 'add' | 'addBulk' | 'close'> & {
  on(event: 'error', heard: (error: Error) => void): unknown
}
export type JobWorker = Pick<Worker, 'close'> & {
  on(event: 'error', heard: (error: Error) => void): unknown
  on(event: 'failed', heard: (job: FailedJob | undefined, error: Error) => void): unknown
}
interface FailedJob {
  readonly data: unknown
  readonly attemptsMade: number
  readonly opts: JobsOptions
}
