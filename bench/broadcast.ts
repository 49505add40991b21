import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { pino } from 'pino'
import { startApp } from '../src/app.ts'
import { makeFeed } from '../src/broadcast/feed.ts'
import { readConfig } from '../src/config.ts'
import type { Audience } from '../src/domain/audience.ts'
import { openBells } from '../src/queue/bells.ts'
import { openPostgresqlBackend } from '../src/queue/postgresql.ts'
import { lockBroadcast, newDraft, takeNoticeStep } from '../src/store/broadcasts.ts'
import { openDb, transaction } from '../src/store/db.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { makeSeal } from '../src/store/secrets.ts'
import { openFakeBotApi } from './bot-api.ts'

/**
 * npm run bench:broadcast: a notice to 100,000 over a Bot API that refuses what is too fast: the rate that is held, what a
 * reply to a crisis takes meanwhile and when nothing else happens, and how the memory grows; then the fan-out to the last
 * bell beside a bare bulk insert with a bulk enqueue of as many rows. Everything on the PostgreSQL queue.
 * With `fan-out`: the second part alone.
 */

const people = 100_000
/** Rows and jobs a statement of the bare one. */
const batch = 1_000
/** What the far end takes in any second. */
const farEndPerSecond = 30
/** What the channel allows itself, over all chats. */
const perSecond = 25
const crises = 25
const heldSeconds = 20
const root = fileURLToPath(new URL('..', import.meta.url))
const key = new Uint8Array(32).fill(7)
const seal = makeSeal(key)
const everybody: Audience = { groups: [{ roles: ['resident'] }], except: [] }

const dir = mkdtempSync(join(tmpdir(), 'linbang-bench-'))
const postgres = await startEmbedded({ dir: join(dir, 'pg') })
const api = await openFakeBotApi(farEndPerSecond)
const log = pino({ level: 'error' })
const config = readConfig(
  {
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: postgres.url,
    FIELD_KEY: Buffer.from(key).toString('hex'),
    DEMO: '1',
    QUIET_MS: '0',
    LOG_LEVEL: 'error',
    TELEGRAM_BOT_TOKEN: '123456:BENCH',
    TELEGRAM_API_ROOT: api.root,
  },
  root,
)
let app: Awaited<ReturnType<typeof startApp>> | undefined
const db = openDb(postgres.url, { max: 4 })
try {
  app = await startApp(config, log, { districtFile: readFileSync(`${root}/prisma/seed/huli.yaml`, 'utf8') })
  await residents(people)
  const authorId = (await db.staff.findFirstOrThrow({ where: { role: 'coordinator' } })).id

  if (!process.argv.includes('fan-out')) await besideTheFlood(authorId)
  await app.stop()
  app = undefined
  await db.$executeRaw`UPDATE "Broadcast" SET status = 'stopped', "finishedAt" = now() WHERE status = 'sending'`

  const ours = await fanOut(authorId)
  const bare = await bareFanOut()
  const rate = (seconds: number) => `${Math.round(people / seconds)} a second`
  console.log(`audience            ${people} rows in ${ours.audience.toFixed(2)} s (${rate(ours.audience)})`)
  console.log(
    `fan-out             ${rate(ours.all)}; bare bulk insert and bulk enqueue ${rate(bare)}: ${Math.round((bare / ours.all) * 100)} %`,
  )
} finally {
  await app?.stop()
  await db.$disconnect()
  await api.close()
  await postgres.stop()
  rmSync(dir, { recursive: true, force: true })
}

/** What a notice under way does to the rate, to a crisis and to the memory. */
async function besideTheFlood(authorId: number): Promise<void> {
  const idle = await crisisLatency(900_000)
  globalThis.gc?.()
  const rssBefore = process.memoryUsage.rss()
  let rssMost = rssBefore
  const watch = setInterval(() => {
    rssMost = Math.max(rssMost, process.memoryUsage.rss())
  }, 100)
  await sentAlone(authorId)
  while (api.arrivals.length < crises + 2 * farEndPerSecond) await sleep(50)
  const from = performance.now()
  await sleep(heldSeconds * 1_000)
  const held = api.arrivals.filter((at) => at >= from && at < from + heldSeconds * 1_000).length / heldSeconds
  const busy = await crisisLatency(950_000)
  clearInterval(watch)
  console.log(
    `rate held           ${held.toFixed(2)} a second of ${perSecond} (${((held / perSecond) * 100).toFixed(1)} %), 429: ${api.refused()}`,
  )
  console.log(
    `reply to a crisis   idle p50 ${idle.p50.toFixed(0)} p95 ${idle.p95.toFixed(0)} ms, during the notice p50 ${busy.p50.toFixed(0)} p95 ${busy.p95.toFixed(0)} ms (${(busy.p50 / idle.p50).toFixed(2)}×, ${(busy.p95 / idle.p95).toFixed(2)}×)`,
  )
  console.log(`memory              ${((rssMost - rssBefore) / 1_048_576).toFixed(0)} MB more at most`)
}

