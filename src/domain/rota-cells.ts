import { DateTime } from 'luxon'

/** What stands in a cell of a rota, as agencies write it: days, times, several spans; typed or as Excel keeps them. */

export type Cell = string | number | boolean | Date | null

/** B7: column letters and row number, both counted from 0 here. */
export function cellName(column: number, row: number): string {
  let letters = ''
  for (let n = column + 1; n > 0; n = Math.floor((n - 1) / 26))
    letters = String.fromCharCode(65 + ((n - 1) % 26)) + letters
  return `${letters}${row + 1}`
}

export const textOf = (cell: Cell | undefined): string =>
  cell === null || cell === undefined || cell instanceof Date ? '' : String(cell).normalize('NFKC').trim()

/** ISO date of 2026-12-05, 2026/12/5, 2026年12月5日 or a date cell; `year` stands in where none is written (12-5, 12月5日). */
export function dateOf(cell: Cell | undefined, year?: number): string | undefined {
  if (cell instanceof Date) {
    return cell.getUTCFullYear() < 1901 ? undefined : new Date(cell.getTime() + 1000).toISOString().slice(0, 10)
  }
  const written = /^(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?(?:\s*(?:\(?周?[一二三四五六日天]\)?))?$/u.exec(
    textOf(cell),
  )
  if (!written) return undefined
  const wanted = { year: Number(written[1] ?? year), month: Number(written[2]), day: Number(written[3]) }
  return Number.isNaN(wanted.year) ? undefined : (DateTime.fromObject(wanted, { zone: 'utc' }).toISODate() ?? undefined)
}

/** Minute of the day of 8:30, 08:30, 8点半, 24:00 or a time cell; 24:00 is 0, because an end at midnight is. */
export function timeOf(cell: Cell | undefined): number | undefined {
  if (cell instanceof Date) return fraction((cell.getTime() - excelDayZero) / 86_400_000)
  if (typeof cell === 'number') return fraction(cell)
  const written = /^(\d{1,2})(?:[:点时](\d{1,2}|半)?分?)$/u.exec(textOf(cell))
  if (!written) return undefined
  const minutes = Number(written[1]) * 60 + (written[2] === '半' ? 30 : Number(written[2] ?? 0))
  const whole = written[2] === undefined || written[2] === '半' || Number(written[2]) < 60
  return whole && minutes <= 1440 ? minutes % 1440 : undefined
}

/** A time cell is a date in the year 0 of Excel. */
const excelDayZero = Date.UTC(1899, 11, 30)
const fraction = (day: number): number | undefined => (day >= 0 && day <= 1 ? Math.round(day * 1440) % 1440 : undefined)

export interface Span {
  readonly from: number
  readonly to: number
}

/** 8:30-12:00、14:30-17:30: every span of a cell; undefined when one of them cannot be read. */
export function spansOf(text: string): Span[] | undefined {
  const spans = text.split(/[,，、;；\n]+|\s+(?=\d)/u).filter((part) => part.trim() !== '')
  const read = spans.map((part) => {
    const [from, to, ...more] = part.split(/\s*[-~—–至到]\s*/u).map((time) => timeOf(time.trim()))
    return from === undefined || to === undefined || more.length > 0 ? undefined : { from, to }
  })
  const whole = read.filter((span) => span !== undefined)
  return whole.length > 0 && whole.length === read.length ? whole : undefined
}

export interface Days {
  readonly days: 'working_days' | 'rest_days' | 'every_day'
  readonly weekdays: readonly number[]
}

const all = [1, 2, 3, 4, 5, 6, 7]
const named = '一二三四五六日'

/** 工作日, 休息日, 每天, 周一到周五, 周一、周三. */
export function daysOf(text: string): Days | undefined {
  if (/^(?:工作日|上班日)$/u.test(text)) return { days: 'working_days', weekdays: all }
  if (/^(?:休息日|节假日|周末和节假日|非工作日)$/u.test(text)) return { days: 'rest_days', weekdays: all }
  if (/^(?:每天|天天|每日)$/u.test(text)) return { days: 'every_day', weekdays: all }
  if (text === '周末') return { days: 'every_day', weekdays: [6, 7] }
  const weekday = (written: string) => named.indexOf(written.replace('天', '日')) + 1
  const weekdays = new Set<number>()
  for (const part of text.split(/[,，、\s]+/u)) {
    const [, first = '', last = ''] =
      /^(?:周|星期)([一二三四五六日天])(?:[-~至到](?:周|星期)?([一二三四五六日天]))?$/u.exec(part) ?? []
    if (first === '') return undefined
    const from = weekday(first)
    const to = last === '' ? from : weekday(last)
    for (let day = from; ; day = (day % 7) + 1) {
      weekdays.add(day)
      if (day === to) break
    }
  }
  return weekdays.size === 0 ? undefined : { days: 'every_day', weekdays: [...weekdays].sort() }
}

export const daysInWords = ({ days, weekdays }: Days): string =>
  days === 'working_days'
    ? '工作日'
    : days === 'rest_days'
      ? '休息日'
      : weekdays.length === 7
        ? '每天'
        : weekdays.map((day) => `周${named[day - 1] ?? ''}`).join('、')

export const timeInWords = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
