import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Rooms } from './rooms.ts'

/** What the other process is told first: where the store is, and the key its rows are sealed with, in Base64. */
export interface Orders {
  readonly url: string
  readonly zone: string
  readonly key: string
}

export const Order = z.object({
  at: z.coerce.date(),
  /** Without one: somebody came on or went off duty. */
  requestId: z.int().optional(),
  /** Another number than before: who is on duty has to be read anew. */
  facts: z.int(),
})

export interface MortalRooms {
  readonly rooms: Rooms
  killed(): number
  end(): Promise<void>
}

export interface Mortality {
  /** Arguments of node that start `rooms-process.ts`. */
  readonly program: readonly string[]
  readonly orders: Orders
  readonly factsVersion: () => number
  /** Whether the process is to be killed while it works on the act of this moment. */
  readonly dies: (at: Date) => boolean
}

/** The longest a process is left to work on the act it dies in, in ms: before, within and after its transaction. */
const mercyMs = 20

/**
 * The rooms of dispatch in a process of their own that is killed with SIGKILL in the middle of its work. Whoever comes after
 * does the act again, as a sweep would: it knows nothing but the rows.
 */
export function mortalRooms({ program, orders, factsVersion, dies }: Mortality): MortalRooms {
  let worker: Promise<Worker> | undefined
  let killed = 0

  const act = async (order: { readonly at: Date; readonly requestId?: number }): Promise<void> => {
    worker ??= startWorker(program, orders)
    const one = await worker
    one.say({ ...order, facts: factsVersion() })
    if (dies(order.at)) {
      await sleep((killed++ * 7) % mercyMs)
      await one.kill()
      worker = undefined
      return act(order)
    }
    if ((await one.line()) !== 'done') throw new Error('the rooms ended by themselves')
  }
  return {
    rooms: {
      escalate: (requestId, at) => act({ requestId, at }),
      dutyChanged: (at) => act({ at }),
    },
    killed: () => killed,
    end: async () => (await worker)?.kill(),
  }
}

interface Worker {
  say(order: object): void
  line(): Promise<string | undefined>
  kill(): Promise<void>
}

async function startWorker(program: readonly string[], orders: Orders): Promise<Worker> {
  const child: ChildProcess = spawn(process.execPath, [...program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const { stdin, stdout } = child
  if (!stdin || !stdout) throw new Error('the rooms did not start')
  stdin.on('error', () => undefined) // it was killed while we spoke: the next one is told again
  const lines = createInterface(stdout)[Symbol.asyncIterator]()
  const worker: Worker = {
    say: (order) => void stdin.write(`${JSON.stringify(order)}\n`),
    line: async () => {
      const { value, done } = await lines.next()
      return done ? undefined : String(value)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
  worker.say(orders)
  if ((await worker.line()) !== 'ready') throw new Error('the rooms did not start')
  return worker
}
