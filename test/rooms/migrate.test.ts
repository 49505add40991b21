import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { migrate } from '../../src/store/migrate.ts'
import { root } from '../harness/linbang.ts'
import { databaseUrl } from '../harness/postgres.ts'
import { freshStore } from '../harness/store.ts'

const real = join(root, 'prisma', 'migrations')
const names = readdirSync(real, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

describe('migrations', () => {
  let url: string
  let dir: string
  beforeEach(async () => {
    const name = `m_${randomBytes(6).toString('hex')}`
    await ask(databaseUrl(inject('postgresUrl'), 'postgres'), `CREATE DATABASE ${name}`)
    url = databaseUrl(inject('postgresUrl'), name)
    dir = mkdtempSync(join(tmpdir(), 'linbang-migrations-'))
  })
  afterEach(async () => {
    rmSync(dir, { recursive: true })
    await ask(
      databaseUrl(inject('postgresUrl'), 'postgres'),
      `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`,
    )
  })
  const write = (name: string, sql: string) => {
    mkdirSync(join(dir, name), { recursive: true })
    writeFileSync(join(dir, name, 'migration.sql'), sql)
  }

  it('are applied once and in order, however many processes start at once', async () => {
    const all = await Promise.all([migrate(url, real), migrate(url, real), migrate(url, real)])
    expect(all.flat()).toEqual([...names].sort())
    expect(await migrate(url, real)).toEqual([])
    const rows = await ask(url, 'SELECT migration_name FROM _prisma_migrations ORDER BY started_at, migration_name')
    expect(rows.map((row) => row.migration_name)).toEqual([...names].sort())
  })

  it('that fail leave nothing behind, say which and why, and can be mended', async () => {
    write('1_good', 'CREATE TABLE good (id int)')
    write('2_bad', `CREATE TABLE half (id int); INSERT INTO half VALUES (1); SELECT 1/0;`)
    await expect(migrate(url, dir)).rejects.toThrow('migration 2_bad failed and was undone: division by zero')
    expect(await ask(url, `SELECT to_regclass('half') AS half, to_regclass('good')::text AS good`)).toEqual([
      { half: null, good: 'good' },
    ])
    expect(await ask(url, 'SELECT migration_name FROM _prisma_migrations')).toEqual([{ migration_name: '1_good' }])
    write('2_bad', 'CREATE TABLE half (id int)')
    expect(await migrate(url, dir)).toEqual(['2_bad'])
  })

  it('leave nothing behind when they cannot be noted as done', async () => {
    write('1_unnoted', 'CREATE TABLE cut (id int); ALTER TABLE _prisma_migrations ADD CHECK (false);')
    await expect(migrate(url, dir)).rejects.toThrow('1_unnoted failed and was undone')
    expect(await ask(url, `SELECT to_regclass('cut') AS cut, count(*)::int AS noted FROM _prisma_migrations`)).toEqual([
      { cut: null, noted: 0 },
    ])
    write('1_unnoted', 'CREATE TABLE cut (id int); SELECT pg_terminate_backend(pg_backend_pid());')
    await expect(migrate(url, dir)).rejects.toThrow('1_unnoted failed and was undone')
    write('1_unnoted', 'CREATE TABLE cut (id int)')
    expect(await migrate(url, dir)).toEqual(['1_unnoted'])
  })

  it('that were edited after they were applied are refused', async () => {
    write('1_first', 'CREATE TABLE first (id int)')
    await migrate(url, dir)
    write('1_first', 'CREATE TABLE first (id bigint)')
    await expect(migrate(url, dir)).rejects.toThrow('1_first was edited after it was applied')
  })

  it('stop at one that another tool left failed', async () => {
    cpSync(real, dir, { recursive: true })
    await migrate(url, dir)
    await ask(url, 'UPDATE _prisma_migrations SET finished_at = NULL')
    await expect(migrate(url, dir)).rejects.toThrow('must be resolved by hand')
  })

  it('together make exactly what schema.prisma says', async () => {
    const { schemaDifference } = (await import('../../prisma/schema-difference.mjs' as string)) as {
      schemaDifference(url: string, schemaFile: string): Promise<string | undefined>
    }
    const store = await freshStore()
    try {
      const schema = join(root, 'prisma', 'schema.prisma')
      expect(await schemaDifference(store.url, schema)).toBeUndefined()
      await ask(store.url, 'ALTER TABLE "Person" ADD COLUMN "stray" int')
      expect(await schemaDifference(store.url, schema)).toContain('DROP COLUMN "stray"')
    } finally {
      await store.drop()
    }
  })
})

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
