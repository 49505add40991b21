import { setTimeout as sleep } from 'node:timers/promises'
import type { Rooms } from '../../src/rehearsal/month.ts'
import { type Other, startProcess } from './process.ts'

/** Every so many acts the process that does them is killed, while it does one. */
const killEvery = 12
/** The longest it is left to work on the act that kills it, in ms: before, within and after its transaction. */
const mercyMs = 30

/**
 * The rooms of dispatch in a process of their own that is killed with SIGKILL in the middle of its work, over and over. Whoever
 * comes after does the act again, as a sweep would: it knows nothing but the rows.
 */
export function mortalRooms(url: string): { rooms: Rooms; killed: () => number; end: () => Promise<void> } {
  let worker: Other | undefined
  let acts = 0
  let killed = 0

  const alive = async (): Promise<Other> => {
    if (worker) return worker
    worker = startProcess(program(url))
    if ((await worker.line()) !== 'ready') throw new Error('the rooms did not start')
    return worker
  }
  const act = async (order: object): Promise<void> => {
    const one = await alive()
    one.say(JSON.stringify(order))
    if (++acts % killEvery === 0) {
      await sleep((acts * 7) % mercyMs)
      await one.kill()
      worker = undefined
      killed++
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
    end: async () => worker?.kill(),
  }
}

const program = (url: string): string => `
  import { createInterface } from 'node:readline'
  import { pino } from 'pino'
  import { makeInTurn } from './src/dispatch/in-turn.ts'
  import { makeRooms } from './src/rehearsal/month.ts'
  import { workingCalendar } from './src/store/calendar.ts'
  import { openDb } from './src/store/db.ts'
  import { usedUpContracts } from './src/store/ledger.ts'
  import { makeSeal } from './src/store/secrets.ts'
  import { dutyFacts } from './src/store/staff.ts'

  const zone = 'Asia/Shanghai'
  const log = pino({ level: 'silent' })
  const db = openDb(${JSON.stringify(url)}, { max: 3 })
  let at = new Date(0)
  const rooms = makeRooms(makeInTurn({
    db,
    seal: makeSeal(new Uint8Array(32).fill(7)),
    ring: async () => undefined,
    calendar: () => workingCalendar(db, zone),
    facts: async () => dutyFacts(db, at, zone, await usedUpContracts(db, zone)),
    now: () => at,
    log,
  }), log)
  console.log('ready')
  for await (const line of createInterface({ input: process.stdin })) {
    const order = JSON.parse(line)
    at = new Date(order.at)
    await (order.requestId === undefined ? rooms.dutyChanged(at) : rooms.escalate(order.requestId, at))
    console.log('done')
  }
`
