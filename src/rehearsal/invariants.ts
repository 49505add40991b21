import type { Db } from '../store/db.ts'
import { orphans } from '../store/orphans.ts'

/** What must hold at every step of a rehearsal, asked of the rows and not of the code that wrote them. */
export async function brokenInvariants(db: Db, now: Date): Promise<string[]> {
  const [lost, others] = await Promise.all([
    orphans(db, new Date(now.getTime() - 60_000), 20),
    // Walks partial indexes over open offers, accepted offers and open requests only: what is closed costs nothing.
    db.sql<{ what: Broken; who: string; load: number; most: number }>`
      SELECT 'twice' AS what, r.number::text AS who, 0 AS load, 0 AS most
        FROM "Offer" o JOIN "HelpRequest" r ON r.id = o."requestId"
        WHERE o.status = 'accepted' GROUP BY r.number HAVING count(*) > 1
      UNION ALL
      SELECT DISTINCT 'stale', r.number::text, 0, 0
        FROM "Offer" o JOIN "HelpRequest" r ON r.id = o."requestId"
        WHERE o.status = 'open' AND r.status NOT IN ('queued', 'offered')
      UNION ALL
      SELECT 'over', s.code, count(*)::int, s."loadLimit"
        FROM "Staff" s JOIN "HelpRequest" r ON r."assigneeId" = s.id
        WHERE r.status IN ('queued', 'offered', 'active') AND r."nextDeadline" IS NOT NULL AND r.urgency <> 'crisis'
          AND s.role IN ('social_worker', 'nurse', 'counsellor')
        GROUP BY s.id HAVING count(*) > s."loadLimit"`,
  ])
  return [
    ...lost.map((orphan) => `求助${orphan.number}：${reasons[orphan.broken]}`),
    ...others.map(({ what, who, load, most }) => words[what](who, load, most)),
  ]
}

/**
 * Asked when the time promised for a named person has come: nobody has it, and nobody higher up was told either.
 * In triage it is with the coordinator, the last rung, from the first moment.
 */
export async function missedInSilence(db: Db, requestId: number): Promise<string | undefined> {
  const [silent] = await db.sql<{ number: number }>`
    SELECT r.number FROM "HelpRequest" r
    WHERE r.id = ${requestId} AND r.status IN ('queued', 'offered') AND NOT EXISTS (
      SELECT 1 FROM "RequestEvent" e WHERE e."requestId" = r.id AND (e.step IN ('accepted', 'climbed', 'unplaced')
        OR (e.step = 'offered' AND (e.detail->>'rung')::int > 0)))`
  return silent && `求助${silent.number}：承诺的时间到了，没有人接，也没有升级`
}

type Broken = 'twice' | 'stale' | 'over'

const words = {
  twice: (number) => `求助${number}：两个人同时接下`,
  stale: (number) => `求助${number}：已有人接或已结束，派单还开着`,
  over: (code, load, most) => `${code}：手上${load}件，超过上限${most}`,
} satisfies Record<Broken, (who: string, load: number, most: number) => string>

const reasons = {
  no_deadline: '没有时限',
  owner_gone: '责任人已经不在',
  deadline_unhandled: '时限过了没有处理',
} as const
