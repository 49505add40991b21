import { z } from 'zod'
import { shiftDays } from './duty.ts'
import { LadderChanges } from './ladder-terms.ts'
import { quotaUnits, serviceKinds } from './ledger.ts'
import { NoticeRules } from './notice-rules.ts'
import { staffRoles } from './policy.ts'
import { Need, Programme } from './taxonomy.ts'

/** 区情: the file in which a district keeps its places, contracts, staff, duty, calendar and hotlines. */

const code = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, '代码只能用小写字母、数字、横线')
const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, '日期要写成 2026-01-31')
  .refine((text) => !Number.isNaN(Date.parse(text)), '没有这一天')
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, '时间要写成 08:30')
const name = z.string().trim().min(1, '不能空着')

const ShiftRule = z.strictObject({
  tier: z.enum(['primary', 'backup']),
  days: z.enum(shiftDays),
  weekdays: z.array(z.int().min(1).max(7)).min(1),
  from: clock,
  to: clock,
  /** Without them: from the beginning of the file's time on. */
  validFrom: day.optional(),
  validTo: day.optional(),
  programme: Programme.optional(),
  communities: z.array(code).default([]),
})

const Hours = z.strictObject({
  from: clock,
  to: clock,
  validFrom: day,
  validTo: day.optional(),
  /** Holds on these days of the week, holidays excepted; without them on every working day. */
  weekdays: z.array(z.int().min(1).max(7)).min(1).optional(),
})
const DatedDay = z.strictObject({ date: day, kind: z.enum(['holiday', 'workday']), name })

export const District = z.strictObject({
  streets: z.array(z.strictObject({ code, name })),
  communities: z.array(
    z.strictObject({
      code,
      street: code,
      name,
      aliases: z.array(name).default([]),
      validFrom: day,
      validTo: day.optional(),
    }),
  ),
  programmes: z.array(z.strictObject({ code: Programme, name })),
  agencies: z.array(
    z.strictObject({
      code,
      name,
      phone: z.string().optional(),
      /** What it keeps of its own; left out, what there is stays; an empty list gives the district's back. */
      hours: z.array(Hours).optional(),
      days: z.array(DatedDay).optional(),
    }),
  ),
  contracts: z.array(
    z.strictObject({
      reference: name,
      programme: Programme,
      agency: code,
      buyer: name,
      amountYuan: z.int().nonnegative('金额不能是负数'),
      funding: z.enum(['government', 'social']),
      startsOn: day,
      endsOn: day,
      extendedTo: day.optional(),
      evaluatedOn: z.array(day).default([]),
      successor: name.optional(),
      communities: z.union([z.literal('all'), z.array(code).min(1)]),
      quotas: z
        .array(
          z.strictObject({
            indicator: name,
            unit: z.enum(quotaUnits),
            target: z.int().positive(),
            kinds: z.array(z.enum(serviceKinds)).default([]),
            needs: z.array(Need).default([]),
          }),
        )
        .default([]),
    }),
  ),
  rotas: z.record(code, z.array(ShiftRule)),
  staff: z.array(
    z.strictObject({
      code,
      name,
      role: z.enum(staffRoles),
      agency: code.optional(),
      skills: z.array(z.string()).default([]),
      languages: z.array(z.string()).default(['zh']),
      loadLimit: z.int().positive().default(8),
      duty: z.array(code).default([]),
    }),
  ),
  calendar: z.array(DatedDay).default([]),
  /** 办公时间; a file without them leaves what there is. */
  hours: z.array(Hours).default([]),
  /** 时限: what this district does otherwise than the starting values. */
  ladder: LadderChanges.optional(),
  hotlines: z
    .array(
      z.strictObject({
        number: z.string().regex(/^\d{3,12}$/, '热线只能是数字'),
        name,
        purposes: z.array(z.string()),
        hours: name,
        textOk: z.boolean(),
        verifiedOn: day.optional(),
        note: z.string().optional(),
      }),
    )
    .default([]),
  notices: NoticeRules.optional(),
})
export type District = z.infer<typeof District>

