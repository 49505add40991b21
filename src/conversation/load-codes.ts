import { staffRoles } from '../domain/policy.ts'
import { asCarried } from '../store/carried.ts'
import type { Tx } from '../store/db.ts'
import { countWrongCodes, usableInvite } from '../store/people.ts'
import { requestByCode } from '../store/requests.ts'
import type { Seal } from '../store/secrets.ts'
import { triesAnHour } from './load-speakers.ts'
import type { ResidentView } from './view.ts'

/** Codes that a resident writes: of a request, or of an invitation. */

interface Asking {
  readonly tx: Tx
  readonly seal: Seal
  readonly personId: number
  readonly now: Date
}

/** 查 <编号> <查询码>: the state of a request, from any device. */
export async function lookUp({ tx, seal, personId, now }: Asking, text: string): Promise<ResidentView['lookup']> {
  const asked = /^\s*查(?:进度|询)?\s*(\d{4,6})[\s,,]+(\d{6})\s*$/u.exec(text.normalize('NFKC'))
  if (!asked) return undefined
  const since = new Date(now.getTime() - 3_600_000)
  if ((await countWrongCodes(tx, personId, since)) >= triesAnHour) return 'too_many'
  const found = await requestByCode(tx, seal, Number(asked[1]), asked[2] ?? '')
  const [carried] = found ? await asCarried(tx, seal, [found]) : []
  return carried ?? 'wrong'
}

/** 加入 <邀请码> */
export async function invited({ tx, now }: Asking, text: string): Promise<ResidentView['invite']> {
  const named = /^\s*加入[\s::]*([A-Za-z0-9]{6,16})\s*$/u.exec(text.normalize('NFKC'))
  if (!named?.[1]) return undefined
  const found = await usableInvite(tx, named[1], now)
  const role = staffRoles.find((r) => r === found?.staff.role)
  return found && role ? { id: found.id, staffId: found.staff.id, name: found.staff.name, role } : undefined
}
