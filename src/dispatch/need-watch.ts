import { applyStep } from '../requests/apply.ts'
import { expireLine, type NeedLineRow, overdueLines } from '../store/needs.ts'
import { lockRequest } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { tell } from './tell.ts'

/** Lines looked at in one go. */
const most = 200

/** 分工: a colleague who was asked and did not answer in time: the need is the lead worker's again, and they hear it. */
export function makeNeedWatch({ inTurn }: { readonly inTurn: InTurn }): () => Promise<void> {
  return async () => {
    let overdue: NeedLineRow[] = []
    await inTurn(async ({ tx, seal, now }) => {
      overdue = await overdueLines(tx, seal, now, most)
    })
    for (const line of overdue) await inTurn((context) => expire(context, line))
  }
}

async function expire(context: Parameters<Parameters<InTurn>[0]>[0], line: NeedLineRow): Promise<void> {
  const request = await lockRequest(context.tx, context.seal, line.requestId)
  if (!request?.deadline || !(await expireLine(context.tx, line.id, context.now))) return
  const { need, assignee } = line
  await applyStep(
    context,
    request.id,
    { step: 'shared', need, staffId: assignee.id, line: 'expired' },
    { kind: 'system' },
  )
  const lead = request.assignee ?? request.owner
  if (lead.personId === null) return
  const text = say('need.expired', { who: assignee.name, number: request.number, need: say(`need.${need}`) })
  await tell(context, request, lead.personId, `need:${line.id}:expired`, text)
}
