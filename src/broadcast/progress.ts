import type { Lane } from '../domain/notice.ts'
import type { Outbound } from '../domain/words.ts'
import { whenDone } from '../notices/when-done.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { rewrite } from '../outbox/rewrite.ts'
import type { Bell, Ring } from '../queue/jobs.ts'
import { type BroadcastRow, lockBroadcast, setProgress } from '../store/broadcasts.ts'
import { type Db, type Tx, transaction } from '../store/db.ts'
import { markDelivered, signedUpCount, tally, unreachedByCommunity } from '../store/recipients.ts'
import type { Seal } from '../store/secrets.ts'
import { sayClock } from '../texts/clock.ts'
import { bar, doneOf, laneInWords, outcomeLines, steering } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'

export interface ProgressDeps {
  readonly db: Db
  readonly seal: Seal
  readonly ring: Ring
  readonly zone: string
  readonly now: () => Date
  /** Where the list of those who were not reached can be fetched, and until when. */
  readonly listUrl?: ((broadcastId: number, now: Date) => { url: string; until: Date }) | undefined
}

/** A changed message every so often; where none can be changed, a new line far more seldom. */
const editEveryMs = 5_000
const lineEveryMs = 10 * 60_000
/** Keeps the author's message about a notice true, and says in the end what became of everybody. */
export function makeProgress(deps: ProgressDeps): (row: BroadcastRow, lanes: readonly Lane[]) => Promise<void> {
  const { db, now, ring } = deps
  return async (seen, lanes) => {
    if (!isDue(seen, now(), editEveryMs)) return
    if (seen.startedAt !== null) await markDelivered(db, seen.id)
    const bells: Bell[] = []
    await transaction(db, async (tx) => {
      bells.length = 0
      const row = await lockBroadcast(tx, seen.id)
      if (row && isDue(row, now(), editEveryMs)) await show(deps, tx, bells, row, lanes)
    })
    // Only a matter of time: the sweep finds the rows.
    await ring(bells).catch(() => undefined)
  }
}

const isOver = ({ status, counts }: BroadcastRow): boolean =>
  status === 'done' || (status === 'stopped' && counts.queued === 0)

/** The end is always told, once; the way there not more often than is of use. */
function isDue(row: BroadcastRow, now: Date, everyMs: number): boolean {
  return isOver(row) || row.progressAt === null || now.getTime() - row.progressAt.getTime() >= everyMs
}

async function show(
  deps: ProgressDeps,
  tx: Tx,
  bells: Bell[],
  row: BroadcastRow,
  lanes: readonly Lane[],
): Promise<void> {
  const { seal, now, zone } = deps
  const at = now()
  const personId = readerOf(row)
  if (isOver(row)) await setProgress(tx, row.id, { finishedAt: at })
  if (personId === null) return
  const text = await progressText(tx, row, lanes, at, zone)
  const outbound: Outbound = { text, choices: steering(row) }
  const write = (dedupeKey: string, message: Outbound) =>
    enqueue(tx, bells, seal, { personId, dedupeKey, priority: 2, outbound: message }, at)
  const tick = Math.floor(at.getTime() / 1_000)

  if (row.progressId === null) {
    const progressId = await write(`notice-progress:${row.id}`, outbound)
    await setProgress(tx, row.id, { progressAt: at, ...(progressId === undefined ? {} : { progressId }) })
  } else if (await edits(tx, row.progressId, lanes)) {
    const dedupeKey = `notice-progress:${row.id}:${isOver(row) ? 'end' : tick}`
    await rewrite(tx, bells, seal, { outboundId: row.progressId, outbound, dedupeKey }, at)
    await setProgress(tx, row.id, { progressAt: at })
  } else if (!isOver(row) && isDue(row, at, lineEveryMs)) {
    await write(`notice-progress:${row.id}:${tick}`, outbound)
    await setProgress(tx, row.id, { progressAt: at })
  }
  if (isOver(row)) await write(`notice-report:${row.id}`, { text: await reportText(tx, row, deps, at) })
}

/** Who has left is told nothing more of residents: whoever approved it reads on. */
const readerOf = ({ author, approvedBy }: BroadcastRow): number | null =>
  author.active ? author.personId : approvedBy?.active ? approvedBy.personId : null

async function edits(tx: Tx, outboundId: number, lanes: readonly Lane[]): Promise<boolean> {
  const message = await tx.outboundMessage.findUnique({
    where: { id: outboundId },
    select: { address: { select: { channel: true, account: true } } },
  })
  const name = `${message?.address.channel}:${message?.address.account}`
  return lanes.find((lane) => lane.name === name)?.edits ?? true
}

/** How far it is: a bar, the rate, when it will be done, and what came of it so far. */
export async function progressText(
  tx: Tx,
  row: BroadcastRow,
  lanes: readonly Lane[],
  now: Date,
  zone: string,
): Promise<string> {
  const { counts } = row
  const done = doneOf(counts)
  const percent = counts.audience === 0 ? 0 : Math.floor((100 * done) / counts.audience)
  const lines = [say('bc.progress.head', { id: row.id, state: say(`bc.state.${row.status}`) })]
  if (row.startedAt !== null) {
    lines.push(say('bc.progress.bar', { bar: bar(done, counts.audience), done, all: counts.audience, percent }))
    if (row.status === 'sending') lines.push(...(await whenDone(tx, row, lanes, now, zone)))
    lines.push(
      say('bc.progress.outcome', { sent: counts.sent + counts.delivered, lost: counts.failed + counts.skipped }),
    )
  }
  return lines.join('\n')
}

/** The end: every outcome with its reason, what left by which channel, and who is still to be told. */
export async function reportText(
  tx: Tx,
  row: BroadcastRow,
  deps: Pick<ProgressDeps, 'listUrl' | 'zone'>,
  now: Date,
): Promise<string> {
  const tallies = await tally(tx, row.id)
  const byLane = new Map<string, number>()
  for (const { lane, outcome, people } of tallies) {
    if (lane !== null && (outcome === 'sent' || outcome === 'delivered'))
      byLane.set(lane, (byLane.get(lane) ?? 0) + people)
  }
  const communities = await unreachedByCommunity(tx, row.id)
  const lines = [
    say('bc.report.head', { id: row.id, state: say(`bc.state.${row.status}`), all: row.counts.audience }),
    ...outcomeLines(tallies),
    ...[...byLane].map(([lane, people]) => say('bc.report.lane', { lane: laneInWords(lane), people })),
    ...(row.kind === 'activity' ? [say('bc.report.signedUp', { people: await signedUpCount(tx, row.id) })] : []),
  ]
  if (communities.length === 0) return [...lines, say('bc.report.allReached')].join('\n')
  const shown = communities.slice(0, 12).map(({ community, people, told }) =>
    say('bc.report.community', {
      community: community ?? say('bc.community.unknown'),
      people,
      told: told === 0 ? '' : say('bc.report.told', { told }),
    }),
  )
  lines.push(say('bc.report.unreached', { lines: shown.join('\n') }))
  const link = deps.listUrl?.(row.id, now)
  lines.push(
    link
      ? say('bc.report.how', { id: row.id, url: link.url, until: sayClock(link.until, now, deps.zone) })
      : say('bc.report.howPlain', { id: row.id }),
  )
  return lines.join('\n')
}
