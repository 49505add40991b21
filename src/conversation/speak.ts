import { enqueue, type Letter, post } from '../outbox/enqueue.ts'
import { passOn } from '../outbox/pass-on.ts'
import { say } from '../texts/say.ts'
import type { Effect } from './turned.ts'
import type { Writing } from './writing.ts'

/** Say one thing to one person; what comes with it to open is passed on as soon as it is settled. */
export async function speak(
  writing: Writing,
  effect: Extract<Effect, { do: 'say' }>,
  index: number,
  opened: number | undefined,
): Promise<void> {
  const { tx, bells, seal, now, view } = writing
  // -1: the coordinator who owns what this very turn has opened.
  const to =
    effect.to === -1 && view.role === 'resident'
      ? await personOfStaff(writing, view.coordinator.id)
      : (effect.to ?? writing.personId)
  if (to === undefined) return
  const { text, choices, media } = effect
  const requestId = effect.requestId ?? (effect.to === -1 ? opened : undefined)
  const letter = {
    personId: to,
    ...(requestId === undefined ? {} : { requestId }),
    ...(effect.relayFrom ? { relayFrom: effect.relayFrom } : {}),
    ...(effect.relayFrom === 'worker' && view.role !== 'resident' ? { relayById: view.staff.id } : {}),
    priority: 1 as const,
  }
  if (media) {
    const reached = await passOn(tx, bells, seal, { ...letter, outbound: { text, media } }, now)
    if (!reached && effect.relayFrom) await relayLost(writing, index)
    return
  }
  const dedupeKey = effect.once ?? `${writing.key}:${index}`
  const words: Letter = { ...letter, dedupeKey, outbound: { text, ...(choices ? { choices } : {}) } }
  // The answer goes back where the person wrote; others are reached where they were heard last.
  if (to === writing.personId && effect.at === undefined)
    return post(tx, bells, seal, { ...words, addressId: writing.addressId }, now)
  const id = await enqueue(tx, bells, seal, effect.at === undefined ? words : { ...words, addressId: effect.at }, now)
  if (id === undefined && effect.relayFrom) await relayLost(writing, index)
}

/** Nobody can be reached there: who spoke is told the truth at once. */
async function relayLost(writing: Writing, index: number): Promise<void> {
  const { tx, bells, seal, now, view } = writing
  const text =
    view.role === 'resident'
      ? say('relay.toWorkerNotReached', { worker: '工作人员', owner: view.coordinator.name })
      : say('relay.windowClosed', { number: '', why: say('undelivered.gone') })
  await enqueue(
    tx,
    bells,
    seal,
    {
      personId: writing.personId,
      addressId: writing.addressId,
      dedupeKey: `${writing.key}:${index}:lost`,
      priority: 1,
      outbound: { text },
    },
    now,
  )
}

async function personOfStaff({ tx }: Writing, staff: number): Promise<number | undefined> {
  const row = await tx.staff.findUnique({ where: { id: staff }, select: { personId: true } })
  return row?.personId ?? undefined
}
