import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Logger, pino } from 'pino'
import { startApp } from '../../src/app.ts'
import type { Classify } from '../../src/classify/classifier.ts'
import { readConfig } from '../../src/config.ts'
import type { QueueBackend } from '../../src/queue/bells.ts'
import type { Db } from '../../src/store/db.ts'
import { insertInvite, inviteCode } from '../../src/store/people.ts'
import type { Seal } from '../../src/store/secrets.ts'
import { type Phone, webPhone } from './phone.ts'
import { freshStore, type Store } from './store.ts'

/** A whole Linbang on a database of its own, driven from outside: phones speak through the web API, time by hand. */
export interface Linbang {
  readonly url: string
  readonly db: Db
  readonly databaseUrl: string
  readonly seal: Seal
  /** Where contents of attachments lie. */
  readonly dataDir: string
  readonly clock: Clock
  resident(): Promise<Phone>
  coordinator(): Promise<Phone>
  /** The duty worker of an agency: a1 … a5. */
  worker(agency: 'a1' | 'a2' | 'a3' | 'a4' | 'a5'): Promise<Phone>
  /** The phone of any colleague, joined by an invitation as in life; the screen starts empty. */
  colleague(code: string): Promise<Phone>
  /** Every open request has an owner and a deadline, whatever happened. */
  orphans(): Promise<number>
  stop(): Promise<void>
}

export interface Clock {
  now(): Date
  forward(by: { minutes?: number; hours?: number; days?: number }): void
}

export const root = fileURLToPath(new URL('../..', import.meta.url))
export const fieldKey = Buffer.alloc(32, 7).toString('hex')

/** How long a running Linbang believes what it has read of the calendar; a test that changes it waits twice as long. */
export const districtFreshMs = 100

/** A Monday morning at work, in Xiamen. */
export const mondayMorning = new Date('2026-11-23T09:30:00+08:00')

export interface Options {
  readonly at?: Date
  readonly queue?: QueueBackend
  readonly env?: Record<string, string>
  /** How often shifts, contracts and the coming week are looked at; by default as seldom as in life. */
  readonly watchEveryMs?: number
  /** A database that is there already: a second process, or the same one after a restart. Its maker drops it. */
  readonly on?: Store
  readonly log?: Logger
  readonly classify?: Classify
}

export async function startLinbang({
  at = mondayMorning,
  queue,
  env = {},
  watchEveryMs,
  on,
  log,
  classify,
}: Options = {}): Promise<Linbang> {
  const store = on ?? (await freshStore())
  const offset = { ms: at.getTime() - Date.now() }
  const clock: Clock = {
    now: () => new Date(Date.now() + offset.ms),
    forward: ({ minutes = 0, hours = 0, days = 0 }) => {
      offset.ms += ((days * 24 + hours) * 60 + minutes) * 60_000
    },
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'linbang-data-'))
  const config = readConfig(
    {
      DATA_DIR: dataDir,
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: store.url,
      FIELD_KEY: fieldKey,
      DEMO: '1',
      QUIET_MS: '0',
      LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
      ...(queue?.kind === 'redis' ? { REDIS_URL: queue.url } : {}),
      ...env,
    },
    root,
  )
  const districtFile = readFileSync(`${root}/prisma/seed/huli.yaml`, 'utf8')
  const app = await startApp(config, log ?? pino({ level: config.logLevel }), {
    ...(classify ? { classify } : {}),
    now: clock.now,
    districtFile,
    sweepEveryMs: 150,
    // Who is on duty, and who has joined, counts from the moment a test says so.
    dutyFreshMs: 0,
    districtFreshMs,
    ...(watchEveryMs === undefined ? {} : { watchEveryMs }),
  })
  const phones: Phone[] = []
  const phone = async (name?: string): Promise<Phone> => {
    const made = await webPhone(app.url, name)
    phones.push(made)
    return made
  }
  return {
    url: app.url,
    db: app.db,
    databaseUrl: store.url,
    seal: store.seal,
    dataDir,
    clock,
    resident: () => phone(),
    coordinator: () => phone('coordinator'),
    worker: (agency) => phone(`worker-${agency}`),
    colleague: async (code) => {
      const { id } = await store.db.staff.findUniqueOrThrow({ where: { code }, select: { id: true } })
      const invitation = inviteCode()
      const expiresAt = new Date(clock.now().getTime() + 3_600_000)
      await insertInvite(store.db, { staffId: id, invitedById: null, code: invitation, expiresAt })
      const made = await phone()
      await made.says(`加入 ${invitation}`)
      await made.sees('您已加入邻帮')
      return made
    },
    orphans: async () => {
      const rows = await store.db.$queryRaw<{ count: number }[]>`
        SELECT count(*)::int AS count FROM "HelpRequest"
        WHERE status NOT IN ('closed', 'withdrawn', 'merged') AND ("nextDeadline" IS NULL OR "ownerId" IS NULL)`
      return rows[0]?.count ?? -1
    },
    stop: async () => {
      for (const made of phones) made.hangUp()
      await app.stop()
      if (!on) await store.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
