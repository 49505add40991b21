import type { Logger } from 'pino'
import { applyStep, type Context } from '../requests/apply.ts'
import type { Db } from '../store/db.ts'
import { type Orphan, orphans } from '../store/orphans.ts'
import { lockRequest } from '../store/requests.ts'
import { claim } from '../store/settings.ts'
import { coordinatorOnDuty } from '../store/staff.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { clearOffers, coordinators, tellColleague } from './tell.ts'

export interface AuditorDeps {
  readonly db: Db
  readonly inTurn: InTurn
  /** Does the work of a deadline here and now. */
  readonly escalate: (ids: { requestId: number }) => Promise<void>
  readonly now: () => Date
  readonly log: Logger
  /** Told how many open requests broke the promise at this look: 0 is the only good answer. */
  readonly onAudit: (broken: number) => void
}

/** Unhandled for this long, a deadline is a broken promise and not a slow bell. */
const brokenMs = 120_000
/** Requests mended in one look. */
const most = 200

/**
 * 审计: every minute, independent of bells and sweeps: is there an open request without an owner who can act, or with a
 * deadline that came and nobody handled? It mends what it finds, counts it, and tells the coordinators.
 */
export function makeAuditor({ db, inTurn, escalate, now, log, onAudit }: AuditorDeps): () => Promise<void> {
  return async () => {
    const found = await orphans(db, new Date(now().getTime() - brokenMs), most)
    onAudit(found.length)
    if (found.length === 0) return
    log.error(
      { orphans: found.length, requests: found.slice(0, 20).map((o) => o.id) },
      'the promise was broken: mending',
    )
    for (const orphan of found) {
      await mend(orphan).catch((error: unknown) =>
        log.error({ err: error, requestId: orphan.id }, 'could not be mended'),
      )
    }
    await inTurn((context) => alarm(context, found))
  }

  async function mend(orphan: Orphan): Promise<void> {
    if (orphan.broken === 'owner_gone') await inTurn((context) => giveToCoordinator(context, orphan.id))
    else await escalate({ requestId: orphan.id })
  }
}

async function giveToCoordinator(context: Context, requestId: number): Promise<void> {
  const request = await lockRequest(context.tx, context.seal, requestId)
  if (!request?.deadline) return
  const { id } = coordinatorOnDuty(context.people, context.calendar, context.now)
  const step = { step: 'owner_left', coordinatorId: id, because: 'left' } as const
  const { ended } = await applyStep(context, requestId, step, { kind: 'system' })
  await clearOffers(context, ended, say('offer.goneNote'))
}

/** Once for each request that was found. */
async function alarm(context: Context, found: readonly Orphan[]): Promise<void> {
  const key = (o: Orphan) => `told.orphan.${o.id}.${o.version}`
  const fresh = await claim(context.tx, found.map(key), context.now)
  const told = found.filter((o) => fresh.has(key(o)))
  if (told.length === 0) return
  const numbers = told.map((o) => o.number).join('、')
  const text = say('audit.alarm', { count: told.length, numbers })
  for (const to of coordinators(context.people.directory)) {
    await tellColleague(context, to, `audit:${context.now.toISOString()}:${to}`, text)
  }
}
