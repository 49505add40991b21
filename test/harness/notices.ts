import { pino } from 'pino'
import { makeFeed } from '../../src/broadcast/feed.ts'
import { makeBulkGate } from '../../src/broadcast/gate.ts'
import { makeProgress } from '../../src/broadcast/progress.ts'
import { lanesOf } from '../../src/broadcast/room.ts'
import type { Audience } from '../../src/domain/audience.ts'
import type { NoticeKind } from '../../src/domain/notice.ts'
import { makeDeliver } from '../../src/outbox/deliver.ts'
import type { Bell } from '../../src/queue/jobs.ts'
import { changeDraft, lockBroadcast, newDraft, takeNoticeStep } from '../../src/store/broadcasts.ts'
import { bulkMoments } from '../../src/store/bulk-lane.ts'
import { transaction } from '../../src/store/db.ts'
import type { Clock, FarEnd } from './far-end.ts'
import type { Store } from './store.ts'

const zone = 'Asia/Shanghai'

export const everybody: Audience = { groups: [{ roles: ['resident'] }], except: [] }

/** The rooms that send a notice, on a real store, with far ends, a clock by hand and the bells rung as they come. */
export function makeNotices(store: Store, clock: Clock, ends: readonly FarEnd[]) {
  const { db, seal } = store
  const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
  const channels = ends.map((end) => end.channel)
  const lanes = lanesOf(channels)
  const rung: Bell[] = []
  const ring = async (bells: readonly Bell[]) => void rung.push(...bells)
  const edge = { db, seal, ring, now: clock.now, log }
  const deliver = makeDeliver({
    ...edge,
    channels: new Map(channels.map((channel) => [`${channel.name}:${channel.account}`, channel])),
    bulkGate: makeBulkGate(db, zone),
  })
  const feeder = () => makeFeed({ ...edge, lanes, zone, onStep: makeProgress({ ...edge, zone }) })
  const feed = feeder()

  /** Answer every bell that is due within `ms`, forward in time. */
  async function answerBells(ms: number): Promise<void> {
    const until = clock.now().getTime() + ms
    const time = (bell: Bell) => bell.at?.getTime() ?? 0
    for (;;) {
      rung.sort((a, b) => time(a) - time(b))
      const [bell] = rung
      if (!bell || time(bell) > until) break
      rung.shift()
      if (bell.at) clock.to(bell.at)
      if (bell.job === 'deliver') await deliver(bell.ids)
      if (bell.job === 'bulk') await eachAtItsMoment(bell.ids.addressIds)
    }
    clock.to(new Date(until))
  }

  /** A bell that several share rings on for each of them. */
  async function eachAtItsMoment(addressIds: readonly number[]): Promise<void> {
    const [only, ...others] = addressIds
    if (others.length === 0) return only === undefined ? undefined : deliver({ addressId: only })
    for (const { addressId, at } of await bulkMoments(db, addressIds)) {
      rung.push({ job: 'bulk', ids: { addressIds: [addressId] }, at })
    }
  }

  return {
    deliver,
    feeder,
    rung,
    lanes,
    /** Two coordinators who have joined. */
    coordinators: async () => {
      const make = async (code: string) => {
        const person = await db.person.create({
          data: {
            conversation: { create: {} },
            addresses: { create: { channel: 'web', account: '100', externalId: code, lastHeardAt: clock.now() } },
          },
        })
        return db.staff.create({
          data: { code, name: code, role: 'coordinator', personId: person.id, skills: [], languages: [] },
        })
      }
      return [await make('c-01'), await make('c-02')] as const
    },
    people: async (many: number, channel = 'telegram') => {
      const ids: number[] = []
      for (let i = 0; i < many; i++) {
        const { id } = await db.person.create({
          data: {
            addresses: { create: { channel, account: '100', externalId: `${channel}-${i}`, lastHeardAt: clock.now() } },
          },
        })
        ids.push(id)
      }
      return ids
    },
    /** A notice that one has written and another has approved. */
    approved: async (
      by: readonly [{ id: number }, { id: number }],
      more: {
        kind?: NoticeKind
        audience?: Audience
        startAt?: Date
        expiresAt?: Date
        text?: string
      } = {},
    ): Promise<number> =>
      transaction(db, async (tx) => {
        const {
          kind = 'notice',
          audience = everybody,
          text = '康乐社区明天停水，请接好水。',
          startAt,
          expiresAt,
        } = more
        const emergency = kind === 'emergency'
        const draft = await newDraft(tx, { authorId: by[0].id, kind, emergency, text, audience, at: clock.now() })
        if (startAt) await changeDraft(tx, draft.id, { startAt })
        const row = await lockBroadcast(tx, draft.id)
        const until = expiresAt ?? new Date(clock.now().getTime() + 72 * 3_600_000)
        const proposed =
          row && (await takeNoticeStep(tx, row, 'propose', { proposedAt: clock.now(), expiresAt: until }))
        if (proposed) await takeNoticeStep(tx, proposed, 'approve', { approvedById: by[1].id, approvedAt: clock.now() })
        return draft.id
      }),
    row: (id: number) => db.broadcast.findUniqueOrThrow({ where: { id } }),
    recipients: (broadcastId: number) =>
      db.broadcastRecipient.findMany({ where: { broadcastId }, orderBy: { personId: 'asc' } }),
    /** Feed and send, second by second, until nothing more happens or so many seconds have passed. */
    run: async (seconds: number, { every = 1_000, until }: { every?: number; until?: () => Promise<boolean> } = {}) => {
      for (let passed = 0; passed < seconds * 1_000; passed += every) {
        await feed()
        await answerBells(every)
        if (await until?.()) return
      }
      await feed()
    },
    feed,
    answerBells,
  }
}

/** Outcomes as a table, and the promise that they add up to the audience. */
export async function outcomes(store: Store, broadcastId: number): Promise<Record<string, number>> {
  const row = await store.db.broadcast.findUniqueOrThrow({ where: { id: broadcastId } })
  const groups = await store.db.broadcastRecipient.groupBy({
    by: ['outcome', 'reason'],
    where: { broadcastId },
    _count: { _all: true },
  })
  const counted = { waiting: 0, queued: 0, sent: 0, delivered: 0, failed: 0, skipped: 0 }
  const table: Record<string, number> = {}
  let all = 0
  for (const { outcome, reason, _count } of groups) {
    counted[outcome as keyof typeof counted] += _count._all
    table[reason === null ? outcome : `${outcome}:${reason}`] = _count._all
    all += _count._all
  }
  const { waiting, queued, sent, delivered, failed, skipped, audienceCount } = row
  const kept = { waiting, queued, sent, delivered, failed, skipped }
  if (JSON.stringify(kept) !== JSON.stringify(counted) || audienceCount !== all) {
    throw new Error(
      `the outcomes do not add up: ${JSON.stringify(kept)} ${JSON.stringify(counted)} ${audienceCount} ${all}`,
    )
  }
  return table
}
