import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DataDirInUse, type Embedded, startEmbedded } from '../../src/store/embedded.ts'
import { isRunning } from '../../src/store/processes.ts'
import { type Other, startProcess } from '../harness/process.ts'

const linux = process.platform === 'linux'

describe('the embedded PostgreSQL', () => {
  let base: string
  let dir: string
  let running: { stop(): Promise<unknown> }[] = []

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'linbang-embedded-'))
    dir = join(base, 'store')
  })
  afterEach(async () => {
    for (const one of running.reverse()) await one.stop()
    running = []
    rmSync(base, { recursive: true, force: true })
  })

  const start = async (where = dir): Promise<Embedded> => {
    const server = await startEmbedded({ dir: where })
    running.push(server)
    return server
  }
  /** Another Linbang on the same directory; its first line is the address of its store, or why there is none. */
  const elsewhere = (where = dir): Other => {
    const other = startProcess(`
      const { startEmbedded } = await import('./src/store/embedded.ts')
      try {
        console.log((await startEmbedded({ dir: ${JSON.stringify(where)} })).url)
        setInterval(() => {}, 1e6)
      } catch (error) { console.log(error.name + ': ' + error.message) }`)
    running.push({ stop: () => other.kill() })
    return other
  }
  const postmaster = (where = dir) =>
    Number(readFileSync(join(where, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0])

  it('starts from nothing, keeps rows over a restart, and leaves no process behind', async () => {
    const first = await start()
    await ask(first.url, 'CREATE TABLE kept AS SELECT 1 AS n')
    const pid = postmaster()
    expect(isRunning(pid, /postgres/)).toBe(true)
    await first.stop()
    expect(isRunning(pid, /postgres/)).toBe(false)
    expect(existsSync(join(dir, 'linbang.pid'))).toBe(false)

    const second = await start()
    expect(await ask(second.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }])
  })

  it('knows Chinese letters, and listens on no port', async () => {
    const { url } = await start()
    await ask(url, 'CREATE EXTENSION pg_trgm')
    const [row] = await ask(
      url,
      `SELECT pg_encoding_to_char(encoding) AS encoding, cardinality(show_trgm('社区救助')) AS letters,
       current_setting('listen_addresses') AS addresses FROM pg_database WHERE datname = current_database()`,
    )
    expect(row).toEqual({ encoding: 'UTF8', letters: 5, addresses: '' })
  })

  it('keeps its files and its password to their owner, also under a private folder of root', async () => {
    chmodSync(base, 0o700)
    const { url } = await start()
    expect(await ask(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
    for (const file of ['password', 'pgdata', 's', 'linbang.pid']) {
      expect([file, statSync(join(dir, file)).mode & 0o077]).toEqual([file, 0])
    }
    if (linux) {
      const inside = /^\s*(\d+)/.exec(readFileSync(`/proc/${postmaster()}/uid_map`, 'utf8'))?.[1]
      const outside = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${postmaster()}/status`, 'utf8'))?.[1]
      expect(inside !== '0' || outside !== '0').toBe(true)
    }
  })

  it('is started again at the same address when its postmaster is killed, with every committed row', async () => {
    const { url } = await start()
    await ask(url, 'CREATE TABLE kept AS SELECT 1 AS n')
    const killed = postmaster()
    process.kill(killed, 'SIGKILL')
    await expect.poll(() => ask(url, 'SELECT n FROM kept').catch(() => 'down'), { timeout: 20_000 }).toEqual([{ n: 1 }])
    expect(postmaster()).not.toBe(killed)
  })

  it('takes over what a killed Linbang left running, and ends it', async () => {
    const other = elsewhere()
    const url = (await other.line()) ?? ''
    await ask(url, 'CREATE TABLE kept AS SELECT 1 AS n')
    const orphan = postmaster()
    await other.kill()
    expect(isRunning(orphan, /postgres/)).toBe(true)

    const mine = await start()
    expect(await ask(mine.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }])
    expect(isRunning(orphan, /postgres/)).toBe(false)
  })

  it('starts after everything was killed at once', async () => {
    const other = elsewhere()
    await ask((await other.line()) ?? '', 'CREATE TABLE kept AS SELECT 1 AS n')
    process.kill(postmaster(), 'SIGKILL')
    await other.kill()
    const mine = await start()
    expect(await ask(mine.url, 'SELECT n FROM kept')).toEqual([{ n: 1 }])
  })

  it('is not fooled by a lock that names another living program, and leaves that program alone', async () => {
    await (await start()).stop()
    const innocent = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      const pid = String(innocent.pid)
      writeFileSync(join(dir, 'pgdata', 'postmaster.pid'), `${pid}\n${join(dir, 'pgdata')}\n1\n5432\n`)
      writeFileSync(join(dir, 's', '.s.PGSQL.5432.lock'), `${pid}\n${join(dir, 'pgdata')}\n1\n5432\n`)
      writeFileSync(join(dir, 'linbang.pid'), `${pid} 1`)
      const { url } = await start()
      expect(await ask(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
      expect(innocent.exitCode ?? innocent.signalCode).toBeNull()
    } finally {
      innocent.kill()
    }
  })

  it.runIf(linux)('does not end the PostgreSQL of somebody else whose pid stands in an old lock', async () => {
    const neighbour = await start(join(base, 'neighbour'))
    await (await start()).stop()
    const theirs = postmaster(join(base, 'neighbour'))
    writeFileSync(join(dir, 'pgdata', 'postmaster.pid'), `${theirs}\n${join(dir, 'pgdata')}\n1\n5432\n`)
    const mine = await start()
    expect(await ask(mine.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
    expect(await ask(neighbour.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
    expect(postmaster(join(base, 'neighbour'))).toBe(theirs)
  })

  it('refuses a directory that a living Linbang uses, in one clear line', async () => {
    const { url } = await start()
    const line = `another Linbang is running on ${dir} (process ${process.pid}): stop it, or set another DATA_DIR`
    expect(await elsewhere().line()).toBe(`DataDirInUse: ${line}`)
    await expect(startEmbedded({ dir })).rejects.toThrow(line)
    expect(await ask(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
    expect(readdirSync(dir).sort()).toEqual(['linbang.pid', 'password', 'pgdata', 's', 'store.url'])
  })

  it('names the setting when the place given is a file', async () => {
    const file = join(base, 'a-file')
    writeFileSync(file, '')
    await expect(startEmbedded({ dir: file })).rejects.toThrow(`DATA_DIR: ${file} cannot be made or used (EEXIST)`)
  })

  it('of three that start at once on a new directory one runs and the others are refused', async () => {
    const lines = await Promise.all([elsewhere().line(), elsewhere().line(), elsewhere().line()])
    expect(lines.filter((line) => line?.startsWith('postgresql://')).length).toBe(1)
    expect(lines.filter((line) => line?.startsWith('DataDirInUse: another Linbang')).length).toBe(2)
  })

  it('refuses files that a server it cannot see is working on', async () => {
    await (await start()).stop()
    const container = createServer()
    await new Promise<void>((ready) => container.listen(join(dir, 's', '.s.PGSQL.5432'), ready))
    try {
      await expect(startEmbedded({ dir })).rejects.toThrow(DataDirInUse)
    } finally {
      await new Promise((closed) => container.close(closed))
    }
    expect(await ask((await start()).url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
  })

  it('begins again when the very first start was cut short', async () => {
    mkdirSync(join(dir, 'pgdata.init', 'base'), { recursive: true })
    writeFileSync(join(dir, 'pgdata.init', 'half'), '')
    writeFileSync(join(dir, 'password'), '')
    expect(await ask((await start()).url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
  })

  it('uses a loopback port where the path is too long for a socket', async () => {
    const deep = join(base, 'x'.repeat(60), 'y'.repeat(60))
    const { url } = await start(deep)
    expect(new URL(url).hostname).toBe('127.0.0.1')
    expect(await ask(url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
  })

  it('says what to do with files of another PostgreSQL version', async () => {
    await (await start()).stop()
    writeFileSync(join(dir, 'pgdata', 'PG_VERSION'), '17\n')
    await expect(startEmbedded({ dir })).rejects.toThrow('was made by PostgreSQL 17, this is 18')
  })
})

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
