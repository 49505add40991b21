import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { boundPrisma } from './bound-prisma.ts'
import { Prisma, PrismaClient } from './generated/client.ts'
import { OpenTransaction, type Tx } from './open-transaction.ts'
import { type Parameter, queryOf, SqlError, type Statements, wordless } from './sql.ts'

export type { Tx } from './open-transaction.ts'

/** The store: hand-written statements for the way a request takes, Prisma for what is in no hurry. */
export type Db = PrismaClient & Statements & { open(): Promise<OpenTransaction> }

/** How long work waits for a free connection, in ms. */
const waitMs = 15_000
/** A transaction that waits for a lock, or is left alone by us, for longer is given up. */
const limits = '-c lock_timeout=30s -c idle_in_transaction_session_timeout=30s'
/** Every statement of ours looks rows up by an index, whatever its parameters: it is planned once, not every time. */
const plans = '-c plan_cache_mode=force_generic_plan'

/** @param max connections this process may hold for rows; the queue and the listeners have their own. */
export function openDb(url: string, { max = 10 }: { max?: number } = {}): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    keepAlive: true,
    connectionTimeoutMillis: waitMs,
    options: `-c timezone=UTC ${limits} ${plans}`,
    // A statement need not wait for the answer to the one before it.
    pipeline: true,
  })
  pool.on('error', () => undefined) // an idle connection that broke: the next one is made anew
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  const disconnect = prisma.$disconnect.bind(prisma)
  const ask = (text: TemplateStringsArray, parameters: readonly Parameter[]) =>
    pool.query(queryOf(text, parameters)).catch((error: unknown) => {
      throw wordless(error)
    })
  const lend = boundPrisma()
  return Object.assign(prisma, {
    sql: async <Row>(text: TemplateStringsArray, ...parameters: readonly Parameter[]): Promise<Row[]> =>
      (await ask(text, parameters)).rows,
    run: async (text: TemplateStringsArray, ...parameters: readonly Parameter[]) =>
      (await ask(text, parameters)).rowCount ?? 0,
    open: async () => new OpenTransaction(await pool.connect(), lend),
    $disconnect: async () => {
      await disconnect()
      if (!pool.ending) await pool.end()
    },
  })
}

/** Times a transaction is tried when PostgreSQL asked to try again. */
const tries = 4

/**
 * One transaction: everything in `work` or nothing. A deadlock or a serialization failure is tried again from the start,
 * so `work` must do nothing but rows.
 */
export async function transaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(db, work)
    } catch (error) {
      if (attempt === tries || !isTryAgain(error)) throw error
    }
  }
}

async function once<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const open = await db.open()
  try {
    const result = await work(open.tx)
    await open.commit()
    return result
  } catch (error) {
    throw await open.rollback(error)
  }
}

/** 40001 serialization failure, 40P01 deadlock; P2034 is Prisma's name for both. */
function isTryAgain(error: unknown): boolean {
  if (error instanceof SqlError) return error.code === '40001' || error.code === '40P01'
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2034') return true
  return error instanceof Error && /\b(40001|40P01)\b|deadlock detected|could not serialize/.test(error.message)
}
