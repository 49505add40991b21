import { calendarOf } from '../domain/calendar.ts'
import { dueFrom } from '../domain/ladder.ts'
import { mask } from '../domain/mask.ts'
import type { Choice } from '../domain/words.ts'
import { enqueue } from '../outbox/enqueue.ts'
import { applyStep } from '../requests/apply.ts'
import { answerLine, insertLine, type NeedLineRow } from '../store/needs.ts'
import type { RequestRow } from '../store/requests.ts'
import { helpCard, releasedInWords, volunteerCard } from '../texts/need-card.ts'
import { say } from '../texts/say.ts'
import type { DutyWriting } from './duty-effects.ts'
import type { Effect } from './turned.ts'

/** Writes who sees to which need, and tells both sides; the request's own owner and deadline stay as they are. */

type NeedEffect = Extract<Effect, { do: 'ask_need' | 'answer_need' }>

export async function writeNeed(writing: DutyWriting, effect: NeedEffect): Promise<void> {
  return effect.do === 'ask_need' ? ask(writing, effect) : answer(writing, effect)
}

async function ask(writing: DutyWriting, { request, need, to, task }: Extract<NeedEffect, { do: 'ask_need' }>) {
  const { tx, seal, now, calendar, view } = writing
  const by = { kind: 'staff', staffId: view.staff.id } as const
  await applyStep(writing, request.id, { step: 'shared', need, staffId: to.id, line: 'asked' }, by)
  const dueAt = dueFrom(now, calendarOf(calendar, request.owner.agencyId))('answer', request.urgency)
  const asked = { requestId: request.id, need, assigneeId: to.id, askedById: view.staff.id, task, askedAt: now, dueAt }
  const { line, released } = await insertLine(tx, seal, asked)
  for (const old of released) if (old.assignee.id !== to.id) await tellReleased(writing, old)
  const lead = view.staff.name
  const card = task
    ? volunteerCard(task, lead, dueAt, now, calendar.zone)
    : helpCard(request, need, lead, dueAt, now, calendar.zone)
  await tell(
    writing,
    line.assignee.personId,
    `need:${line.id}:ask`,
    card,
    [
      { token: `nl:yes:${line.id}`, label: say('need.yes') },
      { token: `nl:no:${line.id}`, label: say('need.no') },
    ],
    task ? undefined : request.id,
  )
}

async function answer(writing: DutyWriting, { line, answer }: Extract<NeedEffect, { do: 'answer_need' }>) {
  const { tx, now, view } = writing
  const step = { step: 'shared', need: line.need, staffId: line.assignee.id, line: answer } as const
  const { request } = await applyStep(writing, line.requestId, step, { kind: 'staff', staffId: view.staff.id })
  if (!(await answerLine(tx, line.id, answer, now))) {
    return tell(writing, view.staff.personId, `need:${line.id}:gone`, say('need.gone'))
  }
  if (answer === 'released') {
    await tellReleased(writing, line)
    return tell(writing, view.staff.personId, `need:${line.id}:back`, say('note.done', line))
  }
  await tell(
    writing,
    line.assignee.personId,
    `need:${line.id}:${answer}`,
    thanks(request, line, answer),
    doneButton(line, answer),
  )
  // The lead worker of now, who may be another than the one who asked.
  const lead = request.assignee ?? request.owner
  const told = { who: line.assignee.name, number: line.number, need: say(`need.${line.need}`) }
  await tell(
    writing,
    lead.personId,
    `need:${line.id}:${answer}:lead`,
    say(`need.${answer}`, told),
    undefined,
    line.requestId,
  )
}

function thanks(request: RequestRow, line: NeedLineRow, answer: 'taken' | 'declined' | 'done'): string {
  if (answer === 'declined') return say('need.youDeclined')
  if (answer === 'done') return say('need.youDone')
  const lead = (request.assignee ?? request.owner).name
  if (line.task) {
    const { task, when, name } = line.task
    return say('need.volunteerTook', { task, when, name })
  }
  return say('need.youTook', { number: line.number, need: say(`need.${line.need}`), lead })
}

const doneButton = (line: NeedLineRow, answer: string): readonly Choice[] | undefined =>
  answer === 'taken' ? [{ token: `nl:done:${line.id}`, label: say('need.doneButton') }] : undefined

/** Whoever had it, or was asked, need not come any more. */
export async function tellReleased(writing: Omit<DutyWriting, 'view'>, line: NeedLineRow): Promise<void> {
  await tell(writing, line.assignee.personId, `need:${line.id}:released`, releasedInWords(line))
}

async function tell(
  { tx, bells, seal, now }: Pick<DutyWriting, 'tx' | 'bells' | 'seal' | 'now'>,
  personId: number | null | undefined,
  dedupeKey: string,
  text: string,
  choices?: readonly Choice[],
  requestId?: number,
): Promise<void> {
  if (personId == null) return
  const outbound = { text: mask(text), ...(choices ? { choices } : {}) }
  const row = { personId, dedupeKey, priority: 2, outbound, ...(requestId === undefined ? {} : { requestId }) } as const
  await enqueue(tx, bells, seal, row, now)
}
