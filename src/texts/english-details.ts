/** Times and lengths that stand in the places of a text, in English: 今天下午5点30分 → today at 5:30 pm. */
export function englishDetails(value: string): string {
  return value
    .replace(clock, (whole: string, ...found: string[]) => {
      const [day, month, date, part, hour, minute] = found
      if (day === undefined || part === undefined) return whole
      const named = days[day] ?? `${months[Number(month) - 1] ?? ''} ${date ?? ''}`
      const h = Number(hour)
      const midday = part === '中午' || part === '下午' || part === '晚上'
      const time = `${h === 0 ? 12 : h}${minute === undefined || minute === '' ? '' : `:${minute.padStart(2, '0')}`}`
      return `${named} at ${time} ${midday ? 'pm' : 'am'}`
    })
    .replace(seconds, (_, minutes: string | undefined, rest: string | undefined) =>
      [minutes ? `${minutes} min` : '', rest ? `${rest} s` : ''].filter((one) => one !== '').join(' '),
    )
}

const clock =
  /(今天|明天|后天|(\d{1,2})月(\d{1,2})日周[一二三四五六日])(凌晨|上午|中午|下午|晚上)(\d{1,2})点(?:(\d{1,2})分)?/gu
const seconds = /^(?:(\d+)分)?(?:(\d+)秒)?$/u
const days: Readonly<Record<string, string>> = { 今天: 'today', 明天: 'tomorrow', 后天: 'the day after tomorrow' }
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
