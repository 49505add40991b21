import { DateTime } from 'luxon'

/** A day, or days, as a colleague writes them: 今天, 明天, 周六, 下周一, 28号, 11-28, 11月28日, 11-28到11-30; with or without hours. */
export interface SpokenSpan {
  readonly from: Date
  readonly until: Date
  /** False: hours were not named, whole days are meant. */
  readonly hours: boolean
  /** What stood behind it. */
  readonly rest: string
}

/** @returns undefined when the text does not begin with a day that exists. A day without a year is the next such day. */
export function spokenSpan(text: string, now: Date, zone: string): SpokenSpan | undefined {
  const today = DateTime.fromJSDate(now, { zone }).startOf('day')
  const first = dayAt(text.normalize('NFKC').trim(), today)
  if (!first) return undefined
  const second = /^(?:到|至|-|~|—)\s*/u.exec(first.rest)
  const last = second ? dayAt(first.rest.slice(second[0].length), first.day) : undefined
  if (last && last.day < first.day) return undefined
  const days = last ?? first
  const hours = hoursAt(days.rest)
  if (hours === 'wrong') return undefined
  if (!hours) {
    const until = days.day.plus({ days: 1 })
    return { from: first.day.toJSDate(), until: until.toJSDate(), hours: false, rest: days.rest.trim() }
  }
  const from = atClock(first.day, hours.from)
  const end = atClock(days.day, hours.until)
  const until = end <= from ? atClock(days.day.plus({ days: 1 }), hours.until) : end
  return { from: from.toJSDate(), until: until.toJSDate(), hours: true, rest: hours.rest.trim() }
}

/** One moment as a colleague writes it: 明天9点, 今晚10点半, 11-28 20:00, 2小时后. `undefined`: it is no moment. */
export function spokenMoment(text: string, now: Date, zone: string): Date | undefined {
  const plain = text.normalize('NFKC').trim()
  const later = /^(\d{1,3})\s*(分钟|小时|天)(?:以?后)?$/u.exec(plain)
  if (later) {
    const unit = { 分钟: 'minutes', 小时: 'hours', 天: 'days' }[later[2] ?? ''] ?? 'hours'
    return DateTime.fromJSDate(now, { zone })
      .plus({ [unit]: Number(later[1]) })
      .toJSDate()
  }
  const today = DateTime.fromJSDate(now, { zone }).startOf('day')
  const tonight = plain.replace(
    /^(今|明|后)(晚上?|早上?|夜)/u,
    (_, day: string, half: string) => `${day}天${half.startsWith('早') ? '早上' : '晚上'}`,
  )
  const day = dayAt(tonight, today) ?? { day: today, rest: tonight }
  const clock = new RegExp(String.raw`^\s*${part}$`, 'u').exec(day.rest)
  const minute = clock ? minuteOf(clock[1], clock[2], clock[3]) : undefined
  return minute === undefined ? undefined : atClock(day.day, minute).toJSDate()
}

// --- days

interface Found {
  readonly day: DateTime
  readonly rest: string
}

const weekdays = '一二三四五六日天'

function dayAt(text: string, today: DateTime): Found | undefined {
  const near = /^(今天|今日|明天|后天|大后天)/u.exec(text)
  if (near) {
    const ahead = { 今天: 0, 今日: 0, 明天: 1, 后天: 2, 大后天: 3 }[near[1] ?? ''] ?? 0
    return { day: today.plus({ days: ahead }), rest: text.slice(near[0].length) }
  }
  const weekday = /^(下{0,2}|这|本)个?(?:周|星期|礼拜)([一二三四五六日天])/u.exec(text)
  if (weekday) return { day: weekdayOf(weekday[1] ?? '', weekday[2] ?? '', today), rest: text.slice(weekday[0].length) }
  const dated = /^(?:(\d{4})[-年./])?(\d{1,2})[-月./](\d{1,2})(?:日|号)?(?![\d:])/u.exec(text)
  if (dated) return monthDay(dated[1], Number(dated[2]), Number(dated[3]), text.slice(dated[0].length), today)
  const number = /^(\d{1,2})(?:号|日)/u.exec(text)
  if (!number) return undefined
  const here = today.set({ day: Math.min(Number(number[1]), today.daysInMonth ?? 28) })
  const month = here < today ? today.plus({ months: 1 }) : today
  return monthDay(String(month.year), month.month, Number(number[1]), text.slice(number[0].length), today)
}

/** 周六 is the next one, today included; 下周六 is the one in the week after this. */
function weekdayOf(which: string, name: string, today: DateTime): DateTime {
  const wanted = Math.min(weekdays.indexOf(name) + 1, 7)
  if (which.startsWith('下')) return today.startOf('week').plus({ weeks: which.length, days: wanted - 1 })
  return today.plus({ days: (wanted - today.weekday + 7) % 7 })
}

function monthDay(
  year: string | undefined,
  month: number,
  day: number,
  rest: string,
  today: DateTime,
): Found | undefined {
  const inYear = (y: number) => DateTime.fromObject({ year: y, month, day }, { zone: today.zoneName ?? 'UTC' })
  const named = inYear(year === undefined ? today.year : Number(year))
  const found = year === undefined && named.isValid && named < today ? inYear(today.year + 1) : named
  return found.isValid ? { day: found, rest } : undefined
}

// --- hours

interface Hours {
  readonly from: number
  readonly until: number
  readonly rest: string
}

const part = String.raw`(上午|下午|晚上|早上|中午)?\s*(\d{1,2})(?::|点|时)(\d{2}|半)?分?`
const between = new RegExp(String.raw`^\s*${part}\s*(?:到|至|-|~|—)\s*${part}`, 'u')
const half = /^\s*(上午|下午|晚上)(?!\s*\d)/u

function hoursAt(text: string): Hours | 'wrong' | undefined {
  const named = between.exec(text)
  if (named) {
    const from = minuteOf(named[1], named[2], named[3])
    const until = minuteOf(named[4] ?? laterPart(named[1], named[2], named[5]), named[5], named[6])
    if (from === undefined || until === undefined) return 'wrong'
    return { from, until, rest: text.slice(named[0].length) }
  }
  const halfDay = half.exec(text)
  if (!halfDay) return undefined
  const spans: Record<string, readonly [number, number]> = {
    上午: [0, 720],
    下午: [720, 1080],
    晚上: [1080, 1440],
  }
  const [from, until] = spans[halfDay[1] ?? ''] ?? [0, 1440]
  return { from, until, rest: text.slice(halfDay[0].length) }
}

/** 下午2点到5点: the afternoon holds for both. */
const laterPart = (first: string | undefined, from: string | undefined, until: string | undefined) =>
  Number(until) >= Number(from) ? first : undefined

function minuteOf(partOfDay: string | undefined, hour: string | undefined, minute: string | undefined) {
  const said = Number(hour)
  const afternoon = (partOfDay === '下午' || partOfDay === '晚上' || (partOfDay === '中午' && said < 6)) && said < 12
  const minutes = (afternoon ? said + 12 : said) * 60 + (minute === '半' ? 30 : Number(minute ?? 0))
  return minutes <= 1440 && said <= 24 && Number(minute === '半' ? 30 : (minute ?? 0)) < 60 ? minutes : undefined
}

const atClock = (day: DateTime, minute: number): DateTime =>
  minute === 1440
    ? day.plus({ days: 1 }).startOf('day')
    : day.set({ hour: Math.floor(minute / 60), minute: minute % 60 })
