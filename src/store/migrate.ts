import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'

/** The key of the advisory lock that Prisma's own tool takes, so that the two never run at once. */
const lockKey = 72707369

/** Prisma's own bookkeeping table, so that its tools read what we applied and the other way round. */
const bookkeeping = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ,
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  applied_steps_count INTEGER NOT NULL DEFAULT 0)`

interface Row {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
}

/**
 * Apply every migration in `dir` that the database does not have, in order, each as one transaction. Several processes may
 * call it at once: one applies, the others wait and find nothing to do. Returns the names applied now.
 * @throws when a migration fails (nothing of it stays), was left failed before, or was edited after it was applied.
 */
export async function migrate(url: string, dir: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined) // a connection that breaks is told by the query that waits
  await client.connect()
  try {
    await client.query(`SET lock_timeout = '60s'`)
    await client.query('SELECT pg_advisory_lock($1)', [lockKey])
    await client.query('SET lock_timeout = 0')
    await client.query(bookkeeping)
    const { rows } = await client.query<Row>(
      'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    )
    const failed = rows.find((row) => row.finished_at === null)
    if (failed) throw new Error(`migration ${failed.migration_name} failed before and must be resolved by hand first`)
    const done = new Map(rows.map((row) => [row.migration_name, row.checksum]))
    const applied: string[] = []
    for (const name of migrationNames(dir)) {
      const sql = readFileSync(join(dir, name, 'migration.sql'), 'utf8')
      const checksum = createHash('sha256').update(sql).digest('hex')
      const known = done.get(name)
      if (known === checksum) continue
      if (known !== undefined)
        throw new Error(`migration ${name} was edited after it was applied; write a new one instead`)
      await applyOne(client, name, sql, checksum)
      applied.push(name)
    }
    return applied
  } finally {
    await client.end()
  }
}

/** The file and its row in one transaction: killed at any moment, both are there or neither is. */
async function applyOne(client: pg.Client, name: string, sql: string, checksum: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    )
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined)
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`migration ${name} failed and was undone: ${reason}`, { cause })
  }
}

function migrationNames(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}
