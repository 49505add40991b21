import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Contents of attachments, outside the database: bytes under a name nobody can guess. Whole or not there at all. */
export interface Blobs {
  put(key: string, data: Uint8Array): Promise<void>
  /** `undefined`: there is nothing under this name. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Nothing there is no fault. */
  remove(key: string): Promise<void>
}

const wellFormed = /^[a-z]+-[0-9a-f-]{36}$/

/** A fresh name. `what` says what it holds, for whoever looks at the folder. */
export const newBlobKey = (what: 'kept' | 'play'): string => `${what}-${randomUUID()}`

/** The same name for the same thing, however often it is sent; it tells nothing of what it was made from. */
export function blobKeyFor(what: 'sent', thing: string): string {
  const hex = createHash('sha256').update(thing).digest('hex').slice(0, 32)
  return `${what}-${hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`
}

/** @throws RangeError for what is not a name of ours: names come back from rows and from the wire. */
export function checkBlobKey(key: string): string {
  if (!wellFormed.test(key)) throw new RangeError('not the name of a stored content')
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
  }
}
