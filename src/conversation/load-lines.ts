import type { Tx } from '../store/db.ts'
import { liveLines, type NeedLineRow } from '../store/needs.ts'
import type { Seal } from '../store/secrets.ts'
import type { StaffRow } from '../store/staff.ts'

/** Needs in this person's hands, and those of the requests around them; a volunteer sees their own tasks and no others. */
export async function linesAround(
  { tx, seal }: { readonly tx: Tx; readonly seal: Seal },
  staff: StaffRow,
  held: readonly NeedLineRow[],
  around: readonly { readonly id: number }[],
): Promise<readonly NeedLineRow[]> {
  if (staff.role === 'volunteer' || around.length === 0) return held
  return liveLines(tx, seal, { staffId: staff.id, requestIds: around.map(({ id }) => id) })
}
