import type { Logger } from 'pino'
import { z } from 'zod'
import type { Verdict } from '../domain/media.ts'
import { run } from './run.ts'

/** What looks for malware: a program that reads the content, or a service it is posted to. Unset: nothing does. */
export type ScanSettings =
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | { readonly kind: 'url'; readonly url: string }

export type Scan = (data: Uint8Array) => Promise<Verdict>

const withinMs = 20_000
const Answer = z.object({ verdict: z.enum(['clean', 'infected', 'unknown']) })

/**
 * The command gets the content on its standard input and answers by its exit code, as ClamAV does: 0 clean, 1 infected,
 * anything else unknown. The service gets it as the body of a POST and answers `{"verdict":"clean"|"infected"|"unknown"}`.
 * Never throws: no answer is `unknown`.
 */
export function makeScan(settings: ScanSettings | undefined, log: Logger): Scan {
  if (settings === undefined) return async () => 'unknown'
  const ask = settings.kind === 'command' ? byCommand(settings.command) : byService(settings.url)
  return async (data) => {
    try {
      return await ask(data)
    } catch (error) {
      log.warn({ why: error instanceof Error ? error.message : 'unknown' }, 'the scanner did not answer')
      return 'unknown'
    }
  }
}

function byCommand([command = '', ...args]: readonly string[]): Scan {
  return async (input) => {
    const { code } = await run(command, args, { input, ms: withinMs, mostBytes: 100_000 })
    return code === 0 ? 'clean' : code === 1 ? 'infected' : 'unknown'
  }
}

function byService(url: string): Scan {
  return async (data) => {
    const headers = { 'content-type': 'application/octet-stream' }
    const signal = AbortSignal.timeout(withinMs)
    const response = await fetch(url, { method: 'POST', headers, body: Buffer.from(data), signal, redirect: 'error' })
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`the scanner answered ${response.status}`)
    }
    return Answer.parse(await response.json()).verdict
  }
}
