import { z } from 'zod'
import type { DeadlineKind } from '../domain/deadline.ts'
import type { RequestShown, WatchLine } from '../domain/desk-shown.ts'
import { type Db, transaction } from '../store/db.ts'
import { logLook, logNoticeLook, notesOf } from '../store/people.ts'
import { allOpenRequests, history, type RequestRow, requestsNamed } from '../store/requests.ts'
import type { Seal } from '../store/secrets.ts'
import type { DutyFacts } from '../store/staff.ts'
import { sayClock } from '../texts/clock.ts'
import { historyInWords, notesInWords } from '../texts/history.ts'
import { say } from '../texts/say.ts'
import { type Guard, refused } from './guard.ts'

/** 看板: every open request with its owner and what happens next by the clock. Read only: acting stays in the chat. */

interface Deps {
  readonly db: Db
  readonly seal: Seal
  readonly guard: Guard
  readonly now: () => Date
  readonly zone: string
  readonly facts: () => Promise<DutyFacts>
}

const Numbered = z.object({ number: z.coerce.number().int().positive().max(2_147_483_647) })

export function watchRoutes({ db, seal, guard, now, zone, facts }: Deps): void {
  guard.get('/desk/api/requests', 'list_open', async (seat) => {
    const at = now()
    await logNoticeLook(db, { staffId: seat.staff.id, what: 'desk:requests', at })
    const open = await allOpenRequests(db, seal)
    return { body: { requests: inOrder(open, at).map((request) => watchLine(request, at, zone)) } }
  })

  guard.get('/desk/api/requests/:number', 'see_history', async (seat, request) => {
    const asked = Numbered.safeParse(request.params)
    const number = asked.success ? asked.data.number : 0
    const { directory } = await facts()
    const shown = await transaction(db, async (tx): Promise<RequestShown | undefined> => {
      const [found] = await requestsNamed(tx, seal, { numbers: [number] })
      if (!found) return undefined
      const at = now()
      await logLook(tx, { staffId: seat.staff.id, requestId: found.id, what: 'history', at })
      const clock = (moment: Date) => sayClock(moment, at, zone)
      const name = (id: number | null) => directory.find((one) => one.id === id)?.name ?? ''
      const notes = await notesOf(tx, seal, found.id)
      return {
        line: watchLine(found, at, zone),
        history: historyInWords(await history(tx, found.id), clock, name),
        notes: notesInWords(
          notes.map((note) => ({ ...note, by: note.staffId === seat.staff.id ? '我' : '同事' })),
          clock,
        ),
      }
    })
    return shown ? { body: shown } : refused(404, say('desk.request.none', { number }))
  })
}

/** What is late first, the longest wait before the shorter; then what is due next. */
const inOrder = (open: readonly RequestRow[], now: Date): RequestRow[] => {
  const due = ({ deadline }: RequestRow) => deadline?.at.getTime() ?? Number.POSITIVE_INFINITY
  const late = (request: RequestRow) => Number(due(request) < now.getTime())
  return [...open].sort((a, b) => late(b) - late(a) || due(a) - due(b) || a.number - b.number)
}

function watchLine(request: RequestRow, now: Date, zone: string): WatchLine {
  const { deadline, urgency } = request
  const [programme] = request.programmes
  return {
    number: request.number,
    urgency: say(`urgency.${urgency}`),
    urgent: urgency === 'crisis' || urgency === 'urgent',
    programme: programme ? say(`programme.${programme}`) : say('programme.unknown'),
    community: request.community ?? say('bc.community.unknown'),
    state: say(`state.${request.status}`),
    owner: request.owner.name,
    by: deadline ? sayClock(deadline.at, now, zone) : '',
    late: deadline !== null && deadline !== undefined && deadline.at < now,
    next: deadline ? nextInWords(deadline.kind, (request.assignee ?? request.owner).name) : '',
  }
}

/** What happens when nobody has acted by then. */
const nextInWords = (kind: DeadlineKind, who: string): string =>
  kind === 'first_contact' || kind === 'check_in' ? say(`desk.next.${kind}`, { who }) : say(`desk.next.${kind}`)
