import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { type Db, openDb } from '../../src/store/db.ts'
import { makeSeal, type Seal } from '../../src/store/secrets.ts'
import { databaseUrl } from './postgres.ts'

export const seal: Seal = makeSeal(new Uint8Array(32).fill(7))

export interface Store {
  readonly url: string
  readonly db: Db
  readonly seal: Seal
  drop(): Promise<void>
}

/** A database of its own, cloned from the migrated template. */
export async function freshStore(): Promise<Store> {
  const url = inject('postgresUrl')
  const name = `t_${randomBytes(6).toString('hex')}`
  await asAdmin(url, `CREATE DATABASE ${name} TEMPLATE linbang_template`)
  const own = databaseUrl(url, name)
  const db = openDb(own, { max: 8 })
  return {
    url: own,
    db,
    seal,
    drop: async () => {
      await db.$disconnect()
      await asAdmin(url, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(url, 'postgres') })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
