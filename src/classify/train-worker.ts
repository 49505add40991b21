import { parentPort, workerData } from 'node:worker_threads'
import type { HeadName } from './model.ts'
import { type TrainingRow, trainPart } from './train.ts'

/** The body of a training thread: rows in, the heads of its share out. */
const { rows, names } = workerData as { rows: readonly TrainingRow[]; names: readonly HeadName[] }
parentPort?.postMessage(trainPart(rows, names))
