import { parseArgs } from 'node:util'
import { DateTime } from 'luxon'
import { pino } from 'pino'
import { coverageHoles, dutySegments } from '../domain/coverage.ts'
import { workingCalendar } from '../store/calendar.ts'
import type { Db } from '../store/db.ts'
import { openDb } from '../store/db.ts'
import { makeScratch } from '../store/scratch.ts'
import { makeSeal } from '../store/secrets.ts'
import { dutyFacts } from '../store/staff.ts'
import { sayClock } from '../texts/clock.ts'
import { holeInWords } from '../texts/duty-words.ts'
import { say } from '../texts/say.ts'
import { diceFrom } from './cast.ts'
import type { Findings } from './findings.ts'
import { rehearse } from './month.ts'
import { type MortalRooms, mortalRooms } from './mortal-rooms.ts'

export interface RehearseParts {
  /** The database the district is copied from; nothing in it is changed. */
  readonly url: string
  readonly migrations: string
  readonly zone: string
  readonly now: Date
  readonly print: (line: string) => void
  /** How far it is; not part of the findings. */
  readonly progress: (line: string) => void
  /** Arguments of node that start the process of the rooms, which is killed now and then. */
  readonly roomsProgram: readonly string[]
}

/** Lines of one list; what is beyond is counted. */
const mostLines = 20

/** `linbang rehearse`. @returns 0 when every promise held, 1 when one was broken, 2 for a wrong argument. */
export async function rehearseCommand(args: readonly string[], parts: RehearseParts): Promise<number> {
  const asked = read(args, parts)
  if (asked === undefined) {
    parts.print(say('rehearsal.usage'))
    return 2
  }
  const { kills, ...played } = asked
  const scratch = await makeScratch(parts.url, parts.migrations)
  const db = openDb(scratch.url, { max: 4 })
  let mortal: MortalRooms | undefined
  try {
    const holes = await holesIn(db, asked.from, asked.days, parts.zone)
    // Sealed with a key of its own: what is written here is read by nobody and dropped at the end.
    const key = new Uint8Array(32)
    const orders = { url: scratch.url, zone: parts.zone, key: Buffer.from(key).toString('base64') }
    const dies = momentsToDie(asked)
    const findings = await rehearse({
      db,
      seal: makeSeal(key),
      zone: parts.zone,
      log: pino({ level: 'silent' }),
      onDay: (day, requests) => parts.progress(say('rehearsal.day', { day, requests })),
      rooms: (factsVersion) => {
        mortal = mortalRooms({ program: parts.roomsProgram, orders, factsVersion, dies })
        return mortal.rooms
      },
      ...played,
    })
    for (const line of inWords(findings, asked, parts.zone)) parts.print(line)
    if (kills > 0) parts.print(say('rehearsal.killed', { killed: mortal?.killed() ?? 0 }))
    for (const line of holes) parts.print(line)
    return findings.broken.length > 0 ? 1 : 0
  } finally {
    await mortal?.end()
    await db.$disconnect()
    await scratch.drop()
  }
}

interface Asked {
  readonly from: Date
  readonly days: number
  readonly perDay: number
  readonly seed: number
  /** How often the process that dispatches is killed. */
  readonly kills: number
}

/** One moment after the other at which the next act is the last of the process that does it; spread by the seed. */
function momentsToDie({ from, days, kills, seed }: Asked): (at: Date) => boolean {
  const dice = diceFrom(seed + 1)
  const moments = Array.from({ length: kills }, () => from.getTime() + dice() * days * 86_400_000).sort((a, b) => b - a)
  return (at) => {
    const next = moments.at(-1)
    if (next === undefined || next > at.getTime()) return false
    moments.pop()
    return true
  }
}

function read(args: readonly string[], { zone, now }: RehearseParts): Asked | undefined {
  const whole = (text: string, most: number) => (/^\d{1,6}$/.test(text) && Number(text) <= most ? Number(text) : 0)
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        days: { type: 'string', default: '31' },
        'per-day': { type: 'string', default: '40' },
        from: { type: 'string', default: DateTime.fromJSDate(now, { zone }).plus({ days: 1 }).toISODate() ?? '' },
        seed: { type: 'string', default: '1' },
        kills: { type: 'string', default: '20' },
      },
    })
    const from = DateTime.fromISO(values.from, { zone }).startOf('day')
    const days = whole(values.days, 366)
    const perDay = whole(values['per-day'], 5000)
    const seed = whole(values.seed, 999_999)
    const kills = whole(values.kills, 1000)
    return from.isValid && days > 0 && perDay > 0 ? { from: from.toJSDate(), days, perDay, seed, kills } : undefined
  } catch {
    return undefined
  }
}

function inWords(found: Findings, asked: Asked, zone: string): string[] {
  const { from, days, seed } = asked
  const day = DateTime.fromJSDate(from, { zone }).toISODate() ?? ''
  const lines = [say('rehearsal.head', { from: day, days, requests: found.requests, seed })]
  for (const { urgency, requests, inTime, medianMinutes, p95Minutes } of [...found.byUrgency].reverse()) {
    if (requests === 0) continue
    const percent = Math.floor((100 * inTime) / requests)
    const words = { urgency: say(`urgency.${urgency}`), requests, percent, median: medianMinutes, p95: p95Minutes }
    lines.push(say('rehearsal.urgency', words))
  }
  const { closed, climbedToCoordinator: coordinator, unplaced } = found
  lines.push(say('rehearsal.closed', { closed, coordinator, unplaced }))
  if (found.late.length > 0) {
    lines.push(say('rehearsal.late', { count: found.late.length }))
    const worst = [...found.late].sort((a, b) => b.minutesLate - a.minutesLate).slice(0, mostLines)
    for (const { at, urgency, number, minutesLate: minutes, asked: people } of worst) {
      const clock = sayClock(at, from, zone)
      lines.push(
        say('rehearsal.lateLine', { at: clock, urgency: say(`urgency.${urgency}`), number, minutes, asked: people }),
      )
    }
  }
  if (found.broken.length === 0) return [...lines, say('rehearsal.promises')]
  return [...lines, say('rehearsal.broken', { count: found.broken.length }), ...found.broken.slice(0, mostLines)]
}

/** The rota itself, looked at over the same time: everybody counts as joined, because a rehearsal tries the rota. */
async function holesIn(db: Db, from: Date, days: number, zone: string): Promise<string[]> {
  const facts = await dutyFacts(db, from, zone)
  const calendar = await workingCalendar(db, zone)
  const until = DateTime.fromJSDate(from, { zone }).plus({ days }).toJSDate()
  const staff = facts.directory.map((person) => ({ ...person, personId: person.id }))
  const holes = coverageHoles(facts.contracts, staff, dutySegments(facts, calendar, from, until))
  if (holes.length === 0) return [say('rehearsal.noHoles')]
  const lines = holes.slice(0, mostLines).map((hole) => holeInWords(hole, from, zone))
  return [say('rehearsal.holes', { count: holes.length }), ...lines]
}
