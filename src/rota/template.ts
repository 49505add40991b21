import { DateTime } from 'luxon'
import type { Rota } from '../domain/duty.ts'
import { daysInWords, timeInWords } from '../domain/rota-cells.ts'
import { say } from '../texts/say.ts'

/** 模板: the people of an agency, with the shifts they have now, in the form an import reads. */

export interface TemplatePerson {
  readonly id: number
  readonly code: string
  readonly name: string
}

export interface SheetRows {
  readonly name: string
  readonly rows: readonly (readonly string[])[]
  readonly widths: readonly number[]
}

/** A line a shift; who has none gets an empty line. */
export function listTemplate(
  people: readonly TemplatePerson[],
  rota: Rota,
  communities: ReadonlyMap<number, string>,
  from: string,
): SheetRows[] {
  const head = ['工号', '姓名', '班别', '日子', '开始', '结束', '项目', '社区', '从', '到']
  const lines = people.flatMap((person) => {
    const theirs = rota.shifts.filter((s) => s.staffId === person.id && (s.validTo === null || s.validTo >= from))
    const shifts = theirs.map((shift) => [
      person.code,
      person.name,
      shift.tier === 'primary' ? '值班' : '备班',
      shift.validTo !== null && shift.validFrom === shift.validTo ? shift.validFrom : daysInWords(shift),
      timeInWords(shift.fromMinute),
      shift.toMinute === 0 ? '24:00' : timeInWords(shift.toMinute),
      shift.programme ? say(`programme.${shift.programme}`) : '',
      shift.communityIds.flatMap((id) => communities.get(id) ?? []).join('、'),
      shift.validFrom > from ? shift.validFrom : '',
      shift.validTo ?? '',
    ])
    return shifts.length > 0 ? shifts : [[person.code, person.name, '', '', '', '', '', '', '', '']]
  })
  return [
    { name: '班表', rows: [head, ...lines], widths: [12, 16, 8, 18, 8, 8, 14, 20, 12, 12] },
    explained('rota.template.list'),
  ]
}

/** A month: a line a colleague, a column a day, with two shift names to begin with. */
export function gridTemplate(people: readonly TemplatePerson[], isoMonth: string): SheetRows[] | undefined {
  const first = DateTime.fromFormat(isoMonth, 'yyyy-MM', { zone: 'utc' })
  if (!first.isValid) return undefined
  const days = Array.from({ length: first.daysInMonth }, (_, i) => first.plus({ days: i }).toISODate())
  const head = ['工号', '姓名', ...days]
  const legend = [
    ['班名', '白班', '8:30-12:00、14:30-17:30'],
    ['班名', '夜班', '17:30-8:30'],
  ]
  const lines = people.map(({ code, name }) => [code, name, ...days.map(() => '')])
  const rows = [head, ...legend.map((row) => [...row, ...days.slice(1).map(() => '')]), ...lines]
  return [{ name: '班表', rows, widths: [12, 16, ...days.map(() => 12)] }, explained('rota.template.grid')]
}

function explained(key: 'rota.template.list' | 'rota.template.grid'): SheetRows {
  return {
    name: '说明',
    rows: say(key)
      .split('\n')
      .map((line) => [line]),
    widths: [80],
  }
}
