import { DateTime } from 'luxon'
import { type Cell, cellName, dateOf, textOf } from './rota-cells.ts'
import type { CellProblem } from './rota-table.ts'

/** 放假和调休 of a year, read from a table: a line a day. */
export interface DayOff {
  readonly date: string
  readonly kind: 'holiday' | 'workday'
  readonly name: string
}

const kinds: Readonly<Record<string, DayOff['kind']>> = {
  放假: 'holiday',
  节假日: 'holiday',
  休息: 'holiday',
  holiday: 'holiday',
  上班: 'workday',
  调休: 'workday',
  补班: 'workday',
  workday: 'workday',
}

/** Reads the whole table or names every mistake by its cell. A make-up workday on a weekday is a mistake of the list. */
export function readDays(cells: readonly (readonly Cell[])[]): { days: DayOff[] } | { problems: CellProblem[] } {
  const header = cells.findIndex((row) => row.some((cell) => textOf(cell) === '日期'))
  const titles = (cells[header] ?? []).map(textOf)
  const at = { date: titles.indexOf('日期'), kind: titles.indexOf('类型'), name: titles.indexOf('名称') }
  if (header === -1 || at.kind === -1) return { problems: [{ cell: 'A1', message: '要有“日期”和“类型”两列' }] }
  const problems: CellProblem[] = []
  const days = new Map<string, DayOff>()
  for (let row = header + 1; row < cells.length; row++) {
    const line = cells[row] ?? []
    if (line.every((cell) => textOf(cell) === '' && !(cell instanceof Date))) continue
    const wrong = (column: number, message: string) => problems.push({ cell: cellName(column, row), message })
    const date = dateOf(line[at.date])
    const kind = kinds[textOf(line[at.kind])]
    if (date === undefined) wrong(at.date, '日期要写成 2027-01-01')
    if (kind === undefined) wrong(at.kind, '类型要写“放假”或“上班”')
    if (date === undefined || kind === undefined) continue
    if (days.has(date)) wrong(at.date, `${date}前面已经有了`)
    if (kind === 'workday' && DateTime.fromISO(date, { zone: 'utc' }).weekday <= 5) {
      wrong(at.kind, `${date}本来就是上班的日子，请核对`)
    }
    days.set(date, { date, kind, name: at.name === -1 ? '' : textOf(line[at.name]) })
  }
  if (problems.length === 0 && days.size === 0)
    problems.push({ cell: cellName(at.date, header + 1), message: '没有一天' })
  return problems.length > 0 ? { problems } : { days: [...days.values()] }
}
