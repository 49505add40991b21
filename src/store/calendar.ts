import type { Calendar, Season } from '../domain/calendar.ts'
import { officeSpans } from '../domain/calendar.ts'
import type { District } from '../domain/district.ts'
import { minuteOf } from '../domain/district.ts'
import { LadderChanges, ladderWith } from '../domain/ladder-terms.ts'
import type { Db, Tx } from './db.ts'
import { setSetting, setting } from './settings.ts'

/** 工作日历, 办公时间 and 时限 as the district keeps them. */

/** Under it the ladder's changes are kept as JSON. */
const ladderKey = 'district.ladder'

export async function workingCalendar(db: Tx | Db, zone: string): Promise<Calendar> {
  const [days, hours, ladder] = await Promise.all([
    calendarDays(db),
    db.workingHours.findMany({ orderBy: { fromMinute: 'asc' } }),
    setting(db, ladderKey),
  ])
  const seasons = hours.map(
    (row): Season => ({
      from: isoDate(row.validFrom),
      until: row.validTo ? isoDate(row.validTo) : null,
      span: [row.fromMinute, row.toMinute],
    }),
  )
  const changes = ladder === undefined ? {} : LadderChanges.parse(JSON.parse(ladder))
  return { zone, days, spans: officeSpans, seasons, ladder: ladderWith(changes) }
}

/** Dated rows of the working calendar: ISO date → holiday or make-up workday. */
async function calendarDays(tx: Tx | Db): Promise<Map<string, 'holiday' | 'workday'>> {
  const rows = await tx.calendarDay.findMany()
  return new Map(rows.map((row) => [isoDate(row.date), row.kind === 'workday' ? 'workday' : 'holiday']))
}

export type DatedDay = District['calendar'][number]

export async function writeDays(tx: Tx, days: readonly DatedDay[]): Promise<void> {
  for (const { date, kind, name } of days) {
    const row = { kind, name }
    await tx.calendarDay.upsert({
      where: { date: midnight(date) },
      create: { date: midnight(date), ...row },
      update: row,
    })
  }
}

/** A year's list replaces what was known of that year: a day that is a holiday no longer must not stay one. */
export async function replaceYears(tx: Tx, days: readonly DatedDay[]): Promise<void> {
  for (const year of new Set(days.map(({ date }) => date.slice(0, 4)))) {
    const span = { gte: midnight(`${year}-01-01`), lte: midnight(`${year}-12-31`) }
    await tx.calendarDay.deleteMany({ where: { date: span } })
  }
  await writeDays(tx, days)
}

/** The district's hours and ladder as its file has them; a file without them leaves what there is. */
export async function writeTerms(tx: Tx, { hours, ladder }: Pick<District, 'hours' | 'ladder'>): Promise<void> {
  if (hours.length > 0) {
    await tx.workingHours.deleteMany({})
    await tx.workingHours.createMany({
      data: hours.map(({ from, to, validFrom, validTo }) => ({
        fromMinute: minuteOf(from),
        toMinute: minuteOf(to),
        validFrom: midnight(validFrom),
        validTo: validTo ? midnight(validTo) : null,
      })),
    })
  }
  if (ladder) await setSetting(tx, ladderKey, JSON.stringify(ladder))
}

const midnight = (iso: string): Date => new Date(`${iso}T00:00:00Z`)
const isoDate = (date: Date): string => date.toISOString().slice(0, 10)
