import { createInterface } from 'node:readline'
import { pino } from 'pino'
import { makeInTurn } from '../dispatch/in-turn.ts'
import { workingCalendar } from '../store/calendar.ts'
import { openDb } from '../store/db.ts'
import { makeSeal } from '../store/secrets.ts'
import { Order, type Orders } from './mortal-rooms.ts'
import { factsOf, makeRooms } from './rooms.ts'

/**
 * The rooms of dispatch in a process of their own, so that a rehearsal can kill it. Orders come a line each on standard
 * input, the first says where the store is; each is answered with a line when its rows are written.
 */
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const answer = (line: 'ready' | 'done') => process.stdout.write(`${line}\n`)
const opening = await lines.next()
if (!opening.done) await serve(JSON.parse(opening.value))

async function serve({ url, zone, key }: Orders): Promise<void> {
  const db = openDb(url, { max: 3 })
  let at = new Date(0)
  const facts = factsOf(db, zone, () => at)
  const calendar = await workingCalendar(db, zone)
  const log = pino({ level: 'silent' })
  const inTurn = makeInTurn({
    db,
    seal: makeSeal(Buffer.from(key, 'base64')),
    ring: async () => undefined,
    calendar: async () => calendar,
    facts: facts.read,
    now: () => at,
    log,
  })
  const rooms = makeRooms(inTurn, log)
  let version = 0
  answer('ready')
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const order = Order.parse(JSON.parse(line.value))
    at = order.at
    if (order.facts !== version) facts.forget()
    version = order.facts
    await (order.requestId === undefined ? rooms.dutyChanged(at) : rooms.escalate(order.requestId, at))
    answer('done')
  }
  await db.$disconnect()
}
