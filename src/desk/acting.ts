import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { GazetteerEntry } from '../classify/classifier.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { NoticeFacts } from '../notices/facts.ts'
import type { CoordinatorWriting } from '../notices/writing.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import { type Db, transaction } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import type { DutyFacts } from '../store/staff.ts'
import type { Seat } from './seat.ts'

export interface ActingDeps {
  readonly db: Db
  readonly seal: Seal
  readonly ring: Ring
  readonly now: () => Date
  readonly log: Logger
  readonly calendar: () => Promise<Calendar>
  readonly facts: () => Promise<DutyFacts>
  readonly places: () => Promise<readonly GazetteerEntry[]>
  readonly notices: Omit<NoticeFacts, 'places'>
}

export interface Acted<T> {
  readonly value: T
  /** What the chat would have answered; here the page says it. */
  readonly said: string
}

/** Do something about notices as the chat does it: in one transaction, with the same steps; then ring. */
export function makeActing(deps: ActingDeps) {
  const { db, seal, ring, now, log } = deps
  return async <T>(seat: Seat, work: (writing: CoordinatorWriting) => Promise<T>): Promise<Acted<T>> => {
    const [calendar, { directory }, places] = await Promise.all([deps.calendar(), deps.facts(), deps.places()])
    const view = { notices: { ...deps.notices, places }, staff: seat.staff, directory }
    const bells: Bell[] = []
    const said: string[] = []
    const key = `desk:${randomUUID()}`
    const value = await transaction(db, async (tx) => {
      // A transaction that is tried again begins with nothing said.
      bells.length = 0
      said.length = 0
      const reply = async (text: string) => void said.push(text)
      return work({ tx, seal, bells, calendar, now: now(), personId: seat.personId, key, view, reply })
    })
    await ring(bells).catch((error: unknown) =>
      log.warn({ err: error }, 'bells not rung; the sweep will find the rows'),
    )
    return { value, said: said.join('\n') }
  }
}
export type Acting = ReturnType<typeof makeActing>
