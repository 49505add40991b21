import { DateTime } from 'luxon'
import { zoneNamed } from '../domain/zone.ts'

/** A moment as a person says it: 今天下午5点30分, 明天上午9点, 11月25日周三上午9点. Never a countdown. */
export function sayClock(at: Date, now: Date, zone: string): string {
  const then = DateTime.fromJSDate(at, { zone: zoneNamed(zone) })
  const today = DateTime.fromJSDate(now, { zone: zoneNamed(zone) }).startOf('day')
  const days = Math.round(then.startOf('day').diff(today, 'days').days)
  const day = dayNames[days] ?? `${then.month}月${then.day}日周${weekdayNames[then.weekday - 1]}`
  return `${day}${partOfDay(then.hour)}${hourOf(then.hour)}点${then.minute === 0 ? '' : `${then.minute}分`}`
}

/** A duration of a recording as it is said: 23秒, 1分5秒. */
export function saySeconds(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  return whole < 60 ? `${whole}秒` : `${Math.floor(whole / 60)}分${whole % 60 === 0 ? '' : `${whole % 60}秒`}`
}

const dayNames: Readonly<Record<number, string>> = { 0: '今天', 1: '明天', 2: '后天' }
const weekdayNames = ['一', '二', '三', '四', '五', '六', '日'] as const

function partOfDay(hour: number): string {
  if (hour < 6) return '凌晨'
  if (hour < 12) return '上午'
  if (hour < 13) return '中午'
  return hour < 18 ? '下午' : '晚上'
}

const hourOf = (hour: number) => (hour > 12 ? hour - 12 : hour)
