import { readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DateTime } from 'luxon'
import type { Logger } from 'pino'
import { blobKeysOfRows } from '../store/attachments.ts'
import type { Blobs, StoredBlob } from '../store/blobs.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { moveSetting, setting } from '../store/settings.ts'

export interface LeftoversDeps {
  readonly db: Db
  readonly seal: Seal
  readonly blobs: Blobs
  /** Where programs that decode work; by default the system's temporary directory. */
  readonly workDir?: string
  readonly now: () => Date
  readonly log: Logger
}

export interface LeftoversFound {
  /** Contents that no row names, and files left at work. */
  readonly removed: number
  /** Contents that no row names and that were left alone: so many that something else must be wrong. */
  readonly suspicious: number
  /** Contents that a row names and that are not there. */
  readonly missing: number
}

const dayMs = 86_400_000
/** A part this large of everything is never deleted unasked: it is another database, or one from a backup. */
const mostPart = 0.1
const alwaysFew = 50
const lastKey = 'media.leftovers.lastDay'
/** What decoding and drawing leave behind when they are killed. */
const workFile = /^linbang-(?:media-|[0-9a-f-]{36}\.)/

/**
 * 清理: contents that were written by a process which was ended before it could say so, and files it worked with. Once a day,
 * by whoever of all processes is first. Never touches what is younger than a day. Keeps nobody's time limit: what rows
 * name stays, however old.
 * @returns what was found, or `undefined` when another has done it today.
 */
export function makeLeftovers(deps: LeftoversDeps): () => Promise<LeftoversFound | undefined> {
  const { db, now, log } = deps
  return async () => {
    const today = DateTime.fromJSDate(now(), { zone: 'utc' }).toISODate() ?? ''
    const last = await setting(db, lastKey)
    if (last === today || !(await moveSetting(db, lastKey, last, today))) return undefined
    const before = new Date(now().getTime() - dayMs)
    const found = await sweepContents(deps, before)
    const removed = found.removed + (await sweepWork(deps.workDir ?? tmpdir(), before))
    if (found.missing > 0) log.error({ missing: found.missing }, 'contents that rows name are not in the store')
    if (found.suspicious > 0) {
      log.error(
        { leftovers: found.suspicious },
        'so many contents belong to no row that none was deleted: is this the right database for this store?',
      )
    }
    log.info({ removed }, 'leftovers of recordings and pictures were removed')
    return { ...found, removed }
  }
}

async function sweepContents({ db, seal, blobs, log }: LeftoversDeps, before: Date): Promise<LeftoversFound> {
  // Listed first: what is written down meanwhile is younger than a day and stays in any case.
  const listed = new Set<string>()
  const old: StoredBlob[] = []
  for await (const blob of blobs.list()) {
    if (blob.key !== undefined) listed.add(blob.key)
    if (blob.writtenAt < before) old.push(blob)
  }
  const { kept, waiting } = await blobKeysOfRows(db, seal)
  const leftovers = old.filter(({ key }) => key === undefined || !(kept.has(key) || waiting.has(key)))
  const missing = await reallyMissing(
    blobs,
    [...kept].filter((key) => !listed.has(key)),
  )
  if (leftovers.length > Math.max(alwaysFew, listed.size * mostPart)) {
    return { removed: 0, suspicious: leftovers.length, missing }
  }
  let removed = 0
  for (const leftover of leftovers) {
    try {
      await leftover.remove()
      removed++
    } catch (error) {
      log.warn(
        { why: error instanceof Error && error.name },
        'a leftover could not be removed; the next day tries again',
      )
    }
  }
  return { removed, suspicious: 0, missing }
}

/** What was settled after the list was made is there by now. */
async function reallyMissing(blobs: Blobs, keys: readonly string[]): Promise<number> {
  let missing = 0
  for (const key of keys) if ((await blobs.get(key)) === undefined) missing++
  return missing
}

async function sweepWork(dir: string, before: Date): Promise<number> {
  let removed = 0
  for (const name of await readdir(dir)) {
    if (!workFile.test(name)) continue
    const path = join(dir, name)
    const found = await stat(path).catch(() => undefined)
    if (!found || found.mtime >= before) continue
    await rm(path, { recursive: true, force: true })
    removed++
  }
  return removed
}
