import { type Calendar, localDate } from '../domain/calendar.ts'
import { contractRows } from '../store/contracts.ts'
import { agreement } from '../store/corrections.ts'
import type { Tx } from '../store/db.ts'
import { agreementDays } from './review.ts'
import type { StaffView } from './view.ts'

/** 台账、一致率: figures that are loaded only when they are asked for. */

interface Asked {
  readonly tx: Tx
  readonly now: Date
  readonly calendar: Calendar
}

export async function ledgerNow({ tx, now, calendar }: Asked): Promise<StaffView['ledger']> {
  const today = localDate(now, calendar.zone)
  return { today, contracts: await contractRows(tx, today, calendar.zone) }
}

export async function agreements({ tx, now }: Asked): Promise<StaffView['agreement']> {
  const since = new Date(now.getTime() - agreementDays * 86_400_000)
  return { honest: await agreement(tx, since, true), all: await agreement(tx, since, false) }
}
