import { readAudience, type SpokenAudience, type Vocabulary } from '../domain/audience-words.ts'
import type { NoticeKind } from '../domain/notice.ts'
import type { BroadcastRow, DraftChange } from '../store/broadcasts.ts'
import type { NoticeFacts } from './facts.ts'

/** What may become of a draft, wherever it is being written. */

/** The places by name, as an audience is written in words. */
export const vocabularyOf = (places: NoticeFacts['places']): Vocabulary => ({
  communities: places.map(({ communityId, community, aliases }) => ({
    id: communityId,
    names: [community, ...aliases],
  })),
  streets: [...new Set(places.map((place) => place.street))],
})

export const audienceFrom = (words: string, places: NoticeFacts['places']): SpokenAudience =>
  readAudience(words, vocabularyOf(places))

/** A correction stays one; what puts an emergency right is one as well. */
export function ofKind(draft: BroadcastRow, wanted: NoticeKind): DraftChange {
  const kind = draft.correctsId === null ? wanted : draft.kind
  return { kind, emergency: kind === 'emergency' || (kind === draft.kind && draft.emergency) }
}

/** What is wrong with a beginning or an end that is to be changed. */
export function wrongTime(
  draft: BroadcastRow,
  change: Pick<DraftChange, 'startAt' | 'expiresAt'>,
  now: Date,
): 'bc.time.past' | 'bc.time.order' | undefined {
  if ([change.startAt, change.expiresAt].some((at) => at && at <= now)) return 'bc.time.past'
  const { startAt, expiresAt } = { ...draft, ...change }
  return startAt && expiresAt && expiresAt <= startAt ? 'bc.time.order' : undefined
}
