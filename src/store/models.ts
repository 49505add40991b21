import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import type { Db } from './db.ts'

/** 模型 kept in the store, so that every process uses the same one and a step back is one row. */

export interface NewModel {
  readonly version: string
  readonly written: Buffer
  readonly corrections: number
  readonly base: string
  readonly scores: Readonly<Record<string, unknown>>
  readonly refused: string | null
  readonly at: Date
}

export interface ModelRow {
  readonly version: string
  readonly trainedAt: Date
  readonly corrections: number
  readonly base: string
  readonly scores: unknown
  readonly refused: string | null
}

/** Newest first that are kept beside the one in use. */
const kept = 5

export async function insertModel(db: Db, { written, at, ...row }: NewModel): Promise<void> {
  await db.trainedModel.createMany({
    data: [
      {
        ...row,
        scores: JSON.parse(JSON.stringify(row.scores)),
        weights: new Uint8Array(gzipSync(written)),
        trainedAt: at,
      },
    ],
    skipDuplicates: true,
  })
  const used = (await modelInUse(db))?.version ?? ''
  await db.$executeRaw`
    DELETE FROM "TrainedModel" WHERE version <> ${used} AND version <> ${row.version} AND version NOT IN
      (SELECT version FROM "TrainedModel" ORDER BY "trainedAt" DESC, version LIMIT ${kept})`
}

export const listModels = (db: Db): Promise<ModelRow[]> =>
  db.trainedModel.findMany({ omit: { weights: true }, orderBy: { trainedAt: 'desc' } })

/** What `writeModel` wrote; `undefined` when there is no such version. */
export async function weightsOf(db: Db, version: string): Promise<Buffer | undefined> {
  const row = await db.trainedModel.findUnique({ where: { version }, select: { weights: true } })
  return row ? gunzipSync(row.weights) : undefined
}

const InUse = z.object({
  version: z.string(),
  /** A person chose it: training goes on, but does not replace it. */
  chosen: z.boolean(),
})
export type InUse = z.infer<typeof InUse>

const inUseKey = 'model'
const trainedKey = 'model.trained'

/** Which model was chosen; `undefined`: the one that comes with the program. */
export async function modelInUse(db: Db): Promise<InUse | undefined> {
  const row = await db.setting.findUnique({ where: { key: inUseKey } })
  return row ? InUse.parse(JSON.parse(row.value)) : undefined
}

export async function setModelInUse(db: Db, inUse: InUse | undefined): Promise<void> {
  if (!inUse) {
    await db.setting.deleteMany({ where: { key: inUseKey } })
    return
  }
  const value = JSON.stringify(inUse)
  await db.setting.upsert({ where: { key: inUseKey }, create: { key: inUseKey, value }, update: { value } })
}

/** When training last began and how many corrections there were; ISO time and count in one row. */
const Trained = z.object({ at: z.iso.datetime(), corrections: z.int() })

export async function lastTraining(db: Db): Promise<{ at: Date; corrections: number } | undefined> {
  const row = await db.setting.findUnique({ where: { key: trainedKey } })
  const read = row ? Trained.parse(JSON.parse(row.value)) : undefined
  return read ? { at: new Date(read.at), corrections: read.corrections } : undefined
}

/** Take the turn to train; of several processes that saw the same state one gets it. */
export async function claimTraining(
  db: Db,
  seen: { at: Date; corrections: number } | undefined,
  now: Date,
  corrections: number,
): Promise<boolean> {
  const row = (at: Date, count: number) => JSON.stringify({ at: at.toISOString(), corrections: count })
  const value = row(now, corrections)
  if (!seen) {
    const { count } = await db.setting.createMany({ data: [{ key: trainedKey, value }], skipDuplicates: true })
    return count === 1
  }
  const { count } = await db.setting.updateMany({
    where: { key: trainedKey, value: row(seen.at, seen.corrections) },
    data: { value },
  })
  return count === 1
}
