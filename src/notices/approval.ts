import { may } from '../domain/authorise.ts'
import { mayApprove, maySendAlone } from '../domain/notice.ts'
import { type BroadcastRow, lockBroadcast, takeNoticeStep } from '../store/broadcasts.ts'
import { sayClock } from '../texts/clock.ts'
import { noticeWords } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import { mediaHurdle, showMedia } from './media.ts'
import {
  audienceInWords,
  findingsInWords,
  findingsOf,
  previewOf,
  reachable,
  stops,
  timeInWords,
  timesOf,
} from './preview.ts'
import { answer, type Colleague, type CoordinatorWriting, tellColleague } from './writing.ts'

/** 两个人: what one coordinator wrote, another lets go out; only an emergency goes at once, and the others are told. */

export async function propose(writing: CoordinatorWriting, draft: BroadcastRow): Promise<void> {
  const ready = await readyToGo(writing, draft)
  if (!ready) return
  const { preview, times } = ready
  const others = otherCoordinators(writing, draft.authorId)
  if (others.length === 0) return answer(writing, say('bc.proposed.nobody', draft))
  const row = await takeNoticeStep(writing.tx, draft, 'propose', {
    proposedAt: writing.now,
    expiresAt: times.expiresAt,
  })
  if (!row?.audience) return
  const text = say('bc.approve.ask', {
    id: row.id,
    author: row.author.name,
    kind: say(`notice.kind.${row.kind}`),
    people: reachable(preview),
    text: noticeWords(row),
    more: [
      row.more === null ? '' : `${say('notice.more')}：${row.more}\n`,
      row.voiceId === null ? '' : `${say('bc.media.listen')}\n`,
    ].join(''),
    audience: audienceInWords(writing, row.audience),
    time: timeInWords(writing, times),
  })
  const choices = [
    { token: `nb:ok:${row.id}:${row.version}`, label: say('bc.approve.yes') },
    { token: `nb:no:${row.id}:${row.version}`, label: say('bc.approve.no') },
  ]
  for (const { personId } of others) {
    if (personId !== null) await showMedia(writing, row, personId)
    await tellColleague(
      writing,
      personId,
      `approve:${row.id}:${row.version}:${row.proposedAt?.getTime()}`,
      text,
      choices,
    )
  }
  return answer(writing, say('bc.proposed', { id: row.id, names: namesOf(others) }))
}

export async function sendAlone(writing: CoordinatorWriting, draft: BroadcastRow): Promise<void> {
  if (!maySendAlone(draft, writing.view.staff.id)) return propose(writing, draft)
  const ready = await readyToGo(writing, draft)
  if (!ready) return
  const row = await takeNoticeStep(writing.tx, draft, 'send_alone', {
    approvedAt: writing.now,
    expiresAt: ready.times.expiresAt,
  })
  if (!row) return
  const others = otherCoordinators(writing, row.authorId)
  const told = say('bc.alone.told', {
    id: row.id,
    author: row.author.name,
    people: reachable(ready.preview),
    text: noticeWords(row),
  })
  const stop = [{ token: `nb:stop:${row.id}`, label: say('bc.act.stop') }]
  for (const { personId } of others) {
    if (personId !== null) await showMedia(writing, row, personId)
    await tellColleague(writing, personId, `alone:${row.id}`, told, stop)
  }
  return answer(writing, say('bc.alone', { id: row.id, names: namesOf(others) }))
}

export async function approve(
  writing: CoordinatorWriting,
  { id, version }: { id: number; version: number },
): Promise<void> {
  const { tx, view, now, calendar } = writing
  const row = await lockBroadcast(tx, id)
  const verdict = row ? mayApprove(row, view.staff.id, version) : 'not_waiting'
  if (!row || verdict !== 'yes') {
    return answer(writing, verdict === 'own' ? say('bc.approve.own') : say('bc.approve.changed', { id }))
  }
  // Two people stand for it: one of them has left.
  if (!row.author.active) return answer(writing, say('bc.approve.authorLeft', { author: row.author.name }))
  // The list of allowed links may have changed since it was proposed.
  const findings = await findingsOf(writing, row)
  if (stops(findings)) return answer(writing, findingsInWords(findings))
  const preview = await previewOf(writing, row)
  // Those it was for may all have left, or said no, since it was written.
  if (!preview || reachable(preview) === 0) return answer(writing, say('bc.preview.nobody'))
  const approved = await takeNoticeStep(tx, row, 'approve', { approvedById: view.staff.id, approvedAt: now })
  if (!approved) return
  const from = sayClock(timesOf(writing, approved, preview).from, now, calendar.zone)
  await tellColleague(
    writing,
    row.author.personId,
    `approved:${id}:${version}`,
    say('bc.approved', { id, who: view.staff.name, from }),
  )
  return answer(writing, say('bc.approved.you', { id, from }))
}

export async function refuse(
  writing: CoordinatorWriting,
  { id, version }: { id: number; version: number },
): Promise<void> {
  const { tx, view } = writing
  const row = await lockBroadcast(tx, id)
  if (row?.status !== 'proposed' || row.version !== version || row.authorId === view.staff.id) {
    return answer(writing, say('bc.approve.changed', { id }))
  }
  await takeNoticeStep(tx, row, 'take_back')
  const said = `refused:${id}:${version}:${row.proposedAt?.getTime()}`
  await tellColleague(writing, row.author.personId, said, say('bc.refused', { id, who: view.staff.name }), [
    { token: `nb:go:${id}`, label: say('bc.draft.go') },
  ])
  return answer(writing, say('bc.refused.you', { id, author: row.author.name }))
}

/** The author thinks better of it before it was approved: it is a draft again. */
export async function takeBack(writing: CoordinatorWriting, id: number): Promise<void> {
  const row = await lockBroadcast(writing.tx, id)
  if (row?.status !== 'proposed' || row.authorId !== writing.view.staff.id)
    return answer(writing, say('bc.noSuch', { id }))
  await takeNoticeStep(writing.tx, row, 'take_back')
  return answer(writing, say('bc.draft.there', { id, text: row.text }), [
    { token: `nb:go:${id}`, label: say('bc.draft.go') },
    { token: `nb:drop:${id}`, label: say('bc.draft.drop') },
  ])
}

/** Words without a stop and somebody to read them; otherwise it is said what is missing. */
async function readyToGo(writing: CoordinatorWriting, draft: BroadcastRow) {
  const findings = await findingsOf(writing, draft)
  if (stops(findings)) {
    await answer(writing, `${findingsInWords(findings)}\n${say('bc.rewrite')}`)
    return undefined
  }
  const hurdle = mediaHurdle(draft)
  if (hurdle !== undefined) {
    await answer(writing, hurdle)
    return undefined
  }
  const preview = await previewOf(writing, draft)
  if (!preview || reachable(preview) === 0) {
    await answer(writing, say(preview ? 'bc.preview.nobody' : 'bc.audience.ask'))
    return undefined
  }
  const times = timesOf(writing, draft, preview)
  if (times.expiresAt <= writing.now || times.expiresAt <= times.from) {
    await answer(writing, say('bc.time.order'))
    return undefined
  }
  return { preview, times }
}

function otherCoordinators({ view }: CoordinatorWriting, authorId: number): Colleague[] {
  const standing = { own: false, sameAgency: false }
  return view.directory.filter(
    (other) => other.id !== authorId && other.personId !== null && may(other.role, 'broadcast', standing),
  )
}

const namesOf = (staff: readonly Colleague[]): string => staff.map((one) => one.name).join('、')
