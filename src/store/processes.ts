import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

export interface SeenProcess {
  readonly name: string
  /** When it began, in the words of this machine (empty where that is not told): a pid is given to others later. */
  readonly born: string
}

/**
 * The live process with this pid. `kill -0` says yes for a zombie and for a pid that was given to another program, and
 * both are usual in containers; so the process table is read.
 */
export function seeProcess(pid: number): SeenProcess | undefined {
  if (!(Number.isInteger(pid) && pid > 0)) return undefined
  if (process.platform === 'linux') return readProc(pid)
  if (process.platform === 'win32') {
    const { stdout } = spawnSync('tasklist', ['/fi', `pid eq ${pid}`, '/fo', 'csv', '/nh'], { encoding: 'utf8' })
    const name = /^"([^"]+)","\d+"/m.exec(stdout)?.[1]
    return name === undefined ? undefined : { name, born: '' }
  }
  const { stdout } = spawnSync('ps', ['-o', 'stat=,lstart=,comm=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  })
  const [, state = 'Z', born = '', name = ''] = /^(\S+)\s+(\S+ +\S+ +\S+ +\S+ +\S+)\s+(.*)$/m.exec(stdout.trim()) ?? []
  return state.startsWith('Z') ? undefined : { name, born }
}

/** Is this pid a live process with such a name? */
export function isRunning(pid: number, name: RegExp): boolean {
  const seen = seeProcess(pid)
  return seen !== undefined && name.test(seen.name)
}

/** /proc/PID/stat is `pid (name) state …`; the 22nd field is the start in clock ticks since the machine's. */
function readProc(pid: number): SeenProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0] ?? 'X'
    return state === 'Z' || state === 'X' ? undefined : { name, born: fields[19] ?? '' }
  } catch {
    return undefined
  }
}
