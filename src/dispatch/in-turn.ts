import type { Logger } from 'pino'
import type { Calendar } from '../domain/calendar.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import type { Context } from '../requests/apply.ts'
import { type Db, transaction } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import type { DutyFacts } from '../store/staff.ts'

/** One act of dispatch: rows first, all or none; the bells ring after the commit. */
export type InTurn = (act: (context: Context) => Promise<void>) => Promise<void>

export interface InTurnDeps {
  readonly db: Db
  readonly seal: Seal
  readonly ring: Ring
  readonly calendar: () => Promise<Calendar>
  readonly facts: () => Promise<DutyFacts>
  readonly now: () => Date
  readonly log: Logger
}

export function makeInTurn({ db, seal, ring, calendar, facts, now, log }: InTurnDeps): InTurn {
  return async (act) => {
    const [working, people] = await Promise.all([calendar(), facts()])
    const bells = await transaction(db, async (tx) => {
      const rung: Bell[] = []
      await act({ tx, seal, bells: rung, offerIds: [], calendar: working, people, now: now() })
      return rung
    })
    // A bell that cannot be rung is not an error: the sweep finds every row that waits.
    await ring(bells).catch((error: unknown) =>
      log.warn({ err: error }, 'bells not rung; the sweep will find the rows'),
    )
  }
}
