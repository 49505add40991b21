import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from './generated/client.ts'

export type Db = PrismaClient
export type Tx = Prisma.TransactionClient

/** @param max connections this process may hold for rows; the queue and the listeners have their own. */
export function openDb(url: string, { max = 10 }: { max?: number } = {}): Db {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: url, max, keepAlive: true, options: '-c timezone=UTC' }),
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
      return await db.$transaction(work, { maxWait: 15_000, timeout: 30_000 })
    } catch (error) {
      if (attempt === tries || !isTryAgain(error)) throw error
    }
  }
}

/** 40001 serialization failure, 40P01 deadlock; P2034 is Prisma's name for both. */
function isTryAgain(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2034') return true
  return error instanceof Error && /\b(40001|40P01)\b|deadlock detected|could not serialize/.test(error.message)
}
