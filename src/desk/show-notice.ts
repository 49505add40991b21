import { isDeepStrictEqual } from 'node:util'
import { DateTime } from 'luxon'
import type { DeskAct, NoticeLine, NoticeShown, Preview, Progress } from '../domain/desk-shown.ts'
import { audienceFrom } from '../notices/draft.ts'
import { audienceInWords, previewOf, previewParts, reachable } from '../notices/preview.ts'
import { whenDone } from '../notices/when-done.ts'
import type { CoordinatorWriting } from '../notices/writing.ts'
import type { BroadcastRow } from '../store/broadcasts.ts'
import { markDelivered, signedUpCount, tally, unreachedByCommunity } from '../store/recipients.ts'
import { doneOf, firstWords, outcomeLines } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'

/** A notice as the desk shows it: the rows in words, made from the same parts as the messages in chat. */

export const lineOf = (row: BroadcastRow, staffId: number): NoticeLine => ({
  id: row.id,
  status: row.status,
  state: say(`bc.state.${row.status}`),
  kind: say(`notice.kind.${row.kind}`),
  first: firstWords(row.text),
  author: row.author.name,
  own: row.authorId === staffId,
  done: doneOf(row.counts),
  all: row.counts.audience,
})

export async function showNotice(writing: CoordinatorWriting, row: BroadcastRow): Promise<NoticeShown> {
  const { calendar, view } = writing
  const local = (at: Date | null) =>
    at === null ? '' : DateTime.fromJSDate(at, { zone: calendar.zone }).toFormat("yyyy-MM-dd'T'HH:mm")
  const audience = row.audience ? audienceInWords(writing, row.audience) : ''
  const read = audienceFrom(audience, view.notices.places).audience
  return {
    ...lineOf(row, view.staff.id),
    version: row.version,
    kindName: row.kind,
    mayChangeKind: row.correctsId === null,
    emergency: row.emergency,
    text: row.text,
    more: row.more ?? '',
    audience,
    sentence: row.audience && isDeepStrictEqual(read, row.audience) ? audience : '',
    startAt: local(row.startAt),
    expiresAt: local(row.expiresAt),
    approvedBy: row.approvedBy?.name ?? '',
    acts: actsOn(row, view.staff.id),
    progress: row.startedAt === null ? undefined : await progressOf(writing, row),
  }
}

/** What may be done with it now; the steps themselves ask again. */
export function actsOn({ status, authorId, emergency, kind }: BroadcastRow, staffId: number): DeskAct[] {
  const own = authorId === staffId
  const putRight: DeskAct[] = kind === 'withdrawal' ? [] : ['correct', 'withdraw']
  switch (status) {
    case 'draft':
      return own ? [emergency ? 'send_alone' : 'propose', 'drop'] : []
    case 'proposed':
      return own ? ['take_back'] : ['approve', 'refuse']
    case 'approved':
    case 'sending':
      return ['pause', 'stop', ...putRight]
    case 'paused':
      return ['go_on', 'stop', ...putRight]
    case 'stopped':
    case 'done':
      return putRight
    case 'dropped':
      return []
  }
}

async function progressOf({ tx, now, calendar, view }: CoordinatorWriting, row: BroadcastRow): Promise<Progress> {
  await markDelivered(tx, row.id)
  const over = row.status === 'done' || row.status === 'stopped'
  const { counts } = row
  const unreached = await unreachedByCommunity(tx, row.id)
  return {
    percent: counts.audience === 0 ? 0 : Math.floor((100 * doneOf(counts)) / counts.audience),
    pace: row.status === 'sending' ? await whenDone(tx, row, view.notices.lanes, now, calendar.zone) : [],
    outcomes: outcomeLines(await tally(tx, row.id)),
    signedUp: row.kind === 'activity' ? say('bc.report.signedUp', { people: await signedUpCount(tx, row.id) }) : '',
    unreached: unreached.map(({ community, people, told }) =>
      say('bc.report.community', {
        community: community ?? say('bc.community.unknown'),
        people,
        told: told === 0 ? '' : say('bc.report.told', { told }),
      }),
    ),
    over,
  }
}

/** Who will get it, who will not and why, and when; `undefined` while nobody is named. */
export async function showPreview(writing: CoordinatorWriting, row: BroadcastRow): Promise<Preview | undefined> {
  const preview = await previewOf(writing, row)
  if (!preview) return undefined
  const { carries, count, who, samples, when } = previewParts(writing, row, preview)
  return { count, lines: [...carries, ...who, ...when], samples, nobody: reachable(preview) === 0 }
}
