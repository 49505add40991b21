import type { Db } from '../store/db.ts'
import { orphans } from '../store/orphans.ts'

/** What must hold at every step of a rehearsal, asked of the rows and not of the code that wrote them. */
export async function brokenInvariants(db: Db, now: Date): Promise<string[]> {
  const broken: string[] = []
  for (const orphan of await orphans(db, new Date(now.getTime() - 60_000), 20)) {
    broken.push(`求助${orphan.number}：${reasons[orphan.broken]}`)
  }
  const twice = await db.$queryRaw<{ number: number }[]>`
    SELECT r.number FROM "Offer" o JOIN "HelpRequest" r ON r.id = o."requestId"
    WHERE o.status = 'accepted' GROUP BY r.number HAVING count(*) > 1`
  for (const { number } of twice) broken.push(`求助${number}：两个人同时接下`)
  const stale = await db.$queryRaw<{ number: number }[]>`
    SELECT DISTINCT r.number FROM "Offer" o JOIN "HelpRequest" r ON r.id = o."requestId"
    WHERE o.status = 'open' AND r.status NOT IN ('queued', 'offered')`
  for (const { number } of stale) broken.push(`求助${number}：已有人接或已结束，派单还开着`)
  const over = await db.$queryRaw<{ code: string; load: number; limit: number }[]>`
    SELECT s.code, count(*)::int AS load, s."loadLimit" AS limit FROM "Staff" s JOIN "HelpRequest" r ON r."assigneeId" = s.id
    WHERE r.status IN ('queued', 'offered', 'active') AND r.urgency <> 'crisis' AND s.role IN ('social_worker', 'nurse', 'counsellor')
    GROUP BY s.id HAVING count(*) > s."loadLimit"`
  for (const { code, load, limit } of over) broken.push(`${code}：手上${load}件，超过上限${limit}`)
  return broken
}

const reasons = {
  no_deadline: '没有时限',
  owner_gone: '责任人已经不在',
  deadline_unhandled: '时限过了没有处理',
} as const
