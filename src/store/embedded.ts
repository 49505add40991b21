import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { program, type RunAs, unprivileged } from './embedded-binaries.ts'
import { isRunning } from './processes.ts'

/** Our own PostgreSQL: real, in the data directory, started and stopped with the program. */
export interface Embedded {
  readonly url: string
  stop(): Promise<void>
}

/** The data directory is in use by another living Linbang. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse'
}

const major = '18'
const database = 'linbang'
const user = 'linbang'
/** Unix socket paths are limited to 107 bytes; the socket file's own name takes 15 of them. */
const longestSocketDir = 107 - '/.s.PGSQL.5432.'.length

/**
 * Tuned for a queue in the database on a small machine: dead rows of finished jobs are cleared early (measured: without
 * it a busy queue falls from 700 to 250 jobs a second within a minute).
 */
const settings = [
  'timezone=UTC',
  'log_timezone=UTC',
  'jit=off',
  'autovacuum_naptime=5s',
  'autovacuum_vacuum_scale_factor=0.05',
  'autovacuum_vacuum_threshold=500',
  'autovacuum_vacuum_cost_delay=0',
  'max_connections=120',
  'shared_buffers=128MB',
]

/**
 * Start PostgreSQL in `dir`, making the cluster on the first start. A PostgreSQL left over from a killed Linbang is taken
 * over; a data directory that another living Linbang uses is refused.
 * @throws DataDirInUse, or an Error that says what to do.
 */
export async function startEmbedded({ dir: given }: { dir: string }): Promise<Embedded> {
  const dir = resolve(given)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const release = claim(dir)
  try {
    const server = await start(dir)
    return {
      url: server.url,
      stop: async () => {
        await server.stop()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

/** One living Linbang per data directory. The lock of a dead one, or of a pid that is now another program's, is taken over. */
function claim(dir: string): () => void {
  const file = join(dir, 'linbang.pid')
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 })
      return () => rmSync(file, { force: true })
    } catch {
      const holder = Number(readFileIfAny(file))
      if (holder !== process.pid && isRunning(holder, /node|MainThread|vitest|tsx/i) && attempt < 3) {
        throw new DataDirInUse(
          `another Linbang (process ${holder}) is running on ${dir}: stop it, or set another DATA_DIR`,
        )
      }
      rmSync(file, { force: true })
    }
  }
}

async function start(dir: string): Promise<Embedded> {
  const data = join(dir, 'pgdata')
  const sockets = join(dir, 's')
  const as = unprivileged()
  mkdirSync(sockets, { recursive: true, mode: 0o700 })
  const password = ownPassword(dir, as)
  if (as.ids.uid !== undefined && as.ids.gid !== undefined) {
    for (const path of [dir, sockets]) chownSync(path, as.ids.uid, as.ids.gid)
  }
  makeCluster(data, join(dir, 'password'), as)
  await endLeftover(data)
  clearStale(data, sockets)

  const viaTcp = process.platform === 'win32' || Buffer.byteLength(sockets) > longestSocketDir
  const host = viaTcp ? '127.0.0.1' : sockets
  const port = viaTcp ? await freePort() : 5432
  const flags = [
    `listen_addresses=${viaTcp ? '127.0.0.1' : ''}`,
    `unix_socket_directories=${viaTcp ? '' : sockets}`,
    ...settings,
  ].flatMap((setting) => ['-c', setting])
  const child = launch([program('postgres'), '-D', data, '-p', String(port), ...flags], as)
  const connection = { host, port, user, password }
  await untilReady(child, connection)
  await ensureDatabase(connection)
  const where = viaTcp
    ? `127.0.0.1:${port}/${database}`
    : `localhost:${port}/${database}?host=${encodeURIComponent(host)}`
  return {
    url: `postgresql://${user}:${password}@${where}`,
    stop: async () => {
      if (child.process.exitCode !== null || child.process.signalCode !== null) return
      const gone = new Promise<void>((done) => child.process.once('exit', () => done()))
      child.process.kill('SIGINT') // fast shutdown: open transactions are rolled back
      await gone
    },
  }
}

