import type { ShiftRule } from './duty.ts'
import { type Cell, cellName, dateOf, daysOf, type Span, spansOf, textOf, timeOf } from './rota-cells.ts'
import { readGrid } from './rota-grid.ts'
import type { CellProblem, Replaced, RotaNames, RotaTable } from './rota-table.ts'

/**
 * 班表: a rota as agencies keep it, read from the cells of a table. Two forms: a list with a line a shift, and a month with a
 * column a day. Every mistake is named by its cell; from a table with a mistake nothing is taken.
 */

export function readRota(
  cells: readonly (readonly Cell[])[],
  names: RotaNames,
): RotaTable | { problems: CellProblem[] } {
  const header = cells.findIndex((row) => row.some((cell) => /^(?:工号|编号)$/u.test(textOf(cell))))
  if (header === -1) return { problems: [{ cell: 'A1', message: '没有找到“工号”这一列' }] }
  const titles = cells[header] ?? []
  const year = Number(names.from.slice(0, 4))
  const dates = titles.filter((title) => dateOf(title, year) !== undefined)
  return dates.length > 0 ? readGrid(cells, header, names) : readList(cells, header, names)
}

const columns = {
  code: /^(?:工号|编号)$/u,
  name: /^姓名$/u,
  tier: /^(?:班别|类别|主备)$/u,
  days: /^(?:日子|日期|星期)$/u,
  from: /^(?:开始|上班)$/u,
  to: /^(?:结束|下班)$/u,
  hours: /^(?:时间|时段)$/u,
  programme: /^项目$/u,
  communities: /^社区$/u,
  validFrom: /^(?:从|生效|开始日期)$/u,
  validTo: /^(?:到|截止|结束日期)$/u,
} as const
type Column = keyof typeof columns

function readList(
  cells: readonly (readonly Cell[])[],
  header: number,
  names: RotaNames,
): RotaTable | { problems: CellProblem[] } {
  const titles = (cells[header] ?? []).map(textOf)
  const at = Object.fromEntries(
    Object.entries(columns).map(([key, title]) => [key, titles.findIndex((t) => title.test(t))]),
  ) as Record<Column, number>
  const missing = (['days', ...(at.hours === -1 ? (['from', 'to'] as const) : [])] as const).filter((c) => at[c] === -1)
  if (missing.length > 0) {
    const wanted = { days: '日子', from: '开始', to: '结束' }
    return { problems: missing.map((c) => ({ cell: cellName(0, header), message: `没有“${wanted[c]}”这一列` })) }
  }
  const problems: CellProblem[] = []
  const rules: ShiftRule[] = []
  const single = new Set<ShiftRule>()
  const seen = new Map<string, number>()
  for (let row = header + 1; row < cells.length; row++) {
    const line = cells[row] ?? []
    if (line.every((cell) => textOf(cell) === '' && !(cell instanceof Date))) continue
    const twice = JSON.stringify(line)
    const before = seen.get(twice)
    if (before !== undefined) problems.push({ cell: cellName(at.code, row), message: `和第${before + 1}行一样` })
    seen.set(twice, row)
    const wrong = (column: Column, message: string) => problems.push({ cell: cellName(at[column], row), message })
    const read = readLine((column) => (at[column] === -1 ? undefined : line[at[column]]), names, wrong)
    rules.push(...read.rules)
    if (read.single) for (const rule of read.rules) single.add(rule)
  }
  return problems.length > 0 ? { problems } : { rules, replaces: replacedBy(rules, single) }
}

