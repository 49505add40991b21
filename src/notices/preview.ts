import { type Audience, isEmpty } from '../domain/audience.ts'
import { expiryOf, finishesAt, quietUntil, topicOf } from '../domain/notice.ts'
import { checkNotice, type Finding } from '../domain/notice-text.ts'
import { type Preview, previewAudience } from '../store/audience.ts'
import type { BroadcastRow } from '../store/broadcasts.ts'
import { noticeRules } from '../store/notice-rules.ts'
import { sayClock } from '../texts/clock.ts'
import { aliasOf, laneInWords, noticeMessage, reasonInWords } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import { mediaHurdle, mediaInWords } from './media.ts'
import type { NoticeWriting } from './writing.ts'

/** What a coordinator sees before anything leaves: what is wrong with the words, who will get it, who will not and why, and when. */

export async function findingsOf(writing: NoticeWriting, row: BroadcastRow): Promise<Finding[]> {
  const { links } = await noticeRules(writing.tx)
  const rules = { linkHosts: links }
  const alt = row.pictureAlt === null ? [] : checkNotice(row.pictureAlt, undefined, rules)
  // What is said of the picture lies as open as the words, and is held to what they must not say.
  return [...alt.filter(({ stops: must }) => must), ...checkNotice(row.text, row.more ?? undefined, rules)]
}

export const stops = (findings: readonly Finding[]): boolean => findings.some((finding) => finding.stops)

export function findingsInWords(findings: readonly Finding[]): string {
  if (findings.length === 0) return say('bc.checked.fine')
  const lines = findings.map(({ what, stops: must, shown }) => {
    // What was typed stands in a place of its own, and is never read for places again.
    const line = say(`bc.find.${what}`, { shown })
    return must ? say('bc.checked.stop', { line }) : say('bc.checked.hint', { line })
  })
  return [say('bc.checked.head'), ...lines].join('\n')
}

export async function previewOf(writing: NoticeWriting, row: BroadcastRow): Promise<Preview | undefined> {
  const { audience, kind, emergency } = row
  if (!audience) return undefined
  const { lanes } = writing.view.notices
  return previewAudience(writing.tx, { audience, lanes, topic: topicOf(kind, emergency), now: writing.now })
}

export const reachable = (preview: Preview): number =>
  preview.reach.reduce((sum, { reason, people }) => sum + (reason === null ? people : 0), 0)

/** When it will begin, be done and expire; the clock of the preview is the clock of the sending. */
export function timesOf({ now, calendar, view }: NoticeWriting, row: BroadcastRow, preview: Preview) {
  const { zone } = calendar
  const wanted = row.startAt !== null && row.startAt > now ? row.startAt : now
  const from = (row.emergency ? undefined : quietUntil(wanted, zone)) ?? wanted
  const counts = new Map<string, number>()
  for (const { lane, people } of preview.reach) if (lane !== null) counts.set(lane, (counts.get(lane) ?? 0) + people)
  const until = finishesAt(counts, view.notices.lanes, from, { zone, emergency: row.emergency })
  const expiresAt = expiryOf(row.kind, row.expiresAt ?? undefined, from)
  const whole = until.getTime() - from.getTime()
  const late = until <= expiresAt || whole === 0 ? 0 : Math.min(1, (until.getTime() - expiresAt.getTime()) / whole)
  return { from, until, expiresAt, late: Math.ceil(reachable(preview) * late) }
}

export function timeInWords(writing: NoticeWriting, times: ReturnType<typeof timesOf>): string {
  const clock = (at: Date) => sayClock(at, writing.now, writing.calendar.zone)
  return say('bc.preview.time', { from: clock(times.from), until: clock(times.until), expiry: clock(times.expiresAt) })
}

/** The preview, part by part: the chat says it in one message, the desk lays it out. */
export function previewParts(writing: NoticeWriting, row: BroadcastRow, preview: Preview) {
  const people = reachable(preview)
  const open = preview.reach.filter(({ reason }) => reason === null)
  const shut = preview.reach.filter(({ reason }) => reason !== null)
  const times = timesOf(writing, row, preview)
  const lost = shut.reduce((sum, one) => sum + one.people, 0)
  const { listed, unknownNumbers, excepted, samples } = preview
  const count =
    people === 0
      ? say(preview.reach.length === 0 ? 'bc.preview.empty' : 'bc.preview.nobody')
      : say('bc.preview.count', {
          people,
          lanes: open
            .map((one) => say('bc.preview.lane', { lane: laneInWords(one.lane ?? ''), people: one.people }))
            .join('，'),
        })
  const who = [
    lost > 0 &&
      say('bc.preview.skipped', {
        people: lost,
        reasons: shut
          .map((one) => say('bc.preview.reason', { reason: reasonInWords(one.reason), people: one.people }))
          .join('，'),
      }),
    excepted > 0 && say('bc.preview.excepted', { people: excepted }),
    listed.numbers > listed.people && say('bc.preview.listed', listed),
    unknownNumbers.length > 0 && say('bc.preview.unknownNumbers', { numbers: unknownNumbers.slice(0, 20).join('、') }),
  ]
  const when = [
    people > 0 && timeInWords(writing, times),
    times.late > 0 && say('bc.preview.late', { people: times.late }),
  ]
  const carries = [mediaInWords(row), mediaHurdle(row) ?? '']
  const said = (line: string | false): line is string => line !== false
  return {
    carries: carries.filter((line) => line !== ''),
    count,
    who: who.filter(said),
    samples: samples.map((one) =>
      say('bc.preview.sample', { alias: aliasOf(one), community: one.community ?? say('bc.community.unknown') }),
    ),
    when: when.filter(said),
  }
}

export function previewInWords(writing: NoticeWriting, row: BroadcastRow, preview: Preview): string {
  const { carries, count, who, samples, when } = previewParts(writing, row, preview)
  return [
    say('bc.preview.head', { id: row.id, kind: say(`notice.kind.${row.kind}`) }),
    noticeMessage(row).text,
    ...carries,
    count,
    ...who,
    ...(samples.length > 0 ? [say('bc.preview.samples', { names: samples.join('，') })] : []),
    ...when,
    say('bc.preview.change'),
  ].join('\n')
}

/** The audience read back in words, so that the second person sees whom it is for. */
export function audienceInWords(writing: NoticeWriting, audience: Audience): string {
  const { places } = writing.view.notices
  const facets = (one: Audience['groups'][number]): string => {
    const parts = [
      one.communities?.map((id) => places.find((p) => p.communityId === id)?.community ?? String(id)),
      one.streets,
      one.programmes?.map((code) => say(`programme.${code}`)),
      one.needs?.map((code) => say(`need.${code}`)),
      one.roles?.map((role) => say(`bc.role.${role}`)),
      one.languages?.map((language) => say('bc.to.language', { language })),
      one.signedUp?.map((id) => say('bc.to.signedUp', { id })),
      one.reached?.map((id) => say('bc.to.reached', { id })),
      one.listed && [say('bc.to.listed', { count: one.listed.length })],
      one.silentDays === undefined ? undefined : [say('bc.to.silent', { days: one.silentDays })],
    ]
    const said = parts.flatMap((part) => (part ? [part.join('、')] : []))
    return said.length === 0 ? say('bc.role.resident') : said.join('，')
  }
  const except = audience.except.filter((one) => !isEmpty(one))
  const groups = audience.groups.map(facets).join('；')
  return except.length === 0 ? groups : say('bc.to.except', { groups, except: except.map(facets).join('；') })
}