function ownPassword(dir: string, as: RunAs): string {
  const file = join(dir, 'password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 })
  if (as.ids.uid !== undefined && as.ids.gid !== undefined) chownSync(file, as.ids.uid, as.ids.gid)
  return readFileSync(file, 'utf8').trim()
}

function makeCluster(data: string, passwordFile: string, as: RunAs): void {
  if (existsSync(join(data, 'PG_VERSION'))) {
    const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
    if (found !== major) {
      throw new Error(
        `${data} was made by PostgreSQL ${found}, this is ${major}: move the data with pg_dump of version ${found} first`,
      )
    }
    return
  }
  const fresh = `${data}.init`
  let said = ''
  // LC_CTYPE must be a UTF-8 one, or trigram search sees no letter in Chinese; C is the last resort.
  for (const ctype of ['C.UTF-8', 'C.utf8', 'en_US.UTF-8', 'C']) {
    rmSync(fresh, { recursive: true, force: true }) // a half-made cluster is thrown away
    const [command = '', ...args] = [
      ...as.prefix,
      program('initdb'),
      '-D',
      fresh,
      '-U',
      user,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      `--lc-ctype=${ctype}`,
      '--no-instructions',
    ]
    const run = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' }, ...as.ids })
    if (run.status === 0) {
      renameSync(fresh, data)
      return
    }
    said = run.error?.message ?? run.stderr
    if (!said.includes('locale')) break
  }
  throw new Error(`PostgreSQL could not make its data directory: ${said.trim()}`)
}

/** A PostgreSQL that outlived a killed Linbang holds the data: end it in order, then start our own. */
async function endLeftover(data: string): Promise<void> {
  const pid = Number(readFileIfAny(join(data, 'postmaster.pid'))?.split('\n')[0])
  if (isRunning(pid, /postgres/)) {
    process.kill(pid, 'SIGINT')
    for (let i = 0; isRunning(pid, /postgres/); i++) {
      if (i === 100) process.kill(pid, 'SIGQUIT') // ten seconds: crash recovery will do the rest
      if (i > 300) throw new Error(`a PostgreSQL left over on ${data} (process ${pid}) does not stop: stop it by hand`)
      await sleep(100)
    }
  }
  // After a killed postmaster its children leave by themselves, and hold shared memory until they have.
  for (let i = 0; i < 50 && childrenAt(data); i++) await sleep(100)
}

function childrenAt(data: string): boolean {
  if (process.platform !== 'linux') return false
  return readdirSync('/proc').some((pid) => {
    if (!/^\d+$/.test(pid)) return false
    return readFileIfAny(`/proc/${pid}/cmdline`)?.includes(data) === true && isRunning(Number(pid), /postgres/)
  })
}

/** PostgreSQL itself trusts a pid that is alive, even when it is another program's: its locks are cleared here. */
function clearStale(data: string, sockets: string): void {
  rmSync(join(data, 'postmaster.pid'), { force: true })
  for (const file of readdirSync(sockets)) rmSync(join(sockets, file), { force: true })
}

interface Launched {
  readonly process: ChildProcess
  /** What it last said, for the error of a start that failed. */
  said(): string
}

function launch(command: readonly string[], as: RunAs): Launched {
  const [name = '', ...args] = [...as.prefix, ...command]
  // Its own group: Ctrl-C reaches Linbang only, which stops PostgreSQL last and in order.
  const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...as.ids })
  let tail = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-2_000)
  })
  child.once('error', (error) => {
    tail += error.message
  })
  return { process: child, said: () => tail.trim() }
}

async function untilReady(child: Launched, connection: pg.ClientConfig): Promise<void> {
  for (const until = Date.now() + 60_000; ; ) {
    if (child.process.exitCode !== null) throw new Error(`PostgreSQL did not start: ${child.said()}`)
    try {
      await query(connection, 'SELECT 1')
      return
    } catch (error) {
      if (Date.now() > until) throw new Error(`PostgreSQL was not ready after 60 s: ${child.said()}`, { cause: error })
      await sleep(20)
    }
  }
}

async function ensureDatabase(connection: pg.ClientConfig): Promise<void> {
  const found = await query(connection, `SELECT 1 FROM pg_database WHERE datname = '${database}'`)
  if (found === 0) await query(connection, `CREATE DATABASE ${database}`)
}

async function query(connection: pg.ClientConfig, sql: string): Promise<number> {
  const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rowCount ?? 0
  } finally {
    await client.end()
  }
}

function readFileIfAny(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer().once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object' ? found(address.port) : failed(new Error('no port')),
      )
    })
  })
}
