import { DateTime } from 'luxon'

/** 通知: the life of a notice to many, and the rules that two people and the clock set it. */

export const noticeKinds = ['notice', 'activity', 'emergency', 'correction', 'withdrawal'] as const
export type NoticeKind = (typeof noticeKinds)[number]

export const noticeStatuses = [
  'draft',
  'proposed',
  'approved',
  'sending',
  'paused',
  'stopped',
  'done',
  'dropped',
] as const
export type NoticeStatus = (typeof noticeStatuses)[number]

export const noticeActs = [
  'propose',
  'take_back',
  'approve',
  'send_alone',
  'begin',
  'pause',
  'go_on',
  'stop',
  'finish',
  'drop',
] as const
export type NoticeAct = (typeof noticeActs)[number]

const follows = {
  draft: { propose: 'proposed', send_alone: 'approved', drop: 'dropped' },
  proposed: { approve: 'approved', take_back: 'draft', drop: 'dropped' },
  approved: { begin: 'sending', pause: 'paused', stop: 'stopped' },
  sending: { pause: 'paused', stop: 'stopped', finish: 'done' },
  // Paused before it began, it goes on as if it had just been approved.
  paused: { go_on: 'approved', stop: 'stopped', finish: 'done' },
  stopped: {},
  done: {},
  dropped: {},
} as const satisfies Record<NoticeStatus, Partial<Record<NoticeAct, NoticeStatus>>>

/** The status after an act, or `undefined` when the moment for it has passed. */
export function statusAfter(status: NoticeStatus, act: NoticeAct, begun = false): NoticeStatus | undefined {
  const table: Partial<Record<NoticeAct, NoticeStatus>> = follows[status]
  const next = table[act]
  return status === 'paused' && act === 'go_on' && begun ? 'sending' : next
}

export interface Authored {
  readonly status: NoticeStatus
  readonly emergency: boolean
  readonly authorId: number
  /** Grows with every change of words or audience. */
  readonly version: number
}

/** 两个人: may this colleague let it go out, having seen `version`? */
export function mayApprove(
  notice: Authored,
  staffId: number,
  version: number,
): 'yes' | 'own' | 'changed' | 'not_waiting' {
  if (notice.status !== 'proposed') return 'not_waiting'
  if (notice.authorId === staffId) return 'own'
  return notice.version === version ? 'yes' : 'changed'
}

/** 紧急: the one kind that its author may send without a second person. */
export const maySendAlone = (notice: Authored, staffId: number): boolean =>
  notice.status === 'draft' && notice.emergency && notice.authorId === staffId

/** 不再收这类: what a person can opt out of. Emergencies and what puts an earlier notice right always come. */
export const noticeTopics = ['notice', 'activity'] as const
export type NoticeTopic = (typeof noticeTopics)[number]

export const topicOf = (kind: NoticeKind, emergency: boolean): NoticeTopic | undefined =>
  !emergency && (kind === 'notice' || kind === 'activity') ? kind : undefined

/** How long a notice is worth sending when nobody said until when, in hours. */
const lifetimeHours = {
  notice: 72,
  activity: 168,
  emergency: 12,
  correction: 72,
  withdrawal: 72,
} as const satisfies Record<NoticeKind, number>

/** A notice about tonight is not sent tomorrow. */
export function expiryOf(kind: NoticeKind, said: Date | undefined, from: Date): Date {
  return said ?? new Date(from.getTime() + lifetimeHours[kind] * 3_600_000)
}

/** 夜里不打扰: hours of the local day, from and until. */
const quiet = { from: 21, until: 8 } as const

/** When the night is over, if it is night at `at`; `undefined` by day. */
export function quietUntil(at: Date, zone: string): Date | undefined {
  const local = DateTime.fromJSDate(at, { zone })
  if (local.hour >= quiet.from) return hourOf(local.plus({ days: 1 }), quiet.until)
  return local.hour < quiet.until ? hourOf(local, quiet.until) : undefined
}

/** When the next night begins; `at` must be by day. */
export const quietFrom = (at: Date, zone: string): Date => hourOf(DateTime.fromJSDate(at, { zone }), quiet.from)

const hourOf = (day: DateTime, hour: number): Date => day.startOf('day').set({ hour }).toJSDate()

/** One account that notices leave by. */
export interface Lane {
  /** channel:account */
  readonly name: string
  /** Messages a second over the whole account; null: as fast as it goes. */
  readonly perSecond: number | null
  /** We may speak only for a while after the person wrote. */
  readonly window: boolean
  /** A message can be changed after it was sent. */
  readonly edits: boolean
}

/** WeChat: how long after their last message a person may still be written to. */
export const windowHours = 48

/** What an account without a limit is reckoned with, in messages a second. */
const unlimitedPerSecond = 500

/**
 * When the last one will have left: the slowest account decides, and no notice but an emergency leaves by night.
 * @param counts people by lane
 */
export function finishesAt(
  counts: ReadonlyMap<string, number>,
  lanes: readonly Lane[],
  from: Date,
  { zone, emergency }: { zone: string; emergency: boolean },
): Date {
  let left = Math.max(
    0,
    ...lanes.map((lane) => ((counts.get(lane.name) ?? 0) / (lane.perSecond ?? unlimitedPerSecond)) * 1_000),
  )
  let at = from
  // At 25 a second a day of thirteen hours holds over a million; a thousand days end any loop.
  for (let day = 0; day < 1_000; day++) {
    const morning = emergency ? undefined : quietUntil(at, zone)
    if (morning) at = morning
    const free = emergency ? Number.POSITIVE_INFINITY : quietFrom(at, zone).getTime() - at.getTime()
    if (left <= free) return new Date(at.getTime() + left)
    left -= free
    at = new Date(at.getTime() + free)
  }
  return at
}
