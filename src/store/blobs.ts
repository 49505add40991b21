import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Contents of attachments, outside the database: bytes under a name nobody can guess. Whole or not there at all. */
export interface Blobs {
  put(key: string, data: Uint8Array): Promise<void>
  /** `undefined`: there is nothing under this name. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Nothing there is no fault. */
  remove(key: string): Promise<void>
  /** Everything there is, half-written drafts included, in no order. */
  list(): AsyncIterable<StoredBlob>
}

export interface StoredBlob {
  /** `undefined`: a draft, left by a process that was ended while it wrote. */
  readonly key: string | undefined
  readonly writtenAt: Date
  remove(): Promise<void>
}

const wellFormed = /^[a-z]+-[0-9a-f-]{36}$/

/** A fresh name. `what` says what it holds, for whoever looks at the folder. */
export const newBlobKey = (what: 'kept' | 'play'): string => `${what}-${randomUUID()}`

/** The same name for the same thing, however often it is sent; it tells nothing of what it was made from. */
export function blobKeyFor(what: 'sent', thing: string): string {
  const hex = createHash('sha256').update(thing).digest('hex').slice(0, 32)
  return `${what}-${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`
}

export const isBlobKey = (name: string): boolean => wellFormed.test(name)

/** @throws RangeError for what is not a name of ours: names come back from rows and from the wire. */
export function checkBlobKey(key: string): string {
  if (!isBlobKey(key)) throw new RangeError('not the name of a stored content')
  return key
}

/** A folder: every process that reads must see the same one. */
export function folderBlobs(dir: string): Blobs {
  const pathOf = (key: string) => {
    const [what = '', start = ''] = checkBlobKey(key).split('-')
    return join(dir, what, start.slice(0, 2), key)
  }
  return {
    put: async (key, data) => {
      const path = pathOf(key)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const draft = `${path}.${randomUUID()}`
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(data)
        await file.sync() // it is acknowledged afterwards
      } finally {
        await file.close()
      }
      await rename(draft, path)
    },
    get: async (key) => {
      try {
        return await readFile(pathOf(key))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    remove: async (key) => {
      await rm(pathOf(key), { force: true })
    },
    list: () => listFolder(dir),
  }
}

/** What others have put there is not ours to list. */
async function* listFolder(dir: string): AsyncIterable<StoredBlob> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(nothingThere)
  for (const entry of entries) {
    const [key = ''] = entry.name.split('.')
    if (!entry.isFile() || !isBlobKey(key)) continue
    const path = join(entry.parentPath, entry.name)
    const found = await stat(path).catch(() => undefined)
    if (!found) continue // removed meanwhile
    const writtenAt = found.mtime
    yield { key: entry.name === key ? key : undefined, writtenAt, remove: () => rm(path, { force: true }) }
  }
}

function nothingThere(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
  throw error
}
