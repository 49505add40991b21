import { enqueue } from '../outbox/enqueue.ts'
import { insertService, joinHouseholds, undoService } from '../store/ledger.ts'
import { insertReferral } from '../store/referrals.ts'
import { say } from '../texts/say.ts'
import type { DutyWriting } from './duty-effects.ts'
import { consentQuestion } from './referral-talk.ts'
import type { Effect } from './turned.ts'

/** Writes service records, households and referrals, and answers with the number that only the row knows. */

type LedgerEffect = Extract<Effect, { do: 'service' | 'undo_service' | 'household' | 'ask_referral' }>

export async function writeLedger(writing: DutyWriting, effect: LedgerEffect): Promise<void> {
  const { tx, now, view } = writing
  switch (effect.do) {
    case 'service':
      return recordService(writing, effect)
    case 'undo_service': {
      const undone = await undoService(tx, effect.serviceId, view.staff.id, now)
      return answer(writing, `undo:${effect.serviceId}`, say(undone ? 'service.undone' : 'service.cannotUndo'))
    }
    case 'household':
      return joinHouseholds(tx, effect.one, effect.other)
    case 'ask_referral': {
      const { request, toAgencyId, agency } = effect
      const { id } = await insertReferral(tx, { requestId: request.id, fromStaffId: view.staff.id, toAgencyId }, now)
      const { requestId, ...outbound } = consentQuestion(request, view.staff.name, agency, id)
      const row = {
        personId: request.requesterId,
        requestId,
        dedupeKey: `referral:${id}`,
        priority: 1,
        outbound,
      } as const
      await enqueue(tx, writing.bells, writing.seal, row, now)
      return
    }
  }
}

async function recordService(
  writing: DutyWriting,
  { request, kind, minutes, need }: Extract<Effect, { do: 'service' }>,
): Promise<void> {
  const { tx, now, view } = writing
  // Counted under the request's own contract while that is this agency's; else under one of the agency's that fits.
  const theirs = view.contracts.filter((c) => c.agencyId === view.staff.agencyId)
  const contract =
    theirs.find((c) => c.contractId === request.contractId) ??
    theirs.find((c) => request.programmes.includes(c.programme))
  const contractId = contract?.contractId ?? null
  const beneficiaryId = request.requesterId
  const row = { requestId: request.id, contractId, staffId: view.staff.id, kind, minutes, need, beneficiaryId, at: now }
  const id = await insertService(tx, row)
  const said = {
    number: request.number,
    kind: say(`service.kind.${kind}`),
    minutes,
    need: need ? say(`need.${need}`) : '不分项',
  }
  const text = contractId === null ? say('service.doneNoContract', said) : say('service.done', said)
  await answer(writing, `service:${id}`, text, [{ token: `l:undo:${id}`, label: say('service.undo') }])
}

async function answer(
  writing: DutyWriting,
  what: string,
  text: string,
  choices?: readonly { token: string; label: string }[],
): Promise<void> {
  const { personId, addressId } = writing
  const outbound = { text, ...(choices ? { choices } : {}) }
  const row = { personId, addressId, dedupeKey: `${writing.key}:${what}`, priority: 1, outbound } as const
  await enqueue(writing.tx, writing.bells, writing.seal, row, writing.now)
}
