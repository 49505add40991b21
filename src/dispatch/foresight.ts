import { DateTime } from 'luxon'
import { localDate, missingYears } from '../domain/calendar.ts'
import { type CoverageHole, coverageHoles, dutySegments } from '../domain/coverage.ts'
import { endWarning } from '../domain/ledger.ts'
import type { Context } from '../requests/apply.ts'
import { type ContractRow, contractRows } from '../store/contracts.ts'
import { claim } from '../store/settings.ts'
import { holeInWords } from '../texts/duty-words.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { coordinators, tellColleague } from './tell.ts'

const weekMs = 7 * 86_400_000
/** Days before an evaluation at which it is spoken of. */
const evaluationDays = 14
/** Lines of one message; the rest is one command away. */
const mostLines = 12

/**
 * 预警: what will go wrong unless somebody acts — holes in the rota of the next seven days, contracts about to end, a year
 * without holidays — told before it happens, to whom it concerns, once.
 */
export function makeForesight({ inTurn }: { readonly inTurn: InTurn }): () => Promise<void> {
  return () =>
    inTurn(async (context) => {
      await warnOfCalendar(context)
      await warnOfContracts(context)
      await warnOfHoles(context)
    })
}

/** Loud: every week until the year is there. */
async function warnOfCalendar(context: Context): Promise<void> {
  const { now, calendar, people } = context
  const week = DateTime.fromJSDate(now, { zone: calendar.zone }).toFormat("kkkk-'W'WW")
  for (const year of missingYears(calendar, now)) {
    const text = say('holes.calendar', { year })
    for (const to of coordinators(people.directory))
      await tellColleague(context, to, `calendar:${year}:${week}:${to}`, text)
  }
}

async function warnOfContracts(context: Context): Promise<void> {
  const { tx, now, calendar } = context
  const today = localDate(now, calendar.zone)
  const soon = localDate(new Date(now.getTime() + evaluationDays * 86_400_000), calendar.zone)
  for (const contract of await contractRows(tx, today, calendar.zone)) {
    const { agency, programmeName: programme, reference, lastDay } = contract
    const days = endWarning(contract, today)
    if (days !== undefined) {
      const left = Math.round((Date.parse(lastDay) - Date.parse(today)) / 86_400_000)
      const text = say('contract.warning', { agency, programme, reference, endsOn: lastDay, days: left })
      await tellConcerned(context, contract, `contract:${contract.id}:${lastDay}:${days}`, text)
    }
    for (const date of contract.evaluatedOn.filter((d) => d >= today && d <= soon)) {
      const text = say('contract.evaluation', { agency, programme, reference, date })
      await tellConcerned(context, contract, `evaluation:${contract.id}:${date}`, text)
    }
  }
}

/** A hole is known by its contract and its beginning, so that one that is told stays told while the week moves on. */
async function warnOfHoles(context: Context): Promise<void> {
  const { tx, now, calendar, people } = context
  const segments = dutySegments(people, calendar, now, new Date(now.getTime() + weekMs))
  const holes = coverageHoles(people.contracts, people.directory, segments)
  const keyOf = (hole: CoverageHole) => {
    const begins = hole.from > now ? hole.from.toISOString() : localDate(now, calendar.zone)
    return `told.hole.${hole.contract.contractId}.${hole.kind}.${begins}`
  }
  const fresh = await claim(tx, holes.map(keyOf), now)
  const told = holes.filter((hole) => fresh.has(keyOf(hole)))
  if (told.length === 0) return
  const leads = people.directory.filter((s) => s.role === 'lead' && s.personId !== null)
  const letters = [
    ...coordinators(people.directory).map((to) => ({ to, holes: told })),
    ...leads.map((lead) => ({
      to: lead.personId ?? 0,
      holes: told.filter((hole) => hole.contract.agencyId === lead.agencyId),
    })),
  ]
  for (const letter of letters) {
    if (letter.holes.length === 0) continue
    const lines = letter.holes.slice(0, mostLines).map((hole) => holeInWords(hole, now, calendar.zone))
    const left = letter.holes.length - lines.length
    const text = [say('holes.head'), ...lines, ...(left > 0 ? [say('holes.more', { count: left })] : [])].join('\n')
    await tellColleague(context, letter.to, `holes:${now.toISOString()}:${letter.to}`, text)
  }
}

/** Every coordinator, and the leads of the agency whose contract it is. */
async function tellConcerned(context: Context, contract: ContractRow, key: string, text: string): Promise<void> {
  const { directory } = context.people
  const leads = directory.flatMap((s) => (s.role === 'lead' && s.agencyId === contract.agencyId ? [s.personId] : []))
  for (const to of new Set([...coordinators(directory), ...leads])) {
    if (to !== null) await tellColleague(context, to, `${key}:${to}`, text)
  }
}
