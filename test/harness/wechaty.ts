import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './linbang.ts'
import { freePort } from './ports.ts'

export const wechatyFolder = join(root, 'wechaty')
/** `npm ci --prefix wechaty`; CI does it. */
export const wechatyIsHere = existsSync(join(wechatyFolder, 'node_modules', 'wechaty-puppet-mock'))

export interface Gateway {
  /** The settings with which Wechaty's own `service` puppet finds the gateway. */
  readonly env: Readonly<Record<string, string>>
  readonly home: string
  tell(asked: Readonly<Record<string, unknown>>): void
  screen(): readonly string[]
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export async function startGateway(): Promise<Gateway> {
  const home = mkdtempSync(join(tmpdir(), 'linbang-wechaty-'))
  const port = await freePort()
  const shown: string[] = []
  const env = {
    PATH: process.env.PATH ?? '',
    WECHATY_LOG: 'silent',
    WECHATY_PUPPET_SERVICE_TOKEN: `insecure_${randomUUID()}`,
    WECHATY_PUPPET_SERVICE_ENDPOINT: `127.0.0.1:${port}`,
    WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT: 'true',
    WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_SERVER: 'true',
  }
  let child: ChildProcess
  const start = async () => {
    const script = fileURLToPath(new URL('./wechaty-gateway.mjs', import.meta.url))
    child = fork(script, [wechatyFolder, String(port)], { env: { ...env, HOME: join(home, 'gateway') }, execArgv: [] })
    const ready = new Promise<void>((resolve, reject) => {
      child.on('message', (said: { ready?: boolean; shown?: string }) => {
        if (said.ready) resolve()
        if (said.shown !== undefined) shown.push(said.shown)
      })
      child.once('exit', () => reject(new Error('the gateway did not start')))
    })
    await ready
  }
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  await start()
  return {
    env,
    home,
    tell: (asked) => void child.send(asked),
    screen: () => shown,
    kill,
    start,
    stop: async () => {
      await kill()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
