import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requestsAdrift } from '../src/store/contracts.ts'
import { type Db, openDb } from '../src/store/db.ts'
import { startEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { orphans } from '../src/store/orphans.ts'
import { dueRequests } from '../src/store/requests.ts'

/**
 * The watch's questions at a million requests of which a hundred thousand are open, as the program asks them (one round trip
 * through its own client), with nothing to find and with three hundred things to find. `npm run bench:auditor`
 */

const all = 1_000_000
const open = 100_000
const rounds = 40
const now = new Date('2026-11-23T10:00:00+08:00')

const dir = mkdtempSync(join(tmpdir(), 'linbang-bench-'))
const server = await startEmbedded({ dir })
try {
  await migrate(server.url, fileURLToPath(new URL('../prisma/migrations', import.meta.url)))
  const db = openDb(server.url, { max: 2 })
  const began = performance.now()
  await fill(db)
  console.log(`${all} requests, ${open} open, written in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  await measure(db, 'nothing to find')
  await breakSome(db)
  await measure(db, 'three hundred to find')
  await db.$disconnect()
} finally {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}

async function fill(db: Db): Promise<void> {
  await db.$executeRawUnsafe(`INSERT INTO "Agency" (code, name) VALUES ('a', '示例')`)
  await db.$executeRawUnsafe(`INSERT INTO "Programme" (code, name) VALUES ('elder', '示例')`)
  await db.$executeRawUnsafe(`
    INSERT INTO "Contract" (reference, "programmeCode", "agencyId", buyer, "amountYuan", funding, "startsOn", "endsOn")
    SELECT 'c' || i, 'elder', 1, '示例', 1, 'government', '2026-01-01', '2026-12-31' FROM generate_series(1, 20) i`)
  await db.$executeRawUnsafe(`
    INSERT INTO "Staff" (code, name, role, "agencyId", skills, languages)
    SELECT 's' || i, '示例', 'social_worker', 1, '{}', '{}' FROM generate_series(1, 1000) i`)
  await db.$executeRawUnsafe(`INSERT INTO "Person" (language) SELECT 'zh' FROM generate_series(1, 10000)`)
  // Open ones are strewn among the closed, as in life; their deadlines lie in the coming five days.
  await db.$executeRawUnsafe(`
    INSERT INTO "HelpRequest" ("queryCode", "requesterId", status, version, "ownerId", "assigneeId", "nextDeadline",
      "deadlineKind", rung, urgency, programmes, needs, "contractId", "detailsSealed", reasons, "openedAt", "submittedAt")
    SELECT '000000', 1 + i % 10000, CASE WHEN i % ${all / open} = 0 THEN 'active' ELSE 'closed' END, 9, 1 + i % 1000,
      1 + i % 1000, CASE WHEN i % ${all / open} = 0 THEN timestamptz '2026-11-23T02:00:00Z' + (i % 432000) * interval '1 second' END,
      CASE WHEN i % ${all / open} = 0 THEN 'check_in' END, 0, 'soon', '{elder}', '{nursing}', 1 + i % 20, repeat('x', 300), '{}',
      timestamptz '2026-11-01T00:00:00Z', timestamptz '2026-11-01T00:00:00Z'
    FROM generate_series(1, ${all}) i`)
  await db.$executeRawUnsafe('ANALYZE')
}

/** A hundred of each: an owner who has left, a deadline nobody handled, a contract that has ended. */
async function breakSome(db: Db): Promise<void> {
  const some = (from: number) =>
    `id IN (SELECT id FROM "HelpRequest" WHERE "nextDeadline" IS NOT NULL ORDER BY id LIMIT 100 OFFSET ${from})`
  await db.$executeRawUnsafe(
    `INSERT INTO "Staff" (code, name, role, active, skills, languages) VALUES ('gone', '示例', 'social_worker', false, '{}', '{}')`,
  )
  await db.$executeRawUnsafe(
    `UPDATE "HelpRequest" SET "ownerId" = (SELECT id FROM "Staff" WHERE code = 'gone') WHERE ${some(0)}`,
  )
  await db.$executeRawUnsafe(
    `UPDATE "HelpRequest" SET "nextDeadline" = timestamptz '2026-11-22T00:00:00Z' WHERE ${some(1000)}`,
  )
  await db.$executeRawUnsafe(`
    INSERT INTO "Contract" (reference, "programmeCode", "agencyId", buyer, "amountYuan", funding, "startsOn", "endsOn")
    VALUES ('old', 'elder', 1, '示例', 1, 'government', '2025-01-01', '2025-12-31')`)
  await db.$executeRawUnsafe(
    `UPDATE "HelpRequest" SET "contractId" = (SELECT id FROM "Contract" WHERE reference = 'old') WHERE ${some(2000)}`,
  )
}

async function measure(db: Db, what: string): Promise<void> {
  const unhandled = new Date(now.getTime() - 120_000)
  const questions = {
    'auditor: no owner, no deadline, deadline unhandled': () => orphans(db, unhandled, 200),
    'sweep: deadlines that are due': () => dueRequests(db, now, 500),
    'contract end: requests adrift': () => requestsAdrift(db, '2026-11-23', 200),
  }
  console.log(`\n${what}`)
  for (const [question, ask] of Object.entries(questions)) {
    const took: number[] = []
    let found = 0
    for (let i = 0; i < rounds; i++) {
      const began = performance.now()
      found = (await ask()).length
      took.push(performance.now() - began)
    }
    // The first look is kept: it plans the statement and finds cold pages.
    const first = took[0] ?? 0
    const sorted = [...took].sort((a, b) => a - b)
    const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
    console.log(
      `${question.padEnd(52)} found ${String(found).padStart(3)}  first ${first.toFixed(1)} ms  median ${at(0.5)}  p95 ${at(0.95)}`,
    )
  }
}
