import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DataDirInUse } from './embedded-claim.ts'
import { isRunning } from './processes.ts'

const postgres = /^postgres/
const rest = 100
/** A fast shutdown may take this long; then an immediate one, after which the log is replayed at the next start. */
const patienceMs = 10_000
const giveUpMs = 30_000

/**
 * Leave no PostgreSQL at work on these files: one that outlived a killed Linbang is ended in order, and the children of
 * a killed one are waited for, since two servers on the same files destroy them. Then locks nobody holds are cleared.
 * @throws Error when it does not end; DataDirInUse when one answers that this process cannot see (another container).
 */
export async function endLeftover(data: string, sockets: string): Promise<void> {
  const postmaster = Number(read(join(data, 'postmaster.pid'))?.split('\n')[0])
  for (let waited = 0, left = workingOn(data, postmaster); left.length > 0; waited += rest) {
    if (waited === 0 && left.includes(postmaster)) signal([postmaster], 'SIGINT')
    if (waited === patienceMs) signal(left, 'SIGQUIT')
    if (waited > giveUpMs) throw new Error(`a PostgreSQL on ${data} (process ${left[0]}) does not end: end it by hand`)
    await sleep(rest)
    left = workingOn(data, postmaster)
  }
  for (const socket of files(sockets).filter((file) => !file.endsWith('.lock'))) {
    if (await answers(join(sockets, socket))) {
      throw new DataDirInUse(
        `a PostgreSQL of another machine or container is running on ${data}: stop that Linbang, or set another DATA_DIR`,
      )
    }
  }
  // PostgreSQL trusts any pid that is alive. Where the pid is dead its own check stays in force: it sees more than we do.
  if (isTaken(postmaster)) rmSync(join(data, 'postmaster.pid'), { force: true })
  for (const file of files(sockets)) rmSync(join(sockets, file), { force: true })
}

/** Live PostgreSQL processes on these files. A server runs in its data directory, and so do its children. */
function workingOn(data: string, postmaster: number): number[] {
  if (process.platform !== 'linux') return isRunning(postmaster, /postgres/) ? [postmaster] : []
  const real = realpathSync(data)
  return files('/proc')
    .map(Number)
    .filter((pid) => isRunning(pid, postgres) && (cwd(pid) === real || commandOf(pid).includes(data)))
}

/** The folder a process runs in; undefined when we may not look (another user's). */
function cwd(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

const commandOf = (pid: number) => read(`/proc/${pid}/cmdline`)?.split('\0') ?? []

/** Does the machine count this pid as alive? It does so for zombies and for other programs that got the number. */
function isTaken(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // it has just ended
    }
  }
}

function answers(socket: string): Promise<boolean> {
  return new Promise((told) => {
    const client = connect(socket)
    client.once('connect', () => {
      client.destroy()
      told(true)
    })
    client.once('error', () => told(false))
  })
}

function files(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
