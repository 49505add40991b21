import type { ShiftRule } from './duty.ts'
import { type Cell, cellName, dateOf, type Span, spansOf, textOf } from './rota-cells.ts'
import type { CellProblem, Replaced, RotaNames, RotaTable } from './rota-table.ts'

/**
 * 月班表: a line a colleague, a column a day. In a cell stand hours (8:30-12:00、14:30-17:30), the name of a shift, 备 before either
 * for backup, or nothing (休) for a day off. A line with 班名 in place of a code says what a shift's name means.
 */
export function readGrid(
  cells: readonly (readonly Cell[])[],
  header: number,
  names: RotaNames,
): RotaTable | { problems: CellProblem[] } {
  const titles = cells[header] ?? []
  const year = Number(names.from.slice(0, 4))
  const code = titles.findIndex((title) => /^(?:工号|编号)$/u.test(textOf(title)))
  const name = titles.findIndex((title) => textOf(title) === '姓名')
  const days = titles.flatMap((title, column) => {
    const date = dateOf(title, year)
    return date === undefined ? [] : [{ column, date }]
  })
  const problems: CellProblem[] = []
  const wrong = (column: number, row: number, message: string) =>
    problems.push({ cell: cellName(column, row), message })
  const seenDays = new Set<string>()
  for (const { column, date } of days) {
    if (seenDays.has(date)) wrong(column, header, `${date}前面已经有了`)
    seenDays.add(date)
  }
  const legend = legendOf(cells, header, { code, name, first: days[0]?.column ?? 0 }, wrong)
  const rules: ShiftRule[] = []
  const replaces: Replaced[] = []
  const sorted = days.map(({ date }) => date).sort()
  const [first] = sorted
  const last = sorted.at(-1)
  for (let row = header + 1; row < cells.length; row++) {
    const line = cells[row] ?? []
    const written = textOf(line[code]).toLowerCase()
    if (written === '' || written === '班名') {
      if (written === '' && days.some(({ column }) => textOf(line[column]) !== '')) wrong(code, row, '没有写工号')
      continue
    }
    const person = names.staff.get(written)
    if (!person) {
      wrong(code, row, `没有工号是“${written}”的同事`)
      continue
    }
    const called = name === -1 ? '' : textOf(line[name])
    if (called !== '' && called !== person.name) wrong(name, row, `${written}是${person.name}，不是${called}`)
    if (replaces.some((r) => r.staffId === person.id)) wrong(code, row, `${person.name}前面已经有一行`)
    if (first !== undefined && last !== undefined) {
      replaces.push({ staffId: person.id, from: first, until: last, what: 'all' })
    }
    for (const { column, date } of days) {
      const shifts = shiftsIn(textOf(line[column]), legend)
      if (!shifts) wrong(column, row, '看不懂。要写 8:30-17:30、班名，或空着')
      for (const { tier, from, to } of shifts ?? []) {
        const when = { fromMinute: from, toMinute: to, validFrom: date, validTo: date }
        rules.push({
          staffId: person.id,
          tier,
          days: 'every_day',
          weekdays: [1, 2, 3, 4, 5, 6, 7],
          ...when,
          programme: null,
          communityIds: [],
        })
      }
    }
  }
  return problems.length > 0 ? { problems } : { rules, replaces }
}

type Legend = ReadonlyMap<string, readonly Span[]>

function legendOf(
  cells: readonly (readonly Cell[])[],
  header: number,
  at: { readonly code: number; readonly name: number; readonly first: number },
  wrong: (column: number, row: number, message: string) => void,
): Legend {
  const legend = new Map<string, readonly Span[]>()
  for (let row = header + 1; row < cells.length; row++) {
    const line = cells[row] ?? []
    if (textOf(line[at.code]) !== '班名') continue
    const called = textOf(line[at.name === -1 ? at.code + 1 : at.name])
    const spans = spansOf(textOf(line[at.first]))
    if (!spans || called === '') wrong(at.first, row, '班名后面要写名字和时间，比如 白班 8:30-17:30')
    else legend.set(called, spans)
  }
  return legend
}

function shiftsIn(text: string, legend: Legend): (Span & { tier: ShiftRule['tier'] })[] | undefined {
  if (/^(?:休|休息|假|-|—|)$/u.test(text)) return []
  const backup = /^备班?\s*[::]?\s*/u.exec(text)
  const rest = backup ? text.slice(backup[0].length) : text
  const spans = legend.get(text) ?? legend.get(rest) ?? spansOf(rest)
  return spans?.map((span) => ({ ...span, tier: backup && !legend.has(text) ? 'backup' : 'primary' }))
}
