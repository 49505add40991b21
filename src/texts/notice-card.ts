import type { NoticeKind, NoticeStatus } from '../domain/notice.ts'
import type { Choice, Outbound, OutboundMedia } from '../domain/words.ts'
import { say, type TextKey, zh } from './say.ts'

/** A notice as its receivers see it, and its state as its author sees it: one form wherever they are made. */

interface Words {
  readonly id: number
  readonly kind: NoticeKind
  readonly emergency: boolean
  readonly text: string
  readonly more: string | null
  readonly pictureId: number | null
  readonly pictureAlt: string | null
  readonly voiceId: number | null
  readonly voice: { readonly seconds: number | null } | null
}

/**
 * One message, whatever belongs to it: with a picture its words stand below it and a recording is there for the asking;
 * without one the recording comes with its words. At most three choices, and no word in them that tells a bystander
 * anything about the receiver.
 */
export function noticeMessage(row: Words): Outbound {
  const choice = (act: string, label: string): Choice => ({ token: `n:${act}:${row.id}`, label })
  const choices = [
    ...(row.kind === 'activity' ? [choice('yes', say('notice.yes'))] : []),
    ...(row.more === null ? [] : [choice('more', say('notice.more'))]),
    ...(row.pictureId !== null && row.voiceId !== null ? [choice('hear', say('notice.hear'))] : []),
    choice('who', say('notice.who')),
    ...(row.emergency || row.kind === 'correction' || row.kind === 'withdrawal'
      ? []
      : [choice('stop', say('notice.stop'))]),
  ]
  // With more, who sent it is said on request, and then what else there is: the words work all the same.
  const spare = ['n:who:', 'n:more:'].slice(0, Math.max(0, choices.length - 3))
  const shown = choices.filter(({ token }) => !spare.some((act) => token.startsWith(act)))
  const media = pictureOf(row) ?? recordingOf(row)
  return { text: noticeWords(row), choices: shown, ...(media ? { media } : {}) }
}

/** What is read, by eye or by a machine: what is on the picture is part of it. */
export function noticeWords(row: Words): string {
  const text = say('notice.body', { kind: say(`notice.kind.${row.kind}`), text: row.text })
  const alt = row.pictureId === null ? null : row.pictureAlt
  return alt === null ? text : say('notice.withPicture', { text, alt })
}

export const pictureOf = ({ pictureId }: Words): OutboundMedia | undefined =>
  pictureId === null ? undefined : { attachment: pictureId, kind: 'picture' }

export function recordingOf({ voiceId, voice }: Words): OutboundMedia | undefined {
  if (voiceId === null) return undefined
  const seconds = voice?.seconds ?? null
  return { attachment: voiceId, kind: 'voice', ...(seconds === null ? {} : { seconds }) }
}

/** The beginning of a notice, to name it by: never more than a lock screen would show. */
export const firstWords = (text: string): string =>
  [...text].length > 14 ? `${[...text].slice(0, 14).join('')}…` : text

const squares = 10

export function bar(done: number, all: number): string {
  const full = all === 0 ? squares : Math.floor((done / all) * squares)
  return '■'.repeat(full) + '□'.repeat(squares - full)
}

export const doneOf = (counts: { audience: number; waiting: number; queued: number }): number =>
  counts.audience - counts.waiting - counts.queued

export function reasonInWords(reason: string | null): string {
  const key = `bc.reason.${reason ?? 'unknown'}`
  return key in zh ? say(key as Extract<TextKey, 'bc.reason.unknown'>) : say('bc.reason.unknown')
}

export function laneInWords(lane: string): string {
  const [channel = ''] = lane.split(':')
  return channel === 'telegram' || channel === 'wechat' || channel === 'web' ? say(`bc.lane.${channel}`) : channel
}

/** Every outcome with its reason, the largest first; they add up to the audience. */
export function outcomeLines(tallies: readonly { outcome: string; reason: string | null; people: number }[]): string[] {
  const merged = new Map<string, number>()
  for (const { outcome, reason, people } of tallies) {
    const what = outcomeInWords(outcome, reason)
    merged.set(what, (merged.get(what) ?? 0) + people)
  }
  return [...merged].sort(([, a], [, b]) => b - a).map(([what, people]) => say('bc.report.line', { what, people }))
}

function outcomeInWords(outcome: string, reason: string | null): string {
  switch (outcome) {
    case 'failed':
      return say('bc.outcome.failed', { reason: reasonInWords(reason) })
    case 'skipped':
      return say('bc.outcome.skipped', { reason: reasonInWords(reason) })
    case 'waiting':
    case 'queued':
    case 'sent':
    case 'delivered':
      return say(`bc.outcome.${outcome}`)
    default:
      return outcome
  }
}

export const aliasOf = (someone: { personId: number; number: number | null }): string =>
  someone.number === null
    ? say('bc.alias.noRequest', { id: someone.personId })
    : say('bc.alias', { number: someone.number })

/** What can be tapped below a notice on its way. */
export function steering(row: { id: number; status: NoticeStatus }): Choice[] {
  const choice = (act: 'pause' | 'go_on' | 'stop'): Choice => ({
    token: `nb:${act}:${row.id}`,
    label: say(`bc.act.${act}`),
  })
  switch (row.status) {
    case 'approved':
    case 'sending':
      return [choice('pause'), choice('stop')]
    case 'paused':
      return [choice('go_on'), choice('stop')]
    default:
      return []
  }
}
