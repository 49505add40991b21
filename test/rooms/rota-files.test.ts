import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onDuty } from '../../src/domain/duty.ts'
import { calendarCommand } from '../../src/rota/calendar-command.ts'
import { rotaCommand } from '../../src/rota/command.ts'
import { readTable, writeTable } from '../../src/rota/sheet.ts'
import { workingCalendar } from '../../src/store/calendar.ts'
import { transaction } from '../../src/store/db.ts'
import { readDistrict, writeDistrict } from '../../src/store/district.ts'
import { rotaFrom } from '../../src/store/rota.ts'
import { root } from '../harness/linbang.ts'
import { freshStore, type Store } from '../harness/store.ts'

const zone = 'Asia/Shanghai'
const now = new Date('2026-11-23T09:30:00+08:00')
const at = (local: string) => new Date(`${local}:00+08:00`)

describe('a rota kept in a spreadsheet', () => {
  let store: Store
  let dir: string
  beforeAll(async () => {
    store = await freshStore()
    dir = mkdtempSync(join(tmpdir(), 'linbang-rota-'))
    const read = readDistrict(readFileSync(join(root, 'prisma/seed/huli.yaml'), 'utf8'))
    if ('problems' in read) throw new Error('the seed has a mistake')
    await transaction(store.db, (tx) => writeDistrict(tx, read.district))
  })
  afterAll(async () => {
    rmSync(dir, { recursive: true, force: true })
    await store.drop()
  })

  async function run(command: typeof rotaCommand, ...args: string[]): Promise<{ code: number; said: string }> {
    const lines: string[] = []
    const code = await command(args, store.db, { zone, now, print: (line) => lines.push(line) })
    return { code, said: lines.join('\n') }
  }
  const csv = (name: string, lines: readonly string[]): string => {
    const path = join(dir, name)
    writeFileSync(path, `${lines.join('\r\n')}\r\n`)
    return path
  }
  async function isOn(code: string, local: string): Promise<string | undefined> {
    const { id } = await store.db.staff.findUniqueOrThrow({ where: { code }, select: { id: true } })
    const rota = await rotaFrom(store.db, now)
    return onDuty(rota, await workingCalendar(store.db, zone), at(local)).find((d) => d.staffId === id)?.because
  }

  it.each(['xlsx', 'csv'])(
    'the template of an agency, as %s, is read back without a mistake and changes nothing',
    async (kind) => {
      const file = join(dir, `template.${kind}`)
      expect((await run(rotaCommand, 'template', file, '--agency', 'a3')).code).toBe(0)
      const before = await isOn('a3-sw-01', '2026-12-01T23:59')
      const filled = await run(rotaCommand, 'import', file, '--agency', 'a3', '--check')
      // Who has no shift has an empty line to fill in; filled in or taken out it is whole.
      expect(filled.said).toMatch(/没有错|日子要写/)
      const rows = (await readTable(file)).filter((row) => row[0] === '工号' || (row[3] ?? '') !== '')
      const whole = join(dir, `whole.${kind}`)
      await writeTable(whole, [{ name: '班表', rows: rows.map((r) => r.map((c) => String(c ?? ''))), widths: [10] }])
      expect(await run(rotaCommand, 'import', whole, '--agency', 'a3')).toMatchObject({ code: 0 })
      expect(await isOn('a3-sw-01', '2026-12-01T23:59')).toBe(before)
      expect(await isOn('a3-sw-03', '2026-11-24T13:00')).toBeUndefined()
    },
  )

  it('a list with split, overnight, holiday and single shifts puts the right person on duty at every minute', async () => {
    const file = csv('list.csv', [
      '工号,姓名,班别,日子,时间,项目,社区,从,到',
      'a4-sw-01,示例社工丁01,值班,工作日,8:30-12:00、14:30-17:30,,,2026-12-01,',
      'a4-sw-02,,备班,每天,18:00-8:30,居家养老,金尚社区,2026-12-01,2026-12-31',
      'a4-sw-03,,值班,休息日,0:00-24:00,,,2026-12-01,',
      'a4-sw-04,,,2026-12-05,9点-12点半,,,,',
    ])
    const done = await run(rotaCommand, 'import', file)
    expect(done.said).toContain('已导入：4人，5个班')
    expect(await isOn('a4-sw-01', '2026-12-01T11:59')).toBe('值班 8:30–12:00')
    expect(await isOn('a4-sw-01', '2026-12-01T12:00')).toBeUndefined()
    expect(await isOn('a4-sw-02', '2026-12-02T03:00')).toBe('备班 18:00–8:30')
    expect(await isOn('a4-sw-02', '2027-01-01T03:00')).toBe('备班 18:00–8:30')
    expect(await isOn('a4-sw-02', '2027-01-02T03:00')).not.toBe('备班 18:00–8:30')
    expect(await isOn('a4-sw-03', '2026-12-05T23:59')).toBe('值班 全天')
    expect(await isOn('a4-sw-03', '2026-12-04T12:00')).toBeUndefined()
    expect(await isOn('a4-sw-04', '2026-12-05T12:29')).toBe('值班 9:00–12:30')
    // A single day stands beside what recurs.
    expect(await isOn('a4-sw-04', '2026-12-07T09:00')).toBe('值班 8:30–12:00')
    const shifts = await store.db.shift.count()
    expect((await run(rotaCommand, 'import', file)).code).toBe(0)
    expect(await store.db.shift.count()).toBe(shifts)
    const scoped = await store.db.shift.findFirstOrThrow({ where: { programme: 'elder' } })
    expect(scoped.communityIds).toHaveLength(1)
  })

  it('hours written in local time are on duty, shown and exported at that local time, whatever zone the server runs in', async () => {
    const file = csv('early.csv', [
      '工号,姓名,班别,日子,开始,结束',
      'a3-sw-05,示例社工丙05,值班,2026-12-02,00:30,07:45',
    ])
    expect(await run(rotaCommand, 'import', file, '--agency', 'a3')).toMatchObject({ code: 0 })
    // In these hours the date in UTC is still the day before.
    for (const [local, on] of [
      ['2026-12-02T00:29', false],
      ['2026-12-02T00:30', true],
      ['2026-12-02T07:44', true],
      ['2026-12-01T23:00', false],
    ] as const) {
      const because = await isOn('a3-sw-05', local)
      expect(because?.includes('0:30–7:45') ?? false, `${local} ${because}`).toBe(on)
    }
    const exported = join(dir, 'early.ics')
    expect((await run(rotaCommand, 'export', exported, '--staff', 'a3-sw-05', '--days', '12')).code).toBe(0)
    expect(readFileSync(exported, 'utf8')).toContain('DTSTART:20261201T163000Z\r\nDTEND:20261201T234500Z')
  })

  it('the district file imported again leaves a rota that was imported since alone', async () => {
    const file = csv('kept.csv', ['工号,日子,开始,结束', 'a5-sw-03,周一到周三,9:00,17:00'])
    expect((await run(rotaCommand, 'import', file)).code).toBe(0)
    const read = readDistrict(readFileSync(join(root, 'prisma/seed/huli.yaml'), 'utf8'))
    if ('problems' in read) throw new Error('the seed has a mistake')
    await transaction(store.db, (tx) => writeDistrict(tx, read.district))
    expect(await isOn('a5-sw-03', '2026-11-24T12:30')).toBe('值班 9:00–17:00')
    expect(await isOn('a5-sw-03', '2026-11-26T12:30')).toBeUndefined()
  })

  it('a month with a column a day, shift names and days off replaces those days and no others', async () => {
    const days = ['2026-12-10', '12月11日', '12-12']
    const file = csv('month.csv', [
      ['工号', '姓名', ...days].join(','),
      '班名,早班,7:00-15:00,,',
      'a2-sw-03,示例社工乙03,早班,休,备 20:00-8:00',
    ])
    expect((await run(rotaCommand, 'import', file)).said).toContain('1人，2个班')
    expect(await isOn('a2-sw-03', '2026-12-09T10:00')).toBe('值班 8:30–12:00')
    expect(await isOn('a2-sw-03', '2026-12-10T14:59')).toBe('值班 7:00–15:00')
    expect(await isOn('a2-sw-03', '2026-12-11T10:00')).toBeUndefined()
    expect(await isOn('a2-sw-03', '2026-12-13T07:59')).toBe('备班 20:00–8:00')
    expect(await isOn('a2-sw-03', '2026-12-14T10:00')).toBe('值班 8:30–12:00')
    const template = join(dir, 'month.xlsx')
    expect((await run(rotaCommand, 'template', template, '--agency', 'a2', '--month', '2026-12')).code).toBe(0)
    expect((await run(rotaCommand, 'import', template, '--agency', 'a2', '--check')).said).toContain('没有错')
  })

  it('every mistake is named by its cell, and nothing of such a file is taken', async () => {
    const before = await store.db.shift.count()
    const file = csv('wrong.csv', [
      '工号,姓名,班别,日子,开始,结束,项目,社区,从,到',
      'a9-sw-01,,值班,工作日,8:30,17:30,,,,',
      'a3-sw-01,张三,正班,周八,25:00,,太极,火星社区,2026-13-01,',
      'a3-sw-02,,值班,工作日,8:30,17:30,,,2026-12-31,2026-12-01',
      'a3-sw-03,,值班,工作日,8:30,17:30,,,,',
      'a3-sw-03,,值班,工作日,8:30,17:30,,,,',
    ])
    const { code, said } = await run(rotaCommand, 'import', file)
    expect(code).toBe(1)
    for (const cell of ['A2：', 'B3：', 'C3：', 'D3：', 'E3：', 'F3：', 'G3：', 'H3：', 'I3：', 'J4：', 'A6：']) {
      expect(said).toContain(cell)
    }
    expect(said).toContain('没有导入：有11处要改')
    expect(await store.db.shift.count()).toBe(before)
  })

  it('a file of the other agency, of Excel’s old Chinese coding, or that is no table at all gets a clear answer', async () => {
    const other = csv('other.csv', ['工号,日子,开始,结束', 'a3-sw-03,每天,9:00,17:00'])
    expect((await run(rotaCommand, 'import', other, '--agency', 'a1')).said).toContain('A2：没有工号是“a3-sw-03”的同事')
    const gbk = join(dir, 'gbk.csv')
    // 工号,日子,开始,结束 as GB 18030.
    writeFileSync(
      gbk,
      Buffer.concat([
        Buffer.from('b9a4bac52cc8d5d7d32cbfaacabc2cbde1caf80a', 'hex'),
        Buffer.from('a3-sw-03,2026-12-20,9:00,17:00\n'),
      ]),
    )
    expect((await run(rotaCommand, 'import', gbk, '--check')).said).toContain('没有错')
    const noise = join(dir, 'noise.xlsx')
    writeFileSync(noise, Buffer.concat([Buffer.from('PK'), Buffer.alloc(64, 7)]))
    expect((await run(rotaCommand, 'import', noise)).said).toContain('不是能读的表格')
    expect((await run(rotaCommand, 'import', join(dir, 'nothing.csv'))).said).toContain('打不开文件')
    expect((await run(rotaCommand, 'import', csv('empty.csv', ['']))).said).toContain('没有找到“工号”这一列')
    for (const args of [[], ['what'], ['import'], ['export', '--days', 'x'], ['import', other, '--from', '32.1.']]) {
      expect(await run(rotaCommand, ...args)).toMatchObject({ code: 2 })
    }
  })

  it('the export is a calendar with the same ids every time, night shifts and swaps in it', async () => {
    const file = join(dir, 'duty.ics')
    const args = ['export', file, '--staff', 'a4-sw-02', '--days', '12'] as const
    expect((await run(rotaCommand, ...args)).code).toBe(0)
    const one = readFileSync(file, 'utf8')
    await run(rotaCommand, ...args)
    expect(readFileSync(file, 'utf8')).toBe(one)
    expect(one).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2\.0/)
    expect(one.match(/BEGIN:VEVENT/g)?.length).toBeGreaterThan(3)
    // 18:00 to 8:30 of the next day in Xiamen.
    expect(one).toContain('DTSTART:20261201T100000Z\r\nDTEND:20261202T003000Z')
    expect((await run(rotaCommand, 'export', '--staff', 'nobody')).said).toContain('没有找到')
  })

  it('holidays of a year come from a file at any time, and the year’s list replaces the one before', async () => {
    expect((await run(calendarCommand, 'show', '--year', '2027')).said).toContain('2027年的放假和调休还没有导入')
    const file = csv('2027.csv', [
      '日期,类型,名称',
      '2027-01-01,放假,元旦',
      '2027/1/2,放假,元旦',
      '2027-01-03,上班,元旦调休',
    ])
    expect((await run(calendarCommand, 'import', file)).said).toContain('2027年的放假和调休：放假2天，上班1天')
    const again = csv('2027b.csv', ['日期,类型,名称', '2027-01-01,放假,元旦'])
    await run(calendarCommand, 'import', again)
    const { days } = await workingCalendar(store.db, zone)
    expect(days.get('2027-01-01')).toBe('holiday')
    expect(days.has('2027-01-03')).toBe(false)
    expect(days.get('2026-10-10')).toBe('workday')
    const wrong = csv('bad.csv', ['日期,类型,名称', '2027-02-30,放假,x', '2027-03-01,上班,y', '2027-03-06,开会,z'])
    const { code, said } = await run(calendarCommand, 'import', wrong)
    expect(code).toBe(1)
    for (const cell of ['A2：', 'B3：', 'B4：']) expect(said).toContain(cell)
    expect(await run(calendarCommand)).toMatchObject({ code: 2 })
  })
})