function readLine(
  cell: (column: Column) => Cell | undefined,
  names: RotaNames,
  wrong: (column: Column, message: string) => void,
): { rules: ShiftRule[]; single: boolean } {
  const year = Number(names.from.slice(0, 4))
  const code = textOf(cell('code')).toLowerCase()
  const person = names.staff.get(code)
  if (!person) wrong('code', code === '' ? '没有写工号' : `没有工号是“${code}”的同事`)
  const name = textOf(cell('name'))
  if (person && name !== '' && name !== person.name) wrong('name', `${code}是${person.name}，不是${name}`)
  const tier = tierOf(textOf(cell('tier')))
  if (!tier) wrong('tier', '班别要写“值班”或“备班”')
  const date = dateOf(cell('days'), year)
  const days =
    date === undefined ? daysOf(textOf(cell('days'))) : ({ days: 'every_day', weekdays: everyWeekday } as const)
  if (!days) wrong('days', '日子要写工作日、休息日、每天、周一到周五，或 2026-12-05')
  const spans = spansIn(cell, wrong)
  const programme = textOf(cell('programme'))
  const served = names.programmes.get(programme)
  if (programme !== '' && !served) wrong('programme', `没有叫“${programme}”的项目`)
  const communityIds = textOf(cell('communities'))
    .split(/[,，、\s]+/u)
    .filter((part) => part !== '')
    .flatMap((part) => {
      const id = names.communities.get(part)
      if (id === undefined) wrong('communities', `没有叫“${part}”的社区`)
      return id ?? []
    })
  const validFrom = date ?? dayIn('validFrom', cell, year, wrong) ?? names.from
  const validTo = date ?? dayIn('validTo', cell, year, wrong) ?? null
  if (validTo !== null && validTo < validFrom) wrong('validTo', '结束的日子比开始还早')
  if (!person || !tier || !days || !spans) return { rules: [], single: false }
  const rules = spans.map(({ from, to }) => ({
    staffId: person.id,
    tier,
    ...days,
    fromMinute: from,
    toMinute: to,
    validFrom,
    validTo,
    programme: served ?? null,
    communityIds,
  }))
  return { rules, single: date !== undefined }
}

function spansIn(
  cell: (column: Column) => Cell | undefined,
  wrong: (column: Column, message: string) => void,
): Span[] | undefined {
  const hours = textOf(cell('hours'))
  if (hours !== '') {
    const spans = spansOf(hours)
    if (!spans) wrong('hours', '时间要写成 8:30-12:00，几段用顿号隔开')
    return spans
  }
  const from = timeOf(cell('from'))
  const to = timeOf(cell('to'))
  if (from === undefined) wrong('from', '时间要写成 8:30')
  if (to === undefined) wrong('to', '时间要写成 17:30')
  return from === undefined || to === undefined ? undefined : [{ from, to }]
}

function dayIn(
  column: 'validFrom' | 'validTo',
  cell: (column: Column) => Cell | undefined,
  year: number,
  wrong: (column: Column, message: string) => void,
): string | undefined {
  const written = cell(column)
  if (written === undefined || (textOf(written) === '' && !(written instanceof Date))) return undefined
  const day = dateOf(written, year)
  if (day === undefined) wrong(column, '日期要写成 2026-12-05')
  return day
}

/** 空着 is first duty. */
export function tierOf(text: string): ShiftRule['tier'] | undefined {
  if (/^(?:值班|主班|主|)$/u.test(text)) return 'primary'
  return /^(?:备班|备|二线)$/u.test(text) ? 'backup' : undefined
}

export const everyWeekday = [1, 2, 3, 4, 5, 6, 7] as const

/** What recurs replaces a person's rota from its first day on; a single day is beside it. */
function replacedBy(rules: readonly ShiftRule[], single: ReadonlySet<ShiftRule>): Replaced[] {
  const begins = new Map<number, string>()
  for (const rule of rules) {
    if (single.has(rule)) continue
    const known = begins.get(rule.staffId)
    if (known === undefined || rule.validFrom < known) begins.set(rule.staffId, rule.validFrom)
  }
  const days = new Map(
    [...single].map((rule) => [`${rule.staffId} ${rule.validFrom}`, { staffId: rule.staffId, day: rule.validFrom }]),
  )
  return [
    ...[...begins].map(([staffId, from]): Replaced => ({ staffId, from, until: null, what: 'all' })),
    ...[...days.values()].map(({ staffId, day }): Replaced => ({ staffId, from: day, until: day, what: 'single' })),
  ]
}
