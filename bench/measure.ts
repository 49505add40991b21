import { setTimeout as sleep } from 'node:timers/promises'

/** A pipeline to measure: `push` puts one request in, `onOut` is called with its number when it has come out. */
export interface Pipeline {
  /** Requests ready to be pushed, numbered from 0. */
  readonly ready: number
  push(index: number): Promise<void>
  onOut: (index: number) => void
}

export interface Measured {
  readonly rate: number
  readonly p50: number
  readonly p99: number
  /** CPU seconds of this process a second of the sustained run (the servers' come on top). */
  readonly cpu: number
}

export interface Size {
  readonly fullSeconds: number
  readonly halfSeconds: number
}

/** Requests kept on their way: enough that no hop ever waits for work, few enough that the queue itself is not the load. */
const inFlight = 64
/** A run that stands still for this long has lost something: it fails instead of hanging. */
const patienceMs = 20_000

/** The sustained rate with the pipeline always full, then the time through it at half that rate. */
export async function measure(pipeline: Pipeline, { fullSeconds, halfSeconds }: Size): Promise<Measured> {
  const out = new Map<number, number>()
  let oneOut: () => void = () => undefined
  pipeline.onOut = (index) => {
    if (!out.has(index)) out.set(index, performance.now())
    oneOut()
  }
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  // Two thirds at most: the rest is for the second run.
  const most = Math.floor((pipeline.ready * 2) / 3)
  let full = 0
  while (full < most && performance.now() - began < fullSeconds * 1_000) {
    const room = new Promise<void>((resume) => {
      oneOut = resume
    })
    if (full - out.size < inFlight) void pipeline.push(full++)
    else if ((await Promise.race([room, sleep(1_000, 'no news', { ref: false })])) === 'no news') break // allOut tells
    if (full % 16 === 0) await sleep(0)
  }
  const tookMs = performance.now() - began
  const rate = (out.size / tookMs) * 1_000
  const cpu = process.cpuUsage(cpuBefore)
  await allOut(out, full)

  const half = Math.min(pipeline.ready - full, Math.round((rate / 2) * halfSeconds))
  const due = performance.now()
  const started: number[] = []
  for (let i = 0; i < half; i++) {
    // An open loop: a request that is due is pushed whether or not the one before it has come out.
    const at = due + (i * 1_000) / (rate / 2)
    const wait = at - performance.now()
    if (wait > 1) await sleep(wait)
    started.push(Math.max(at, performance.now()))
    void pipeline.push(full + i)
  }
  await allOut(out, full + half)
  const times = started.map((at, i) => (out.get(full + i) ?? Number.NaN) - at).sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
  return { rate, p50: at(0.5), p99: at(0.99), cpu: (cpu.user + cpu.system) / 1_000 / tookMs }
}

async function allOut(out: ReadonlyMap<number, number>, expected: number): Promise<void> {
  let seen = -1
  let movedAt = performance.now()
  while (out.size < expected) {
    if (out.size !== seen) {
      seen = out.size
      movedAt = performance.now()
    } else if (performance.now() - movedAt > patienceMs) {
      throw new Error(`the pipeline stands still: ${out.size} of ${expected} came out`)
    }
    await sleep(5)
  }
}