export interface Problem {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** What the shape alone cannot tell: names that point nowhere, the same code twice, an end before its beginning. */
export function crossCheck(district: District): Problem[] {
  const streets = new Set(district.streets.map((s) => s.code))
  const communities = new Set(district.communities.map((c) => c.code))
  const agencies = new Set(district.agencies.map((a) => a.code))
  const references = new Set(district.contracts.map((c) => c.reference))
  const programmes = new Set<string>(district.programmes.map((p) => p.code))
  return [
    ...twice(
      'streets',
      district.streets.map((s) => s.code),
      'code',
    ),
    ...twice(
      'communities',
      district.communities.map((c) => c.code),
      'code',
    ),
    ...twice(
      'programmes',
      district.programmes.map((p) => p.code),
      'code',
    ),
    ...twice(
      'agencies',
      district.agencies.map((a) => a.code),
      'code',
    ),
    ...twice(
      'contracts',
      district.contracts.map((c) => c.reference),
      'reference',
    ),
    ...twice(
      'staff',
      district.staff.map((s) => s.code),
      'code',
    ),
    ...twice(
      'calendar',
      district.calendar.map((d) => d.date),
      'date',
    ),
    ...twice(
      'hotlines',
      district.hotlines.map((h) => h.number),
      'number',
    ),
    ...district.communities.flatMap((c, i) => unknown(streets, c.street, ['communities', i, 'street'], '街道')),
    ...sharedNames(district),
    ...district.contracts.flatMap((c, i) => [
      ...unknown(programmes, c.programme, ['contracts', i, 'programme'], '项目'),
      ...unknown(agencies, c.agency, ['contracts', i, 'agency'], '机构'),
      ...(c.endsOn < c.startsOn ? [{ path: ['contracts', i, 'endsOn'], message: '合同结束比开始还早' }] : []),
      ...(c.extendedTo !== undefined && c.extendedTo < c.endsOn
        ? [{ path: ['contracts', i, 'extendedTo'], message: '续期比原来的结束日还早' }]
        : []),
      ...(c.successor === undefined ? [] : unknown(references, c.successor, ['contracts', i, 'successor'], '合同')),
      ...(c.communities === 'all' ? [] : c.communities).flatMap((community, k) =>
        unknown(communities, community, ['contracts', i, 'communities', k], '社区'),
      ),
    ]),
    ...Object.entries(district.rotas).flatMap(([rota, rules]) =>
      rules.flatMap((rule, i) =>
        rule.communities.flatMap((community, k) =>
          unknown(communities, community, ['rotas', rota, i, 'communities', k], '社区'),
        ),
      ),
    ),
    ...emptyHours(district.hours, ['hours']),
    ...district.agencies.flatMap(({ hours = [], days = [] }, i) => [
      ...emptyHours(hours, ['agencies', i, 'hours']),
      ...twice(
        ['agencies', i, 'days'],
        days.map((d) => d.date),
        'date',
      ),
    ]),
    ...district.staff.flatMap((s, i) => [
      ...(s.agency === undefined ? [] : unknown(agencies, s.agency, ['staff', i, 'agency'], '机构')),
      ...s.duty.flatMap((rota, k) =>
        unknown(new Set(Object.keys(district.rotas)), rota, ['staff', i, 'duty', k], '班次'),
      ),
    ]),
    ...(district.staff.some((s) => s.role === 'coordinator')
      ? []
      : [{ path: ['staff'], message: '至少要有一位 coordinator:没人接的求助由协调员负责' }]),
  ]
}

/** Minutes of the local day; 24:00 and 00:00 → 0 as an end means "until midnight". */
export function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return (hour * 60 + minute) % (24 * 60)
}

function unknown(known: ReadonlySet<string>, named: string, path: (string | number)[], what: string): Problem[] {
  return known.has(named) ? [] : [{ path, message: `没有代码为“${named}”的${what}` }]
}

function emptyHours(hours: District['hours'], path: readonly (string | number)[]): Problem[] {
  return hours.flatMap(({ from, to }, i) =>
    from === to ? [{ path: [...path, i, 'to'], message: '办公时间的起止不能相同' }] : [],
  )
}

function twice(list: string | readonly (string | number)[], codes: readonly string[], key: string): Problem[] {
  return codes.flatMap((value, i) =>
    codes.indexOf(value) < i ? [{ path: [list, i, key].flat(), message: `“${value}”前面已经有了` }] : [],
  )
}

/** A name that means two communities would send help to the wrong place. */
function sharedNames({ communities }: District): Problem[] {
  const owner = new Map<string, string>()
  return communities.flatMap((community, i) =>
    [community.name, ...community.aliases].flatMap((called, k) => {
      const other = owner.get(called)
      owner.set(called, other ?? community.code)
      const path = k === 0 ? ['communities', i, 'name'] : ['communities', i, 'aliases', k - 1]
      return other !== undefined && other !== community.code
        ? [{ path, message: `“${called}”已经是社区 ${other} 的名字` }]
        : []
    }),
  )
}
