import { localDate } from '../domain/calendar.ts'
import { workingCalendar } from '../store/calendar.ts'
import { contractRows } from '../store/contracts.ts'
import type { Db } from '../store/db.ts'
import { agencyRates } from '../store/outcomes.ts'
import { say } from '../texts/say.ts'
import { contractInWords } from './ledger-talk.ts'
import { ratesDays, ratesInWords } from './results.ts'

/** `linbang ledger`: what a coordinator reads in chat under 台账 and 成效, for every agency. */
export async function ledgerCommand(db: Db, now: Date, zone: string): Promise<string> {
  const today = localDate(now, zone)
  const contracts = await contractRows(db, today, zone)
  const calendar = await workingCalendar(db, zone)
  const rates = await agencyRates(db, new Date(now.getTime() - ratesDays * 86_400_000), calendar)
  const lines =
    contracts.length === 0
      ? [say('ledger.none')]
      : [say('ledger.head'), ...contracts.flatMap((contract) => contractInWords(contract, today))]
  return [...lines, '', ratesInWords(rates, ratesDays)].join('\n')
}
