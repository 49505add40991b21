import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { migrate } from './migrate.ts'

/** A database beside the real one for a rehearsal: the district's facts are copied, no resident's row ever is. */
export interface Scratch {
  readonly url: string
  drop(): Promise<void>
}

/** In the order of their references. Staff come without their chats. */
const copied = [
  'Street',
  'Community',
  'Programme',
  'Agency',
  'Contract',
  '_CommunityToContract',
  'Quota',
  'Staff',
  'Shift',
  'DutyOverride',
  'Swap',
  'CalendarDay',
  'WorkingHours',
  'AgencyDay',
] as const

/** @throws when the server's role may not create databases. */
export async function makeScratch(url: string, migrations: string): Promise<Scratch> {
  const name = `rehearsal_${randomBytes(6).toString('hex')}`
  await asAdmin(url, `CREATE DATABASE ${name}`)
  const own = databaseOf(url, name)
  const drop = () => asAdmin(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  try {
    // Nothing in it has to survive a power cut.
    await asAdmin(url, `ALTER DATABASE ${name} SET synchronous_commit = off`)
    await migrate(own, migrations)
    await copyDistrict(url, own)
  } catch (error) {
    await drop()
    throw error
  }
  return { url: own, drop }
}

async function copyDistrict(from: string, to: string): Promise<void> {
  const source = new pg.Client({ connectionString: from })
  const target = new pg.Client({ connectionString: to })
  await Promise.all([source.connect(), target.connect()])
  try {
    for (const table of copied) {
      const { rows } = await source.query<{ all: string }>(
        `SELECT coalesce(json_agg(t), '[]')::text AS all FROM "${table}" t`,
      )
      const all = rows[0]?.all ?? '[]'
      const kept = table === 'Staff' ? withoutChats(all) : all
      await target.query(`INSERT INTO "${table}" SELECT * FROM json_populate_recordset(NULL::"${table}", $1)`, [kept])
      if (table === 'CalendarDay' || table === 'AgencyDay' || table === 'Programme' || table.startsWith('_')) continue
      await target.query(
        `SELECT setval(pg_get_serial_sequence('"${table}"', 'id'), coalesce((SELECT max(id) FROM "${table}"), 0) + 1)`,
      )
    }
    const { rows } = await source.query(`SELECT key, value FROM "Setting" WHERE key = 'district.ladder'`)
    for (const { key, value } of rows) await target.query('INSERT INTO "Setting" VALUES ($1, $2)', [key, value])
  } finally {
    await Promise.all([source.end(), target.end()])
  }
}

const withoutChats = (staff: string): string =>
  JSON.stringify((JSON.parse(staff) as Record<string, unknown>[]).map((row) => ({ ...row, personId: null })))

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseOf(url, 'postgres') })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function databaseOf(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.toString()
}
