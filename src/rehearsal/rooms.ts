import type { Logger } from 'pino'
import { makeContractEnd } from '../dispatch/contract-end.ts'
import { makeEscalate } from '../dispatch/escalate.ts'
import { makeHandOver } from '../dispatch/hand-over.ts'
import type { InTurn } from '../dispatch/in-turn.ts'
import { localDate } from '../domain/calendar.ts'
import { fairTurn } from '../domain/policy.ts'
import type { Db } from '../store/db.ts'
import { usedUpContracts } from '../store/ledger.ts'
import { type DutyFacts, dutyFacts } from '../store/staff.ts'

/** The rooms of dispatch as something that can be asked at a moment and may have died before. */
export interface Rooms {
  escalate(requestId: number, at: Date): Promise<void>
  dutyChanged(at: Date): Promise<void>
}

export function makeRooms(inTurn: InTurn, log: Logger): Rooms {
  const escalate = makeEscalate({ inTurn, policy: fairTurn, log })
  const handOver = makeHandOver({ inTurn, policy: fairTurn, log })
  const contractEnd = makeContractEnd({ inTurn, log })
  return {
    escalate: (requestId) => escalate({ requestId }),
    dutyChanged: async () => {
      await handOver()
      await contractEnd()
    },
  }
}

export interface Facts {
  read(): Promise<DutyFacts>
  /** Grows whenever somebody has changed who is on duty: who reads elsewhere knows by it that theirs are old. */
  readonly version: number
  forget(): void
}

/** Who there is, read anew only after somebody changed it or a new day has begun. */
export function factsOf(db: Db, zone: string, now: () => Date): Facts {
  let known: { day: string; facts: Promise<DutyFacts> } | undefined
  let version = 0
  return {
    read: () => {
      const day = localDate(now(), zone)
      if (known?.day !== day) {
        const facts = usedUpContracts(db, zone).then((usedUp) => dutyFacts(db, now(), zone, usedUp))
        known = { day, facts }
      }
      return known.facts
    },
    get version() {
      return version
    },
    forget: () => {
      version++
      known = undefined
    },
  }
}
