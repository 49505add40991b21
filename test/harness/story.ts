import type { Db } from '../../src/store/db.ts'

/** Pieces of stories that many scenarios begin with. */

/** Whoever asks for help, on whatever channel. */
export interface Asking {
  says(text: string): Promise<unknown>
  taps(label: string): Promise<unknown>
  sees(text: string | RegExp): Promise<{ readonly text: string }>
}

/** A whole plea, told and confirmed; the number on the receipt. The default is urgent and for an old person. */
export async function submits(resident: Asking, words = '我妈80岁刚出院,今晚没人照顾,住金尚社区'): Promise<number> {
  await resident.says(words)
  for (;;) {
    const asked = await resident.sees(/可以记下吗|下面哪种情况|怎么找您方便|知道您在帮忙|对吗/)
    const answer = answers.find(([question]) => asked.text.includes(question))?.[1]
    if (answer !== undefined) await resident.taps(answer)
    if (answer === '对') break
  }
  const receipt = await resident.sees('编号')
  return Number(/编号(\d+)/.exec(receipt.text)?.[1])
}

const answers = [
  ['可以记下吗', '可以'],
  ['下面哪种情况', '老人'],
  ['怎么找您方便', '就在这里发消息'],
  ['知道您在帮忙', '知道'],
  ['对吗', '对'],
] as const

/** Somebody's whole rota: these hours of every day, or none. */
export async function works(
  db: Db,
  code: string,
  hours: readonly { readonly from: number; readonly to: number; readonly tier?: 'primary' | 'backup' }[],
): Promise<void> {
  const { id: staffId } = await db.staff.findUniqueOrThrow({ where: { code }, select: { id: true } })
  await db.shift.deleteMany({ where: { staffId } })
  await db.shift.createMany({
    data: hours.map(({ from, to, tier = 'primary' }) => ({
      staffId,
      tier,
      weekdays: [1, 2, 3, 4, 5, 6, 7],
      fromMinute: from * 60,
      toMinute: (to * 60) % 1440,
      days: 'every_day',
      validFrom: new Date('2026-01-01T00:00:00Z'),
    })),
  })
}
