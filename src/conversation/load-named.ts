import { asCarried } from '../store/carried.ts'
import type { Tx } from '../store/db.ts'
import { notesOf } from '../store/people.ts'
import { history, type RequestRow, requestsNamed } from '../store/requests.ts'
import type { Seal } from '../store/secrets.ts'
import type { StaffRow } from '../store/staff.ts'
import type { Event } from './turned.ts'
import type { NamedRequest } from './view.ts'

/** Requests that the event names: by number in the text, by id on a button, or by the message it replies to. */
export async function namedIn(
  { tx, seal }: { readonly tx: Tx; readonly seal: Seal },
  staff: StaffRow,
  event: Event | undefined,
  held: { readonly offered: readonly number[]; readonly helped: readonly number[] },
): Promise<NamedRequest[]> {
  const numbers =
    event?.kind === 'said' ? [...event.text.normalize('NFKC').matchAll(/\d{4,6}/g)].map((m) => Number(m[0])) : []
  const ids: number[] = []
  if (event?.kind === 'chose' && !/^(?:s|l:undo|n:(?:yes|no|done|back)):/u.test(event.token))
    ids.push(await requestOnButton(tx, event.token))
  // 合并 names two.
  if (event?.kind === 'chose' && event.token.startsWith('mg:')) ids.push(Number(event.token.split(':')[3]) || 0)
  if ((event?.kind === 'said' || event?.kind === 'sent') && event.about !== undefined) ids.push(event.about)
  if (numbers.length === 0 && ids.length === 0) return []
  const stored = await requestsNamed(tx, seal, { numbers: numbers.slice(0, 5), ids })
  // 合并: with what was merged comes the one that carries it.
  const carriers = stored.flatMap((r) => r.mergedIntoId ?? []).filter((id) => !stored.some((r) => r.id === id))
  const found = await asCarried(tx, seal, [...stored, ...(await requestsNamed(tx, seal, { ids: carriers }))])
  const named: NamedRequest[] = []
  for (const request of found) {
    const own = request.ownerId === staff.id || request.assigneeId === staff.id || held.offered.includes(request.id)
    named.push({
      request,
      own,
      sameAgency: staff.agencyId !== null && agencies(request).includes(staff.agencyId),
      helps: held.helped.includes(request.id),
      history: await history(tx, request.id),
      notes: (await notesOf(tx, seal, request.id)).map((n) => ({
        at: n.at,
        text: n.text,
        by: n.staffId === staff.id ? '我' : '同事',
      })),
    })
  }
  return named
}

/** `o:acc:<offer>` names an offer, every other button of staff the request itself. */
async function requestOnButton(tx: Tx, token: string): Promise<number> {
  const [kind, , id] = token.split(':')
  if (kind !== 'o') return Number(id) || 0
  const offer = await tx.offer.findUnique({ where: { id: Number(id) || 0 }, select: { requestId: true } })
  return offer?.requestId ?? 0
}

const agencies = (request: RequestRow): (number | null)[] => [
  request.owner.agencyId,
  request.assignee?.agencyId ?? null,
]
