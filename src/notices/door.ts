import { type BroadcastRow, broadcast } from '../store/broadcasts.ts'
import { tickDoor, type Unreached, unreached } from '../store/recipients.ts'
import { aliasOf, firstWords, reasonInWords } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'
import { answer, type Colleague, type NoticeWriting, type StaffWriting, tellColleague } from './writing.ts'

/** 上门告知: who could not be reached by a message is told by a person, and ticked off in chat. */

/** So many at a time: a list that fits a screen. */
const shown = 8

export async function tellDoors(
  writing: NoticeWriting,
  row: BroadcastRow,
  staff: Colleague,
  asked: { author: string; community: string; people: number },
): Promise<void> {
  const left = await unreached(writing.tx, row.id, { onlyFor: staff.id, take: shown })
  const text = [say('door.asked', { ...asked, id: row.id, text: row.text }), ...left.map(line)].join('\n')
  const what = `door:${row.id}:${writing.key}`
  await tellColleague(writing, staff.personId, what, text, ticks(row.id, left))
}

/** 已告知 */
export async function tick(writing: StaffWriting, id: number, personId: number): Promise<void> {
  const { tx, view, now } = writing
  const row = await broadcast(tx, id)
  if (!row || !(await tickDoor(tx, id, personId, view.staff.id, now))) return answer(writing, say('door.gone'))
  const left = await unreached(tx, id, { onlyFor: view.staff.id })
  if (left.length === 0) {
    const done = say('door.finished', { who: view.staff.name, community: firstWords(row.text), id })
    await tellColleague(writing, row.author.personId, `door:${id}:${view.staff.id}:${personId}:done`, done)
    return answer(writing, say('door.done', { id }))
  }
  const [first] = left
  const community = first?.community ?? say('bc.community.unknown')
  const some = left.slice(0, shown)
  const head = say('door.left', { id, community, people: left.length })
  return answer(writing, [head, ...some.map(line)].join('\n'), ticks(id, some))
}

const line = (one: Unreached): string =>
  say('door.line', {
    alias: aliasOf(one),
    textOnly: one.textOnly ? say('door.textOnly') : '',
    reason: reasonInWords(one.reason),
  })

const ticks = (id: number, left: readonly Unreached[]) =>
  left.map((one) => ({ token: `nd:${id}:${one.personId}`, label: say('door.tick', { alias: aliasOf(one) }) }))
