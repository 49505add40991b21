import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import { program, type RunAs, unprivileged } from './embedded-binaries.ts'
import { claim } from './embedded-claim.ts'
import { makeCluster } from './embedded-cluster.ts'
import { endLeftover } from './embedded-leftover.ts'

export { DataDirInUse } from './embedded-claim.ts'

/** Our own PostgreSQL: real, in the data directory, started and stopped with the program. */
export interface Embedded {
  readonly url: string
  stop(): Promise<void>
}

const database = 'linbang'
const user = 'linbang'
/** Unix socket paths are limited to 107 bytes; the socket file's own name takes 15 of them. */
const longestSocketDir = 107 - '/.s.PGSQL.5432.'.length
/** A fast shutdown takes milliseconds; after this long it is made an immediate one. */
const stopWithinMs = 20_000

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
 * Start PostgreSQL in `dir`, making the cluster on the first start. A PostgreSQL left over from a killed Linbang is ended
 * first; a data directory that another living Linbang uses is refused. A server that dies is started again at the same
 * address until `stop`.
 * @throws DataDirInUse, or an Error that says what to do.
 */
export async function startEmbedded({ dir: given, log }: { dir: string; log?: Logger }): Promise<Embedded> {
  const dir = resolve(given)
  makeDirectory(dir)
  const release = claim(dir)
  try {
    const server = await serve(dir, log)
    writeFileSync(addressFile(dir), server.url, { mode: 0o600 })
    return {
      url: server.url,
      stop: async () => {
        rmSync(addressFile(dir), { force: true })
        await server.stop()
        release()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    throw new Error(`DATA_DIR: ${dir} cannot be made or used (${reason}): choose a directory that can be written to`, {
      cause,
    })
  }
}

/** Where a running Linbang's store is reached, for a command beside it; `undefined` when none runs there. */
export function runningStore(dir: string): string | undefined {
  try {
    return readFileSync(addressFile(resolve(dir)), 'utf8')
  } catch {
    return undefined
  }
}

const addressFile = (dir: string) => join(dir, 'store.url')

async function serve(dir: string, log: Logger | undefined): Promise<Embedded> {
  const as = unprivileged()
  const sockets = join(dir, 's')
  mkdirSync(sockets, { recursive: true, mode: 0o700 })
  if (as.ids.uid !== undefined && as.ids.gid !== undefined) {
    for (const path of [dir, sockets]) chownSync(path, as.ids.uid, as.ids.gid)
  }
  const { data, password } = makeCluster(dir, user, as)
  const viaTcp = process.platform === 'win32' || Buffer.byteLength(sockets) > longestSocketDir || sockets.includes(',')
  const host = viaTcp ? '127.0.0.1' : sockets
  const port = viaTcp ? await freePort() : 5432
  const flags = [
    `listen_addresses=${viaTcp ? '127.0.0.1' : ''}`,
    `unix_socket_directories=${viaTcp ? '' : sockets}`,
    ...settings,
  ].flatMap((setting) => ['-c', setting])
  const command = [program('postgres'), '-D', data, '-p', String(port), ...flags]

  const server = await keepRunning(async () => {
    await endLeftover(data, sockets)
    return launch(command, as, { host, port, user, password })
  }, log)
  const where = viaTcp
    ? `127.0.0.1:${port}/${database}`
    : `localhost:${port}/${database}?host=${encodeURIComponent(host)}`
  return { url: `postgresql://${user}:${password}@${where}`, stop: server.stop }
}

/** Starts a server and starts it again whenever it dies, at most once a second. */
async function keepRunning(start: () => Promise<ChildProcess>, log: Logger | undefined) {
  let stopping = false
  let server = await start()
  let starting: Promise<void> = Promise.resolve()
  const again = async () => {
    while (!stopping) {
      try {
        server = await start()
        watch()
        return
      } catch (error) {
        log?.error({ err: error }, 'the embedded PostgreSQL could not be started again')
        await sleep(1_000)
      }
    }
  }
  const watch = () =>
    server.once('exit', (code, signal) => {
      if (stopping) return
      log?.error({ code, signal }, 'the embedded PostgreSQL died and is started again')
      starting = again()
    })
  watch()
  return {
    stop: async () => {
      stopping = true
      await starting
      await end(server)
    },
  }
}

/** One server process, ready to be asked. */
async function launch(command: readonly string[], as: RunAs, connection: pg.ClientConfig): Promise<ChildProcess> {
  const [name = '', ...args] = [...as.prefix, ...command]
  // Its own group: Ctrl-C reaches Linbang only, which stops PostgreSQL last and in order.
  const server = spawn(name, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, ...as.ids })
  let said = ''
  server.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2_000)
  })
  server.once('error', (error) => {
    said += error.message
  })
  try {
    for (const until = Date.now() + 60_000; ; await sleep(20)) {
      if (hasEnded(server)) throw new Error('it ended')
      const fault = await ensureDatabase(connection).catch((error: unknown) => error)
      if (fault === undefined) return server
      if (Date.now() > until || isDenied(fault)) throw fault
    }
  } catch (cause) {
    await end(server)
    const reason = said.trim() || (cause instanceof Error ? cause.message : String(cause))
    throw new Error(`PostgreSQL did not start: ${reason}`, { cause })
  }
}

const hasEnded = (child: ChildProcess) =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null

/** Fast shutdown: open transactions are rolled back. */
async function end(server: ChildProcess): Promise<void> {
  if (hasEnded(server)) return
  const gone = new Promise<void>((done) => server.once('exit', () => done()))
  server.kill('SIGINT')
  const late = setTimeout(() => server.kill('SIGQUIT'), stopWithinMs)
  await gone
  clearTimeout(late)
}

async function ensureDatabase(connection: pg.ClientConfig): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres', connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`)
  } finally {
    await client.end()
  }
}

/** 28…: the password is not the cluster's; waiting will not mend it. */
const isDenied = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('28')

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
