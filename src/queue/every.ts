import type { Logger } from 'pino'

/** Runs `work` again and again with a rest between; the returned function ends it and waits for the one that runs. */
export function every(ms: number, work: () => Promise<void>, log: Logger): () => Promise<void> {
  let stopped = false
  let wake: () => void = () => undefined
  const loop = (async () => {
    while (!stopped) {
      await new Promise<void>((resume) => {
        const timer = setTimeout(resume, ms)
        wake = () => {
          clearTimeout(timer)
          resume()
        }
      })
      if (!stopped)
        await work().catch((error: unknown) => log.error({ err: error }, 'a sweep failed; the next one goes on'))
    }
  })()
  return async () => {
    stopped = true
    wake()
    await loop
  }
}
