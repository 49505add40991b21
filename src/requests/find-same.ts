import { fuzzySound } from '../classify/sound.ts'
import { likelySame, points, type Told, withinDays } from '../domain/likely-same.ts'
import { mergeable } from '../domain/merge.ts'
import type { Outbound } from '../domain/words.ts'
import { openAround } from '../store/alike.ts'
import type { RequestRow } from '../store/requests.ts'
import { sameSuggested } from '../texts/same-card.ts'
import type { Context } from './apply.ts'

/**
 * 同一件事: for whoever answers for a request, the earlier one it may be the same as, with what speaks for it. Only what both
 * say is named, so that nobody reads of the other what they did not know.
 */
export async function findSame(
  { tx, seal, now }: Pick<Context, 'tx' | 'seal' | 'now'>,
  request: RequestRow,
): Promise<{ readonly olderId: number; readonly outbound: Outbound } | undefined> {
  const since = new Date(now.getTime() - withinDays * 86_400_000)
  const { requests, households } = await openAround(tx, seal, request, since)
  const told = (row: RequestRow): Told => ({
    ...row,
    householdId: households.get(row.requesterId) ?? null,
    at: row.submittedAt ?? row.openedAt,
  })
  const [likeliest] = requests
    .filter((row) => mergeable.includes(row.status))
    .flatMap((older) => {
      const likeness = likelySame(told(request), told(older), fuzzySound)
      return likeness ? [{ older, likeness }] : []
    })
    .sort((a, b) => points(b.likeness) - points(a.likeness) || b.older.id - a.older.id)
  if (!likeliest) return undefined
  const { older, likeness } = likeliest
  return { olderId: older.id, outbound: sameSuggested(request, older, likeness) }
}
