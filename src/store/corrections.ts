import { z } from 'zod'
import { type Need, needs, type Programme, programmes, type Urgency, urgencies } from '../domain/taxonomy.ts'
import type { Db, Tx } from './db.ts'
import { type RequestRow, requestsNamed } from './requests.ts'
import type { Seal } from './secrets.ts'

export const correctedHeads = ['programme', 'need', 'urgency'] as const
export type CorrectedHead = (typeof correctedHeads)[number]

export interface NewCorrection {
  readonly requestId: number
  readonly staffId: number
  readonly head: CorrectedHead
  readonly before: readonly string[]
  /** The same as `before`: confirmed. */
  readonly after: readonly string[]
  readonly classifiedBy: string | null
  readonly why: 'work' | 'uncertain' | 'random'
  readonly at: Date
}

export async function insertCorrection(tx: Tx, correction: NewCorrection): Promise<void> {
  const { before, after, ...rest } = correction
  await tx.correction.create({ data: { ...rest, before: [...before], after: [...after] }, select: { id: true } })
}

export const countCorrections = (db: Db): Promise<number> => db.correction.count()

/** What people said of one request's labels, the newest word of each head, with the words it was said of. */
export interface Taught {
  readonly requestId: number
  readonly text: string
  readonly programmes?: readonly Programme[]
  readonly needs?: readonly Need[]
  readonly urgency?: Urgency
}

/** Everything people taught so far, in the order of the requests. */
export async function everythingTaught(db: Db, seal: Seal): Promise<Taught[]> {
  const rows = await db.$queryRaw<{ requestId: number; head: string; after: string[] }[]>`
    SELECT DISTINCT ON ("requestId", head) "requestId", head, after FROM "Correction" ORDER BY "requestId", head, id DESC`
  const byRequest = new Map<number, Map<string, string[]>>()
  for (const { requestId, head, after } of rows) {
    byRequest.set(requestId, (byRequest.get(requestId) ?? new Map<string, string[]>()).set(head, after))
  }
  const requests = await requestsNamed(db, seal, { ids: [...byRequest.keys()] })
  return requests.flatMap((request): Taught[] => {
    // Words of the resident only; a request told without words teaches nothing.
    const text = request.details.words.join('\n')
    if (text === '') return []
    const said = (head: CorrectedHead) => byRequest.get(request.id)?.get(head)
    const programme = said('programme')
    const need = said('need')
    const urgency = urgencies.find((label) => label === said('urgency')?.[0])
    return [
      {
        requestId: request.id,
        text,
        ...(programme ? { programmes: programmes.filter((label) => programme.includes(label)) } : {}),
        ...(need ? { needs: needs.filter((label) => need.includes(label)) } : {}),
        ...(urgency ? { urgency } : {}),
      },
    ]
  })
}

export interface ToReview {
  readonly request: RequestRow
  readonly why: 'uncertain' | 'random'
  /** How many wait, this one included. */
  readonly waiting: number
}

/** Share of all requests that is looked at whatever the classifier felt, in percent: only these measure it honestly. */
const randomPercent = 5
const unsureBelow = 0.8
const reviewWithinDays = 30

/**
 * The next request whose labels a person should look at: the least sure first, and a fixed random share of the rest. The
 * share is drawn by a hash of the id, so that everybody who asks draws the same.
 */
export async function nextToReview(tx: Tx, seal: Seal, now: Date): Promise<ToReview | undefined> {
  const since = new Date(now.getTime() - reviewWithinDays * 86_400_000)
  const rows = await tx.$queryRaw<{ id: number; drawn: boolean; waiting: number }[]>`
    SELECT r.id, (hashint8(r.id) & 2147483647) % 100 < ${randomPercent} AS drawn, (count(*) OVER ())::int AS waiting
    FROM "HelpRequest" r
    WHERE r."submittedAt" > ${since} AND r.status NOT IN ('withdrawn', 'merged')
      AND NOT EXISTS (SELECT 1 FROM "Correction" c WHERE c."requestId" = r.id)
      AND (r.confidence IS NULL OR r.confidence < ${unsureBelow} OR (hashint8(r.id) & 2147483647) % 100 < ${randomPercent})
    ORDER BY r.confidence ASC NULLS FIRST, r.id LIMIT 1`
  const [row] = rows
  const [request] = row ? await requestsNamed(tx, seal, { ids: [row.id] }) : []
  return row && request ? { request, why: row.drawn ? 'random' : 'uncertain', waiting: row.waiting } : undefined
}

/** How often people left a label of the classifier standing. */
export interface Agreement {
  readonly head: CorrectedHead
  readonly label: string
  /** Requests looked at that carried the label, before or after. */
  readonly looked: number
  readonly agreed: number
}

const AgreementRow = z.object({ head: z.enum(correctedHeads), label: z.string(), looked: z.int(), agreed: z.int() })

/** Agreement per label since a moment. @param honest only requests drawn at random, not those that were doubted anyway. */
export async function agreement(tx: Tx, since: Date, honest: boolean): Promise<Agreement[]> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT c.head, l.label, count(*)::int AS looked,
      (count(*) FILTER (WHERE l.label = ANY(c.before) AND l.label = ANY(c.after)))::int AS agreed
    FROM "Correction" c, LATERAL (SELECT DISTINCT unnest(c.before || c.after) AS label) l
    WHERE c.at > ${since} AND (c.why = 'random' OR NOT ${honest})
    GROUP BY c.head, l.label ORDER BY c.head, looked DESC, l.label`
  return rows.map((row) => AgreementRow.parse(row))
}
