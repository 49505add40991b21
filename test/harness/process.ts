import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { root } from './linbang.ts'

/** Another process of ours, so that a test can kill one: runs `code`, which sees the sources as `./src/…`. */
export interface Other {
  readonly pid: number
  /** The next line it prints; undefined when it has ended without one. */
  line(): Promise<string | undefined>
  /** A line to its standard input. */
  say(line: string): void
  kill(signal?: NodeJS.Signals): Promise<void>
}

export function startProcess(code: string): Other {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  if (!child.stdout || child.pid === undefined) throw new Error('the process did not start')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    pid: child.pid,
    line: async () => {
      const { value, done } = await lines.next()
      return done ? undefined : String(value)
    },
    say: (line) => {
      child.stdin?.write(`${line}\n`)
    },
    kill: async (signal = 'SIGKILL') => {
      child.kill(signal)
      await ended
    },
  }
}
