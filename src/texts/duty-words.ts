import { DateTime } from 'luxon'
import type { CoverageHole } from '../domain/coverage.ts'
import { sayClock } from './clock.ts'
import { say } from './say.ts'

/** A stretch of time as colleagues read it: 明天上午8点30分到12点; whole days by their dates alone. */
export function spanInWords(span: { readonly from: Date; readonly until: Date }, now: Date, zone: string): string {
  const from = DateTime.fromJSDate(span.from, { zone })
  const until = DateTime.fromJSDate(span.until, { zone })
  const midnight = (at: DateTime) => at.hour === 0 && at.minute === 0
  const sameDay = from.hasSame(until, 'day') || (midnight(until) && until.minus(1).hasSame(from, 'day'))
  if (midnight(from) && midnight(until)) {
    return sameDay ? `${day(from)}全天` : `${day(from)}到${day(until.minus(1))}全天`
  }
  const last = until.minus(1)
  const end = midnight(until)
    ? `${sameDay ? '' : day(last)}24点`
    : sameDay
      ? clockOf(until)
      : sayClock(span.until, now, zone)
  return `${sayClock(span.from, now, zone)}到${end}`
}

export function holeInWords(hole: CoverageHole, now: Date, zone: string): string {
  const contract = `${hole.contract.agency} ${hole.contract.programmeName}`
  const span = spanInWords(hole, now, zone)
  return hole.kind === 'gap' ? say('holes.gap', { contract, span }) : say('holes.thin', { contract, span })
}

const weekdayNames = ['一', '二', '三', '四', '五', '六', '日'] as const
const day = (at: DateTime) => `${at.month}月${at.day}日周${weekdayNames[at.weekday - 1]}`
const clockOf = (at: DateTime) => `${at.hour}点${at.minute === 0 ? '' : `${at.minute}分`}`
