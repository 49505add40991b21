import type { Logger } from 'pino'
import { localDate } from '../domain/calendar.ts'
import { applyStep, type Context } from '../requests/apply.ts'
import { contractRows, requestsAdrift } from '../store/contracts.ts'
import { lockRequest } from '../store/requests.ts'
import { claim } from '../store/settings.ts'
import { coordinatorOnDuty } from '../store/staff.ts'
import { releasedInWords } from '../texts/need-card.ts'
import { say } from '../texts/say.ts'
import type { InTurn } from './in-turn.ts'
import { clearOffers, coordinators, tell, tellColleague, tellReporters } from './tell.ts'

export interface ContractEndDeps {
  readonly inTurn: InTurn
  readonly log: Logger
}

/** Requests moved in one look; what is left waits for the next minute. */
const most = 200

/**
 * 合同到期: from that minute the agency sees nothing more; what it had open goes to the coordinator, who owns it at once, and
 * is offered under the contract that follows. Residents hear who answers for them now.
 */
export function makeContractEnd({ inTurn, log }: ContractEndDeps): () => Promise<void> {
  return async () => {
    let adrift: Awaited<ReturnType<typeof requestsAdrift>> = []
    await inTurn(async ({ tx, now, calendar }) => {
      adrift = await requestsAdrift(tx, localDate(now, calendar.zone), most)
    })
    for (const { id } of adrift) await inTurn((context) => moveOn(context, id))
    if (adrift.length > 0) log.info({ requests: adrift.length }, 'a contract has ended: its open requests go on')
    await inTurn((context) => tellEnded(context, adrift))
  }
}

async function moveOn(context: Context, requestId: number): Promise<void> {
  const request = await lockRequest(context.tx, context.seal, requestId)
  if (!request?.deadline) return
  const { contracts } = context.people
  const hands = request.assignee ?? request.owner
  const stays = contracts.find((c) => c.agencyId === hands.agencyId && request.programmes.includes(c.programme))
  if (stays || (request.assignee === null && request.owner.agencyId === null)) {
    // The same agency goes on under another contract, or nobody of an agency has it yet: only the contract changes.
    const contractId = stays?.contractId ?? null
    await applyStep(context, requestId, { step: 'recontracted', contractId }, { kind: 'system' })
    return
  }
  const coordinator = coordinatorOnDuty(context.people, context.calendar, context.now)
  const step = { step: 'owner_left', coordinatorId: coordinator.id, because: 'contract_ended' } as const
  const { request: moved, ended, released } = await applyStep(context, requestId, step, { kind: 'system' })
  await clearOffers(context, ended, say('offer.goneNote'))
  for (const line of released) {
    if (line.assignee.personId !== null)
      await tellColleague(context, line.assignee.personId, `need:${line.id}:released`, releasedInWords(line))
  }
  const key = `contract-ended:${requestId}:${moved.version}`
  const owner = moved.owner.name
  if (hands.personId !== null) {
    const text = say('contract.ended.worker', { number: moved.number, owner })
    await tell(context, moved, hands.personId, `${key}:worker`, text)
  }
  if (moved.status === 'resolved') return
  await tellReporters(context, moved, key, say('contract.ended.resident', { owner }))
}

/** Each contract that ended is told of once, to every coordinator. */
async function tellEnded(context: Context, adrift: readonly { contractId: number | null }[]): Promise<void> {
  const { tx, now, calendar, people } = context
  const today = localDate(now, calendar.zone)
  const ended = (await contractRows(tx, today, calendar.zone, 2)).filter((c) => c.lastDay < today)
  const claimed = await claim(
    tx,
    ended.map((c) => `told.contract.ended.${c.id}.${c.lastDay}`),
    now,
  )
  for (const contract of ended) {
    if (!claimed.has(`told.contract.ended.${contract.id}.${contract.lastDay}`)) continue
    const count = adrift.filter((r) => r.contractId === contract.id).length
    const { agency, programmeName: programme, reference } = contract
    const text = say('contract.ended', { agency, programme, reference, count })
    for (const to of coordinators(people.directory)) {
      await tellColleague(context, to, `contract-ended:${contract.id}:${contract.lastDay}:${to}`, text)
    }
  }
}
