import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeProcess } from './processes.ts'

/** The data directory is in use by another living Linbang. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse'
}

/**
 * One living Linbang per data directory; the returned function gives it back. The claim of a dead one is taken over, also
 * when its pid is another program's by now. A claim appears with its content (a link), so nobody reads half of one.
 * @throws DataDirInUse
 */
export function claim(dir: string): () => void {
  const file = join(dir, 'linbang.pid')
  const mine = `${process.pid} ${seeProcess(process.pid)?.born ?? ''}`
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, mine, { mode: 0o600 })
  try {
    while (!tryLink(draft, file)) {
      refuseHeld(read(file), dir)
      clearDead(file, `${draft}.dead`, dir)
    }
  } finally {
    rmSync(draft, { force: true })
  }
  return () => {
    if (read(file) === mine) rmSync(file, { force: true })
  }
}

/** Moved aside and looked at again: between the look and the move a living one may have taken the place. */
function clearDead(file: string, aside: string, dir: string): void {
  try {
    renameSync(file, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  try {
    refuseHeld(read(aside), dir)
  } catch (error) {
    tryLink(aside, file)
    throw error
  } finally {
    rmSync(aside, { force: true })
  }
}

function refuseHeld(claimed: string | undefined, dir: string): void {
  const [, pid = '', born = ''] = /^(\d+) (.*)$/.exec(claimed ?? '') ?? []
  const seen = seeProcess(Number(pid))
  // Where the machine does not tell when a process began, its name must do.
  if (seen === undefined || seen.born !== born || (born === '' && !/node/i.test(seen.name))) return
  throw new DataDirInUse(`another Linbang is running on ${dir} (process ${pid}): stop it, or set another DATA_DIR`)
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
