import type pg from 'pg'
import type { Prisma } from './generated/client.ts'
import { type Parameter, queryOf, type Statements, wordless } from './sql.ts'

/** What only a transaction can do: send a statement and go on. Its failure undoes the transaction, at the commit at the latest. */
export interface Writing {
  write(text: TemplateStringsArray, ...parameters: readonly Parameter[]): void
  /** The same; `told` hears its rows before the transaction is over. It may note them, and must send nothing more. */
  writeTelling<Row>(told: (rows: readonly Row[]) => void): Writing['write']
}

export type Tx = Prisma.TransactionClient & Statements & Writing

/** Prisma on a connection of ours, lent for one transaction. */
export interface LentPrisma {
  readonly client: Prisma.TransactionClient
  giveBack(): void
}

/**
 * A transaction on one connection. Statements leave as soon as they are written, all of one moment in one packet, and are
 * answered in order: only a result that is needed costs a round trip.
 */
export class OpenTransaction {
  readonly tx: Tx
  readonly #connection: pg.PoolClient
  readonly #lend: (connection: pg.PoolClient) => LentPrisma
  #prisma: LentPrisma | undefined
  /** The first statement that failed; all behind it fail because of it. */
  #fault: unknown
  #corked = false
  /** Those who still want to hear what their statement did. */
  readonly #telling: Promise<void>[] = []
  #broken: Error | undefined
  readonly #onBroken = (error: Error) => {
    this.#broken = error
  }

  constructor(connection: pg.PoolClient, lend: (connection: pg.PoolClient) => LentPrisma) {
    this.#connection = connection
    this.#lend = lend
    connection.on('error', this.#onBroken)
    const ask = (text: TemplateStringsArray, parameters: readonly Parameter[]) => this.#send(queryOf(text, parameters))
    const ours: Statements & Writing = {
      writeTelling:
        (told) =>
        (text, ...parameters) => {
          const telling = ask(text, parameters).then(({ rows }) => told(rows))
          telling.catch(() => undefined) // told by `#fault`
          this.#telling.push(telling)
        },
      sql: async (text, ...parameters) => (await ask(text, parameters)).rows,
      run: async (text, ...parameters) => (await ask(text, parameters)).rowCount ?? 0,
      write: (text, ...parameters) => void ask(text, parameters).catch(() => undefined), // told by `#fault`
    }
    // Whatever is not ours is Prisma's; it is fetched only when somebody asks for it.
    this.tx = new Proxy(ours as Tx, {
      get: (_, name) => Reflect.get(name in ours ? ours : this.#borrowed(), name),
    })
    this.#begin()
  }

  /** @throws the first fault of any statement; then nothing was written. */
  async commit(): Promise<void> {
    // One that never left for the server would not stop the rest from being committed.
    if (this.#fault !== undefined) throw this.#fault
    const { command } = await this.#send({ text: 'COMMIT' })
    if (this.#fault !== undefined) throw this.#fault
    if (command !== 'COMMIT') throw new Error('a transaction was undone by the database')
    await Promise.all(this.#telling)
    this.#release()
  }

  /** @returns why it failed: what PostgreSQL refused first, or else what was thrown. */
  async rollback(thrown: unknown): Promise<unknown> {
    const fault = this.#fault
    await this.#send({ text: 'ROLLBACK' }).catch((error: unknown) => {
      this.#broken ??= error instanceof Error ? error : new Error('a rollback failed')
    })
    this.#release()
    return fault ?? thrown
  }

  #begin(): void {
    this.#send({ text: 'BEGIN' }).catch(() => undefined)
  }

  #send(query: pg.QueryConfig): Promise<pg.QueryResult> {
    this.#cork()
    return new Promise((answered, refused) => {
      void this.#connection.query(query, (error: unknown, result: pg.QueryResult) => {
        if (!error) return answered(result)
        const fault = wordless(error)
        this.#fault ??= fault
        refused(fault)
      })
    })
  }

  /** What is sent in one go of the event loop leaves in one write. */
  #cork(): void {
    if (this.#corked) return
    this.#corked = true
    const { stream } = this.#connection.connection
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      stream.uncork()
    })
  }

  #borrowed(): Prisma.TransactionClient {
    this.#prisma ??= this.#lend(this.#connection)
    return this.#prisma.client
  }

  #release(): void {
    this.#prisma?.giveBack()
    this.#connection.off('error', this.#onBroken)
    this.#connection.release(this.#broken)
  }
}
