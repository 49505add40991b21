import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { DateTime } from 'luxon'
import { localDate } from '../domain/calendar.ts'
import { coverageHoles, dutySegments } from '../domain/coverage.ts'
import { readRota } from '../domain/rota-file.ts'
import type { CellProblem } from '../domain/rota-table.ts'
import { workingCalendar } from '../store/calendar.ts'
import { type Db, transaction } from '../store/db.ts'
import { replaceShifts } from '../store/rota.ts'
import { dutyFacts } from '../store/staff.ts'
import { holeInWords } from '../texts/duty-words.ts'
import { say } from '../texts/say.ts'
import { dutyCalendar } from './ical.ts'
import { rotaNames } from './names.ts'
import { FileError, readTable, writeTable } from './sheet.ts'
import { gridTemplate, listTemplate } from './template.ts'

export interface CommandParts {
  readonly zone: string
  readonly now: Date
  readonly print: (line: string) => void
}

/** Problems and holes printed; what is beyond is counted. */
const mostLines = 30

interface Options {
  readonly agency: string | undefined
  readonly staff: string | undefined
  readonly month: string | undefined
  /** ISO date. */
  readonly from: string
  readonly days: number
  readonly check: boolean
}

/** `linbang rota`: a template, an import with every mistake named by its cell, an export for calendars. @returns the exit code. */
export async function rotaCommand(args: readonly string[], db: Db, parts: CommandParts): Promise<number> {
  try {
    const asked = read(args, parts)
    if (asked?.act === 'template' && asked.file) return await template(db, parts, asked.file, asked.options)
    if (asked?.act === 'import' && asked.file) return await importRota(db, parts, asked.file, asked.options)
    if (asked?.act === 'export') return await exportRota(db, parts, asked.file, asked.options)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    parts.print(error.message)
    return 1
  }
  parts.print(say('rota.usage'))
  return 2
}

function read(args: readonly string[], { now, zone }: CommandParts) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        agency: { type: 'string' },
        staff: { type: 'string' },
        month: { type: 'string' },
        from: { type: 'string', default: localDate(now, zone) },
        days: { type: 'string', default: '60' },
        check: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    const days = /^\d{1,3}$/.test(values.days) ? Number(values.days) : 0
    const from = DateTime.fromISO(values.from, { zone: 'utc' }).toISODate()
    const { agency, staff, month, check } = values
    const [act, file] = positionals
    return days === 0 || from === null ? undefined : { act, file, options: { agency, staff, month, check, from, days } }
  } catch {
    return undefined
  }
}

async function template(db: Db, parts: CommandParts, file: string, options: Options): Promise<number> {
  const facts = await dutyFacts(db, parts.now, parts.zone)
  const people = await peopleOf(db, options)
  const communities = new Map(
    (await db.community.findMany({ select: { id: true, name: true } })).map((c) => [c.id, c.name]),
  )
  const sheets =
    options.month === undefined
      ? listTemplate(people, facts, communities, options.from)
      : gridTemplate(people, options.month)
  if (!sheets) {
    parts.print(say('rota.usage'))
    return 2
  }
  await writeTable(file, sheets)
  parts.print(say('rota.template.done', { file, people: people.length }))
  return 0
}

async function importRota(db: Db, parts: CommandParts, file: string, options: Options): Promise<number> {
  const table = readRota(await readTable(file), await rotaNames(db, options.from, options.agency))
  if ('problems' in table) return printProblems(parts, file, table.problems)
  const people = new Set([...table.rules, ...table.replaces].map((r) => r.staffId)).size
  const shifts = table.rules.length
  if (options.check) {
    parts.print(say('rota.import.checked', { people, shifts }))
    return 0
  }
  await transaction(db, (tx) => replaceShifts(tx, table))
  parts.print(say('rota.import.done', { people, shifts, from: options.from }))
  await printHoles(db, parts)
  return 0
}

/** What the new rota leaves open in the coming week is said at once, to who can still change it. */
async function printHoles(db: Db, { zone, now, print }: CommandParts): Promise<void> {
  const [facts, calendar] = [await dutyFacts(db, now, zone), await workingCalendar(db, zone)]
  const week = new Date(now.getTime() + 7 * 86_400_000)
  // The rota is what is looked at, not who has joined a chat yet.
  const staff = facts.directory.map((person) => ({ ...person, personId: person.id }))
  const holes = coverageHoles(facts.contracts, staff, dutySegments(facts, calendar, now, week))
  if (holes.length === 0) return print(say('holes.none'))
  print(say('rota.import.holes'))
  for (const hole of holes.slice(0, mostLines)) print(holeInWords(hole, now, zone))
}

async function exportRota(db: Db, parts: CommandParts, file: string | undefined, options: Options): Promise<number> {
  const people = await peopleOf(db, options)
  if (people.length === 0) {
    parts.print(say('rota.noPeople'))
    return 1
  }
  const [facts, calendar] = [await dutyFacts(db, parts.now, parts.zone), await workingCalendar(db, parts.zone)]
  const today = DateTime.fromJSDate(parts.now, { zone: parts.zone }).startOf('day')
  const span = { from: today.toJSDate(), until: today.plus({ days: options.days }).toJSDate() }
  const feed = dutyCalendar(people, facts, calendar, span)
  if (file === undefined) parts.print(feed)
  else {
    await writeFile(file, feed)
    parts.print(say('rota.export.done', { file, people: people.length, days: options.days }))
  }
  return 0
}

async function peopleOf(db: Db, { agency, staff }: Options) {
  return db.staff.findMany({
    where: {
      active: true,
      role: { not: 'volunteer' },
      ...(agency === undefined ? {} : { agency: { code: agency } }),
      ...(staff === undefined ? {} : { code: staff }),
    },
    select: { id: true, code: true, name: true },
    orderBy: { id: 'asc' },
  })
}

/** Every mistake by its cell; nothing of such a file is taken. */
export function printProblems({ print }: CommandParts, file: string, problems: readonly CellProblem[]): number {
  for (const { cell, message } of problems.slice(0, mostLines))
    print(say('rota.import.problem', { file, cell, message }))
  print(say('rota.import.nothing', { count: problems.length }))
  return 1
}