async function residents(many: number): Promise<void> {
  await db.$executeRaw`
    WITH p AS (INSERT INTO "Person" (language) SELECT 'zh' FROM generate_series(1, ${many}::int) RETURNING id)
    INSERT INTO "Address" ("personId", channel, account, "externalId") SELECT id, 'telegram', '123456', (1000000 + id)::text FROM p`
  await db.$executeRaw`ANALYZE`
}

async function sentAlone(authorId: number): Promise<number> {
  return transaction(db, async (tx) => {
    const at = new Date()
    const draft = await newDraft(tx, {
      authorId,
      kind: 'emergency',
      emergency: true,
      text: '台风今晚8点到，请留在家里。',
      audience: everybody,
      at,
    })
    const row = await lockBroadcast(tx, draft.id)
    const expiresAt = new Date(at.getTime() + 12 * 3_600_000)
    if (row) await takeNoticeStep(tx, row, 'send_alone', { approvedAt: at, expiresAt })
    return draft.id
  })
}

/** From the resident's word to the answer at the far end, one after the other. */
async function crisisLatency(firstChat: number): Promise<{ p50: number; p95: number }> {
  const took: number[] = []
  for (let i = 0; i < crises; i++) {
    const answered = api.answered(firstChat + i)
    const at = performance.now()
    api.says(firstChat + i, '我不想活了')
    await answered
    took.push(performance.now() - at)
    await sleep(150)
  }
  took.sort((a, b) => a - b)
  return { p50: took[Math.floor(took.length / 2)] ?? 0, p95: took[Math.floor(took.length * 0.95)] ?? 0 }
}

/** The feeder itself, over an account without a limit and with nobody sending: the audience as rows, then all of it to its bell. */
async function fanOut(authorId: number): Promise<{ audience: number; all: number }> {
  const bells = await openBells({
    backend: { kind: 'postgresql', url: postgres.url },
    now: () => new Date(),
    log,
  })
  const id = await sentAlone(authorId)
  let begun = 0
  const feed = makeFeed({
    db,
    seal,
    log,
    ring: bells.ring,
    lanes: [{ name: 'telegram:123456', perSecond: null, window: false, edits: true }],
    zone: 'Asia/Shanghai',
    now: () => new Date(),
    onStep: async () => {
      begun = performance.now()
    },
    mostAtOnce: people * 2,
  })
  const began = performance.now()
  await feed()
  const all = (performance.now() - began) / 1_000
  const { queued } = await db.broadcast.findUniqueOrThrow({ where: { id } })
  if (queued < people) throw new Error(`only ${queued} were fed`)
  await bells.close()
  return { audience: (begun - began) / 1_000, all }
}

/** As many rows and jobs with no rule, no constraint and no index but the key. */
async function bareFanOut(): Promise<number> {
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 })
  await pool.query('CREATE TABLE bare_recipient (id bigserial PRIMARY KEY, person int, body text)')
  const backend = await openPostgresqlBackend(postgres.url)
  const queue = backend.queue('bulk', { prefix: '{bare}', defaultJobOptions: { removeOnComplete: true } })
  const body = 'x'.repeat(200)
  const began = performance.now()
  for (let from = 0; from < people; from += batch) {
    const ids = Array.from({ length: batch }, (_, i) => from + i)
    await pool.query('INSERT INTO bare_recipient (person, body) SELECT unnest($1::int[]), $2', [ids, body])
    await queue.addBulk(ids.map((person) => ({ name: 'bulk', data: { person }, opts: { jobId: `b${person}` } })))
  }
  const took = (performance.now() - began) / 1_000
  await queue.close()
  await backend.end()
  await pool.end()
  return took
}
