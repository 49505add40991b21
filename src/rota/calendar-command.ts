import { parseArgs } from 'node:util'
import { localDate } from '../domain/calendar.ts'
import { readDays } from '../domain/calendar-file.ts'
import { replaceYears, workingCalendar } from '../store/calendar.ts'
import { type Db, transaction } from '../store/db.ts'
import { say } from '../texts/say.ts'
import { type CommandParts, printProblems } from './command.ts'
import { FileError, readTable, writeTable } from './sheet.ts'

/** `linbang calendar`: holidays and make-up workdays of a year from a file, at any time. @returns the exit code. */
export async function calendarCommand(args: readonly string[], db: Db, parts: CommandParts): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { year: { type: 'string', default: localDate(parts.now, parts.zone).slice(0, 4) } },
      allowPositionals: true,
    })
    const [act, file] = positionals
    if (act === 'show') return await show(db, parts, values.year)
    if (act === 'import' && file !== undefined) return await importDays(db, parts, file)
    if (act === 'template' && file !== undefined) return await template(parts, file, values.year)
  } catch (error) {
    if (error instanceof FileError) return fail(parts, error.message)
    if (!(error instanceof TypeError)) throw error
  }
  return fail(parts, say('calendar.usage'), 2)
}

async function importDays(db: Db, parts: CommandParts, file: string): Promise<number> {
  const read = readDays(await readTable(file))
  if ('problems' in read) return printProblems(parts, file, read.problems)
  const { days } = read
  await transaction(db, (tx) => replaceYears(tx, days))
  const years = [...new Set(days.map((d) => d.date.slice(0, 4)))].sort().join('、')
  const holidays = days.filter((d) => d.kind === 'holiday').length
  parts.print(say('calendar.imported', { years, holidays, workdays: days.length - holidays }))
  return 0
}

async function show(db: Db, { zone, print }: CommandParts, year: string): Promise<number> {
  const { days } = await workingCalendar(db, zone)
  const ofYear = [...days].filter(([date]) => date.startsWith(`${year}-`)).sort(([a], [b]) => (a < b ? -1 : 1))
  if (ofYear.length === 0) print(say('calendar.none', { year }))
  for (const [date, kind] of ofYear)
    print(say('calendar.line', { date, kind: say(`calendar.${kind}`), name: '' }).trim())
  return 0
}

async function template(parts: CommandParts, file: string, year: string): Promise<number> {
  const rows = [
    ['日期', '类型', '名称'],
    [`${year}-01-01`, say('calendar.holiday'), '元旦'],
  ]
  await writeTable(file, [{ name: '放假调休', rows, widths: [14, 8, 16] }])
  parts.print(say('calendar.template.done', { file }))
  return 0
}

function fail({ print }: CommandParts, text: string, code = 1): number {
  print(text)
  return code
}
