import { stepNames } from '../domain/request.ts'
import { say } from './say.ts'

/** 经过: what happened to a request, line by line, wherever a colleague reads it. */

interface Step {
  readonly at: Date
  readonly step: string
  readonly actorKind: string
  readonly actorId: number | null
  readonly detail: Readonly<Record<string, unknown>>
}

export function historyInWords(
  history: readonly Step[],
  clock: (at: Date) => string,
  name: (staffId: number | null) => string,
): string[] {
  return history.map((line) =>
    say('history.line', {
      at: clock(line.at),
      step: stepInWords(line.step),
      who:
        line.actorKind === 'staff'
          ? name(line.actorId)
          : [line.actorKind === 'resident' ? say('history.actor.resident') : '', offeredTo(line.detail, name)].join(''),
    }).trim(),
  )
}

export const notesInWords = (
  notes: readonly { readonly at: Date; readonly by: string; readonly text: string }[],
  clock: (at: Date) => string,
): string[] => notes.map((note) => `${clock(note.at)} ${note.by}:${note.text}`)

function offeredTo(detail: Readonly<Record<string, unknown>>, name: (id: number | null) => string): string {
  const { to, staffId } = detail
  if (typeof staffId === 'number') return name(staffId)
  if (!Array.isArray(to)) return ''
  return to
    .map((c: unknown) =>
      typeof c === 'object' && c !== null && 'staffId' in c && typeof c.staffId === 'number' ? name(c.staffId) : '',
    )
    .join('、')
}

/** How a history begins, and every step after. */
const told = ['opened', 'crisis_opened', ...stepNames] as const

function stepInWords(step: string): string {
  const known = told.find((name) => name === step)
  return known ? say(`step.${known}`) : step
}
