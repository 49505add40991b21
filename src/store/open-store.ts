import { join } from 'node:path'
import type { Logger } from 'pino'
import { type Db, openDb } from './db.ts'
import { startEmbedded } from './embedded.ts'
import { migrate } from './migrate.ts'
import { checkFieldKey, loadFieldKey, makeSeal, type Seal } from './secrets.ts'

export interface OpenStore {
  readonly db: Db
  readonly url: string
  readonly seal: Seal
  readonly fieldKey: Uint8Array
}

interface Settings {
  readonly root: string
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly fieldKey: string | undefined
}

/** The database, migrated, with the key that opens what is sealed in it. `held` is given what must be let go at the end. */
export async function openStore(
  { root, dataDir, databaseUrl, fieldKey: given }: Settings,
  log: Logger,
  held: (what: string, release: () => Promise<void>) => void,
): Promise<OpenStore> {
  let url = databaseUrl
  if (url === undefined) {
    const embedded = await startEmbedded({ dir: dataDir, log })
    held('store', embedded.stop)
    url = embedded.url
  }
  await migrate(url, join(root, 'prisma', 'migrations'))
  const db = openDb(url, { max: 16 })
  held('database connections', () => db.$disconnect())
  const fieldKey = loadFieldKey({ dataDir, ...(given ? { fieldKey: given } : {}) })
  const seal = makeSeal(fieldKey)
  await checkFieldKey(db, seal)
  return { db, url, seal, fieldKey }
}
