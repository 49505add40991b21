import { spawn } from 'node:child_process'

export interface Ran {
  readonly code: number
  readonly stdout: Buffer
  readonly stderr: string
}

const mostStderr = 64_000

/**
 * Run one program without a shell, with an end: killed after `ms`, or when it writes more than `mostBytes`.
 * @throws Error when it cannot be started, takes too long or writes too much. A bad exit code is not thrown.
 */
export function run(
  command: string,
  args: readonly string[],
  { input, ms, mostBytes, env }: { input?: Uint8Array; ms: number; mostBytes: number; env?: Record<string, string> },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...env } })
    const out: Buffer[] = []
    let stderr = ''
    let written = 0
    const end = (why: string) => {
      child.kill('SIGKILL')
      reject(new Error(`${command} ${why}`))
    }
    const timer = setTimeout(() => end(`took longer than ${ms} ms`), ms)
    child.on('error', (cause) => {
      clearTimeout(timer)
      reject(new Error(`${command} cannot be started`, { cause }))
    })
    child.stdout.on('data', (chunk: Buffer) => {
      written += chunk.length
      if (written > mostBytes) end(`wrote more than ${mostBytes} bytes`)
      else out.push(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < mostStderr) stderr += chunk.toString('utf8')
    })
    child.stdin.on('error', () => undefined) // it may end before it has read everything
    child.stdin.end(input ?? '')
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code: code ?? -1, stdout: Buffer.concat(out), stderr })
    })
  })
}
