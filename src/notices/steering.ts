import type { Audience } from '../domain/audience.ts'
import { type BroadcastRow, broadcast, lockBroadcast, newDraft, takeNoticeStep } from '../store/broadcasts.ts'
import { recall } from '../store/bulk-lane.ts'
import { logNoticeLook } from '../store/people.ts'
import { assignDoors, markDelivered, skipWaiting, tally, unreachedByCommunity } from '../store/recipients.ts'
import { sayClock } from '../texts/clock.ts'
import { bar, doneOf, firstWords, outcomeLines, steering } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import { tellDoors } from './door.ts'
import { answer, type CoordinatorWriting } from './writing.ts'

/** What a coordinator does with a notice that is on its way or has arrived. */

export async function steer(writing: CoordinatorWriting, act: 'pause' | 'go_on' | 'stop', id: number): Promise<void> {
  const { tx } = writing
  const row = await lockBroadcast(tx, id)
  const steered = row && (await takeNoticeStep(tx, row, act))
  if (!row || !steered) return answer(writing, say('bc.noSuch', { id }))
  if (act === 'go_on') return answer(writing, say('bc.goesOn', { id }), steering(steered))
  // What has not begun to leave comes back: a pause and a stop hold from this moment on.
  await recall(tx, id, null, writing.now)
  if (act === 'pause') return answer(writing, say('bc.paused', { id }), steering(steered))
  const left = await skipWaiting(tx, id, 'stopped', writing.now)
  const { sent, delivered } = row.counts
  return answer(writing, say('bc.stopped', { id, sent: sent + delivered, left }))
}

export async function progress(writing: CoordinatorWriting, id: number): Promise<void> {
  const { tx } = writing
  const row = await broadcast(tx, id)
  if (!row || ['draft', 'dropped'].includes(row.status)) return answer(writing, say('bc.noSuch', { id }))
  if (row.startedAt !== null) await markDelivered(tx, id)
  const { counts } = row
  const done = doneOf(counts)
  const percent = counts.audience === 0 ? 0 : Math.floor((100 * done) / counts.audience)
  const lines = [
    say('bc.progress.head', { id, state: say(`bc.state.${row.status}`) }),
    say('bc.progress.bar', { bar: bar(done, counts.audience), done, all: counts.audience, percent }),
    ...outcomeLines(await tally(tx, id)),
  ]
  return answer(writing, lines.join('\n'), steering(row))
}

export async function listUnreached(writing: CoordinatorWriting, id: number): Promise<void> {
  const { tx, view, now, calendar } = writing
  const row = await broadcast(tx, id)
  if (!row?.startedAt) return answer(writing, say('bc.noSuch', { id }))
  await logNoticeLook(tx, { staffId: view.staff.id, what: `unreached:${id}`, at: now })
  await markDelivered(tx, id)
  const communities = await unreachedByCommunity(tx, id)
  if (communities.length === 0) return answer(writing, say('bc.report.allReached'))
  const lines = communities.slice(0, 40).map(({ community, people, told }) =>
    say('bc.report.community', {
      community: community ?? say('bc.community.unknown'),
      people,
      told: told === 0 ? '' : say('bc.report.told', { told }),
    }),
  )
  const link = view.notices.listUrl?.(id, now)
  const how = link
    ? say('bc.report.how', { id, url: link.url, until: sayClock(link.until, now, calendar.zone) })
    : say('bc.report.howPlain', { id })
  return answer(writing, `${say('bc.report.unreached', { lines: lines.join('\n') })}\n${how}`)
}

/** 上门: a colleague is asked to tell those of one community, one by one. */
export async function askDoor(
  writing: CoordinatorWriting,
  { id, community, code }: { id: number; community: string; code: string },
): Promise<void> {
  const { tx, view } = writing
  const row = await broadcast(tx, id)
  if (!row?.startedAt) return answer(writing, say('bc.noSuch', { id }))
  const unknown = say('bc.community.unknown')
  const place = view.notices.places.find((p) => p.community === community || p.aliases.includes(community))
  if (!place && community !== unknown) return answer(writing, say('door.usage'))
  const staff = view.directory.find((one) => one.code === code.toLowerCase() || one.name === code)
  if (!staff) return answer(writing, say('assign.noSuch', { code }))
  if (staff.personId === null) return answer(writing, say('assign.notJoined', { who: staff.name, code: staff.code }))
  const name = place?.community ?? unknown
  const people = await assignDoors(tx, id, place?.communityId ?? null, staff.id)
  if (people === 0) return answer(writing, say('door.nobody', { community: name }))
  await tellDoors(writing, row, staff, { author: view.staff.name, community: name, people })
  return answer(writing, say('door.told', { who: staff.name, community: name, people }))
}

/** 撤回: what has not left is stopped at once; those who were told are told that it no longer holds. */
export async function withdraw(writing: CoordinatorWriting, id: number) {
  const wrong = await halt(writing, id, 'withdrawn')
  if (!wrong) return undefined
  const text = say('notice.withdrawn', { first: firstWords(wrong.text) })
  const audience: Audience = { groups: [{ reached: [id] }], except: [] }
  return draftFor(writing, wrong, { kind: 'withdrawal', text, audience })
}

/** 更正: the wrong one is stopped; the right one goes to those who were told and to those who were still waiting. */
export async function correct(writing: CoordinatorWriting, id: number, words: string) {
  const wrong = await halt(writing, id, 'stopped')
  if (!wrong?.audience) return undefined
  const { groups, except } = wrong.audience
  const audience: Audience = { groups: [{ reached: [id] }, ...groups], except }
  return draftFor(writing, wrong, { kind: 'correction', text: words.trim(), audience })
}

async function halt(
  writing: CoordinatorWriting,
  id: number,
  why: 'stopped' | 'withdrawn',
): Promise<BroadcastRow | undefined> {
  const { tx, now } = writing
  const row = await lockBroadcast(tx, id)
  if (!row || ['draft', 'proposed', 'dropped'].includes(row.status)) {
    await answer(writing, say('bc.noSuch', { id }))
    return undefined
  }
  if (await takeNoticeStep(tx, row, 'stop')) {
    await recall(tx, id, null, now)
    await skipWaiting(tx, id, why, now)
  }
  return row
}

async function draftFor(
  { tx, view, now }: CoordinatorWriting,
  wrong: BroadcastRow,
  more: { kind: 'correction' | 'withdrawal'; text: string; audience: Audience },
) {
  const { id, emergency } = wrong
  const draft = await newDraft(tx, { ...more, authorId: view.staff.id, correctsId: id, emergency, at: now })
  return { draft, hint: more.text === '' ? say('bc.correct.ask', { id }) : '' }
}
