import pg from 'pg'
import type { Logger } from 'pino'
import type { AddressKey } from '../domain/words.ts'
import type { Db, Tx } from './db.ts'
import type { Seal } from './secrets.ts'

/** What a web chat page shows, as rows: it resumes from the last one it saw, on any process. */

export interface WebEvent {
  readonly id: number
  readonly kind: 'message' | 'edit' | 'mine'
  readonly body: unknown
}

const notices = 'linbang_web'

/** Names this file's advisory locks among all of the database; the second number is the address. */
const inTurn = 20_121

/**
 * Append one event for an address, once per key; the pages that watch it are told in the same statement. Events of one
 * address are written one after another: a page asks for what came after the last number it saw, so a lower number that
 * becomes visible later would never be shown.
 */
export async function appendWebEvent(
  db: Db | Tx,
  seal: Seal,
  event: { addressId: number; kind: WebEvent['kind']; dedupeKey: string; body: unknown; at: Date },
): Promise<number> {
  const [made] = await db.$queryRaw<{ id: number }[]>`
    WITH made AS (
      INSERT INTO "WebEvent" ("addressId", kind, "dedupeKey", "bodySealed", at)
      SELECT ${event.addressId}, ${event.kind}, ${event.dedupeKey}, ${seal.seal(event.body)}, ${event.at}::timestamptz
      FROM (SELECT pg_advisory_xact_lock(${inTurn}::int, ${event.addressId}::int)) AS turn
      ON CONFLICT ("dedupeKey") DO NOTHING RETURNING id)
    SELECT id FROM made WHERE pg_notify(${notices}, ${String(event.addressId)}) IS NOT NULL`
  if (made) return made.id
  const known = await db.webEvent.findUniqueOrThrow({ where: { dedupeKey: event.dedupeKey }, select: { id: true } })
  return known.id
}

export async function webEventsSince(
  db: Db,
  seal: Seal,
  addressId: number,
  lastId: number,
  take: number,
): Promise<WebEvent[]> {
  const rows = await db.webEvent.findMany({
    where: { addressId, id: { gt: lastId } },
    orderBy: { id: 'asc' },
    take,
    select: { id: true, kind: true, bodySealed: true },
  })
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind === 'edit' || row.kind === 'mine' ? row.kind : 'message',
    body: seal.open(row.bodySealed),
  }))
}

export async function webAddress(db: Db, { channel, account, externalId }: AddressKey): Promise<number | undefined> {
  const row = await db.address.findUnique({
    where: { channel_account_externalId: { channel, account, externalId } },
    select: { id: true },
  })
  return row?.id
}

/** Hear of new events of any process; reconnects by itself (a page also looks every few seconds). */
export function listenForWebEvents(
  url: string,
  heard: (addressId: number) => void,
  log: Logger,
): { close(): Promise<void> } {
  let closed = false
  let client: pg.Client | undefined
  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, keepAlive: true })
    client = fresh
    fresh.on('notification', ({ payload }) => heard(Number(payload)))
    fresh.on('error', (error) => {
      log.warn({ err: error }, 'the listener for web chats lost its connection')
      if (client === fresh) retry()
    })
    await fresh.connect()
    await fresh.query(`LISTEN ${notices}`)
  }
  const retry = () => {
    if (closed) return
    client = undefined
    setTimeout(() => {
      if (!closed) connect().catch(retry)
    }, 1_000).unref()
  }
  connect().catch(retry)
  return {
    close: async () => {
      closed = true
      await client?.end().catch(() => undefined)
    },
  }
}
