import { isNode, LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { crossCheck, District, minuteOf } from '../domain/district.ts'
import { writeDays, writeOwnTime, writeTerms } from './calendar.ts'
import type { Db, Tx } from './db.ts'
import { transaction } from './db.ts'
import { setNoticeRules } from './notice-rules.ts'

export interface LineProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** Read a district file; every problem with its line. Nothing is imported from a file that has one. */
export function readDistrict(text: string): { district: District } | { problems: LineProblem[] } {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  if (document.errors.length > 0) {
    return { problems: document.errors.map((error) => ({ ...at(error.pos[0]), message: `写法不对:${error.code}` })) }
  }
  const locate = (path: readonly PropertyKey[]): { line: number; column: number } => {
    for (let depth = path.length; depth >= 0; depth--) {
      const node = document.getIn(path.slice(0, depth), true)
      if (isNode(node) && node.range) return at(node.range[0])
    }
    return { line: 1, column: 1 }
  }
  const problem = (path: readonly PropertyKey[], message: string): LineProblem => ({
    ...locate(path),
    message: `${inWords(path)}: ${message}`,
  })
  const read = District.safeParse(document.toJS(), { error: z.locales.zhCN().localeError })
  if (!read.success) return { problems: read.error.issues.map((issue) => problem(issue.path, issue.message)) }
  const wrong = crossCheck(read.data)
  return wrong.length > 0
    ? { problems: wrong.map(({ path, message }) => problem(path, message)) }
    : { district: read.data }
}

const inWords = (path: readonly PropertyKey[]): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('')

export type Counts = Readonly<Record<string, number>>

/** Write the district by its codes: the same file twice changes nothing; what the file does not name is left alone. */
export async function writeDistrict(tx: Tx, district: District): Promise<Counts> {
  for (const { code, name } of district.streets) {
    await tx.street.upsert({ where: { code }, create: { code, name }, update: { name } })
  }
  for (const { code, street, name, aliases, validFrom, validTo } of district.communities) {
    const row = {
      name,
      aliases,
      validFrom: date(validFrom),
      validTo: validTo ? date(validTo) : null,
      street: { connect: { code: street } },
    }
    await tx.community.upsert({ where: { code }, create: { code, ...row }, update: row })
  }
  for (const { code, name } of district.programmes) {
    await tx.programme.upsert({ where: { code }, create: { code, name }, update: { name } })
  }
  for (const { code, hours, days, ...row } of district.agencies) {
    const { id } = await tx.agency.upsert({ where: { code }, create: { code, ...row }, update: row })
    await writeOwnTime(tx, id, { hours, days })
  }
  for (const contract of district.contracts) await writeContract(tx, contract, district)
  for (const person of district.staff) await writeStaff(tx, person, district)
  await writeDays(tx, district.calendar)
  await writeTerms(tx, district)
  for (const { number, verifiedOn, note, ...rest } of district.hotlines) {
    const row = { ...rest, verifiedOn: verifiedOn ? date(verifiedOn) : null, note: note ?? null }
    await tx.hotline.upsert({ where: { number }, create: { number, ...row }, update: row })
  }
  if (district.notices) await setNoticeRules(tx, district.notices)
  return {
    streets: district.streets.length,
    communities: district.communities.length,
    programmes: district.programmes.length,
    agencies: district.agencies.length,
    contracts: district.contracts.length,
    staff: district.staff.length,
    calendar: district.calendar.length,
    hotlines: district.hotlines.length,
  }
}

async function writeContract(tx: Tx, contract: District['contracts'][number], district: District): Promise<void> {
  const { reference, programme, agency, communities, quotas, startsOn, endsOn, extendedTo, evaluatedOn, ...rest } =
    contract
  const codes = communities === 'all' ? district.communities.map((c) => c.code) : communities
  const row = {
    ...rest,
    startsOn: date(startsOn),
    endsOn: date(endsOn),
    extendedTo: extendedTo ? date(extendedTo) : null,
    evaluatedOn: evaluatedOn.map(date),
    programme: { connect: { code: programme } },
    agency: { connect: { code: agency } },
  }
  const connect = codes.map((code) => ({ code }))
  const { id } = await tx.contract.upsert({
    where: { reference },
    create: { reference, ...row, communities: { connect } },
    update: { ...row, communities: { set: connect } },
    select: { id: true },
  })
  for (const { indicator, ...counts } of quotas) {
    await tx.quota.upsert({
      where: { contractId_indicator: { contractId: id, indicator } },
      create: { contractId: id, indicator, ...counts },
      update: counts,
    })
  }
}

async function writeStaff(tx: Tx, person: District['staff'][number], district: District): Promise<void> {
  const { code, agency, duty, ...rest } = person
  const row = { ...rest, ...(agency ? { agency: { connect: { code: agency } } } : {}) }
  const { id } = await tx.staff.upsert({ where: { code }, create: { code, ...row }, update: row, select: { id: true } })
  // A rota imported since is what the agency keeps itself: it decides, and the district file leaves it alone.
  if ((await tx.shift.count({ where: { staffId: id, origin: 'rota' } })) > 0) return
  await tx.shift.deleteMany({ where: { staffId: id } })
  const rules = duty.flatMap((rota) => district.rotas[rota] ?? [])
  const places = await tx.community.findMany({ select: { id: true, code: true } })
  await tx.shift.createMany({
    data: rules.map(({ from, to, validFrom, validTo, communities, ...rule }) => ({
      ...rule,
      staffId: id,
      fromMinute: minuteOf(from),
      toMinute: minuteOf(to),
      validFrom: date(validFrom ?? '2026-01-01'),
      validTo: validTo ? date(validTo) : null,
      communityIds: places.filter((p) => communities.includes(p.code)).map((p) => p.id),
    })),
  })
}

const seeded = 'district.seeded'

/** Seed once for the life of a database; two processes that start together seed once. */
export async function seedOnce(db: Db, text: string, now: Date): Promise<boolean> {
  if ((await db.setting.count({ where: { key: seeded } })) > 0) return false
  const read = readDistrict(text)
  if ('problems' in read) {
    const [first] = read.problems
    throw new Error(`the district file has a mistake in line ${first?.line}: ${first?.message}`)
  }
  return transaction(db, async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${seeded}, 0))`
    if ((await tx.setting.count({ where: { key: seeded } })) > 0) return false
    await writeDistrict(tx, read.district)
    await tx.setting.create({ data: { key: seeded, value: now.toISOString() } })
    return true
  })
}

export async function hasCoordinator(db: Db): Promise<boolean> {
  return (await db.staff.count({ where: { role: 'coordinator', active: true } })) > 0
}

const date = (iso: string): Date => new Date(`${iso}T00:00:00Z`)
