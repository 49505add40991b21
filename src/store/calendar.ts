import { agencyCalendar, type Calendar, type DatedDays, officeSpans, type Season } from '../domain/calendar.ts'
import type { District } from '../domain/district.ts'
import { minuteOf } from '../domain/district.ts'
import { LadderChanges, ladderWith } from '../domain/ladder-terms.ts'
import type { Db, Tx } from './db.ts'
import type { WorkingHoursModel } from './generated/models.ts'
import { setSetting, setting } from './settings.ts'

/** 工作日历, 办公时间 and 时限 as the district keeps them. */

/** Under it the ladder's changes are kept as JSON. */
const ladderKey = 'district.ladder'

export async function workingCalendar(db: Tx | Db, zone: string): Promise<Calendar> {
  const [days, hours, ownDays, ladder] = await Promise.all([
    db.calendarDay.findMany(),
    db.workingHours.findMany({ orderBy: { fromMinute: 'asc' } }),
    db.agencyDay.findMany(),
    setting(db, ladderKey),
  ])
  const changes = ladder === undefined ? {} : LadderChanges.parse(JSON.parse(ladder))
  const hoursOf = (agencyId: number | null) => hours.filter((row) => row.agencyId === agencyId).map(season)
  const district: Calendar = {
    zone,
    days: dated(days),
    spans: officeSpans,
    seasons: hoursOf(null),
    ladder: ladderWith(changes),
  }
  const agencies = new Set([...hours, ...ownDays].flatMap(({ agencyId }) => agencyId ?? []))
  const own = (agencyId: number) => ({
    days: dated(ownDays.filter((row) => row.agencyId === agencyId)),
    hours: hoursOf(agencyId),
  })
  return { ...district, agencies: new Map([...agencies].map((id) => [id, agencyCalendar(district, own(id))])) }
}

const season = (row: WorkingHoursModel): Season => ({
  from: isoDate(row.validFrom),
  until: row.validTo ? isoDate(row.validTo) : null,
  span: [row.fromMinute, row.toMinute],
  ...(row.weekdays.length > 0 ? { weekdays: row.weekdays } : {}),
})

const dated = (rows: readonly { readonly date: Date; readonly kind: string }[]): DatedDays =>
  new Map(rows.map((row) => [isoDate(row.date), row.kind === 'workday' ? 'workday' : 'holiday']))

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
  if (hours.length > 0) await replaceHours(tx, null, hours)
  if (ladder) await setSetting(tx, ladderKey, JSON.stringify(ladder))
}

/** An agency's own hours and days; what the file leaves out stays, an empty list gives the district's back. */
export async function writeOwnTime(
  tx: Tx,
  agencyId: number,
  { hours, days }: Pick<District['agencies'][number], 'hours' | 'days'>,
): Promise<void> {
  if (hours) await replaceHours(tx, agencyId, hours)
  if (!days) return
  await tx.agencyDay.deleteMany({ where: { agencyId } })
  await tx.agencyDay.createMany({ data: days.map(({ date, ...row }) => ({ ...row, agencyId, date: midnight(date) })) })
}

/** @param agencyId null: the district's. */
async function replaceHours(tx: Tx, agencyId: number | null, hours: District['hours']): Promise<void> {
  await tx.workingHours.deleteMany({ where: { agencyId } })
  await tx.workingHours.createMany({
    data: hours.map(({ from, to, validFrom, validTo, weekdays = [] }) => ({
      agencyId,
      fromMinute: minuteOf(from),
      toMinute: minuteOf(to),
      validFrom: midnight(validFrom),
      validTo: validTo ? midnight(validTo) : null,
      weekdays,
    })),
  })
}

const midnight = (iso: string): Date => new Date(`${iso}T00:00:00Z`)
const isoDate = (date: Date): string => date.toISOString().slice(0, 10)
