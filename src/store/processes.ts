import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Is this pid a live process with this name? `kill -0` says yes for a zombie and for a pid that was given to another
 * program, and both are usual in containers; so the process table is read.
 */
export function isRunning(pid: number, name: RegExp): boolean {
  if (!(pid > 0)) return false
  if (process.platform === 'linux') {
    try {
      const [, command = '', state = ''] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
      return name.test(command) && state !== 'Z' && state !== 'X'
    } catch {
      return false
    }
  }
  if (process.platform === 'win32') {
    return name.test(spawnSync('tasklist', ['/fi', `pid eq ${pid}`, '/fo', 'csv', '/nh'], { encoding: 'utf8' }).stdout)
  }
  const line = spawnSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim()
  return line !== '' && !line.startsWith('Z') && name.test(line)
}
