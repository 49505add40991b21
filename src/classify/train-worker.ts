import { parentPort, workerData } from 'node:worker_threads'
import { writeModel } from './model.ts'
import { type TrainingRow, train } from './train.ts'

/** The body of the training thread: rows in, one model out. */
const { rows, version } = workerData as { rows: readonly TrainingRow[]; version: string }
parentPort?.postMessage(writeModel(train(rows, version)))
