import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from './generated/client.ts'
import type { LentPrisma } from './open-transaction.ts'

/**
 * Prisma inside transactions that are ours: its statements go through the transaction's own connection. Clients of Prisma
 * cost milliseconds to make, so they are kept and lent again: as many as there were ever transactions using it at once.
 */
export function boundPrisma(): (connection: pg.PoolClient) => LentPrisma {
  const idle: Bound[] = []
  return (connection) => {
    const bound = idle.pop() ?? bind()
    bound.at = connection
    const giveBack = () => {
      bound.at = undefined
      idle.push(bound)
    }
    return { client: bound.client, giveBack }
  }
}

interface Bound {
  readonly client: PrismaClient
  at: pg.PoolClient | undefined
}

function bind(): Bound {
  const connection = () => {
    if (bound.at === undefined) throw new Error('Prisma was asked after its transaction had ended')
    return bound.at
  }
  // Prisma wants a pool. This one holds the single connection of our transaction, and what Prisma takes for a transaction
  // of its own (a nested write) is a savepoint in it.
  const nested = {
    query: (query: pg.QueryConfig) => connection().query({ ...query, text: savepoints[query.text] ?? query.text }),
    on: () => undefined,
    removeListener: () => undefined,
    release: () => undefined,
  }
  const pool: pg.Pool = Object.assign(Object.create(pg.Pool.prototype), {
    options: {},
    query: (query: pg.QueryConfig) => connection().query(query),
    connect: async () => nested,
  })
  const bound: Bound = { client: new PrismaClient({ adapter: new PrismaPg(pool) }), at: undefined }
  return bound
}

const savepoints: Readonly<Record<string, string>> = {
  BEGIN: 'SAVEPOINT prisma',
  COMMIT: 'RELEASE SAVEPOINT prisma',
  ROLLBACK: 'ROLLBACK TO SAVEPOINT prisma',
}
