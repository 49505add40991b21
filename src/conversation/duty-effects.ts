import { enqueue } from '../outbox/enqueue.ts'
import type { Context } from '../requests/apply.ts'
import { answerSwap, endExceptions, insertException, insertSwap, type SwapRow } from '../store/rota.ts'
import { spanInWords } from '../texts/duty-words.ts'
import { say } from '../texts/say.ts'
import type { Effect } from './turned.ts'
import type { StaffView } from './view.ts'

/** Writes what was agreed about duty and tells everybody concerned: both colleagues and their lead. */

type DutyEffect = Extract<Effect, { do: 'duty' | 'end_exceptions' | 'swap' | 'answer_swap' }>

export interface DutyWriting extends Context {
  readonly personId: number
  readonly addressId: number
  readonly key: string
  readonly view: StaffView
}

export async function writeDuty(writing: DutyWriting, effect: DutyEffect): Promise<void> {
  const { tx, now, view } = writing
  const { staff } = view
  switch (effect.do) {
    case 'duty': {
      const { do: _, ...exception } = effect
      return insertException(tx, { ...exception, staffId: staff.id })
    }
    case 'end_exceptions':
      await endExceptions(tx, staff.id, now)
      return
    case 'swap': {
      const { do: _, ...asked } = effect
      const swap = await insertSwap(tx, { ...asked, askedById: staff.id, askedAt: now })
      if (!swap) return tell(writing, staff.personId, 'clash', say('swap.clash'))
      return swap.status === 'accepted' ? tellSettled(writing, swap) : askColleague(writing, swap)
    }
    case 'answer_swap': {
      const swap = await answerSwap(tx, effect.swapId, effect.answer, now)
      return swap ? tellSettled(writing, swap) : tell(writing, staff.personId, 'gone', say('swap.gone'))
    }
  }
}

async function askColleague(writing: DutyWriting, swap: SwapRow): Promise<void> {
  const { from, to } = people(writing.view, swap)
  const text = say('swap.ask', { from: from?.name ?? '', span: inWords(writing, swap) })
  await tell(writing, to?.personId, `swap:${swap.id}:ask`, text, [
    { token: `s:yes:${swap.id}`, label: say('swap.yes') },
    { token: `s:no:${swap.id}`, label: say('swap.no') },
  ])
}

/** Whoever changed it, all three read the same: who stands in for whom, from when to when. */
async function tellSettled(writing: DutyWriting, swap: SwapRow): Promise<void> {
  const { view } = writing
  const { from, to } = people(view, swap)
  const names = { from: from?.name ?? '', to: to?.name ?? '', span: inWords(writing, swap) }
  const onBehalf = view.staff.id !== swap.fromStaffId && view.staff.id !== swap.toStaffId
  const text =
    swap.status === 'declined'
      ? say('swap.declined', names)
      : swap.status === 'undone'
        ? say('swap.undone', names)
        : onBehalf
          ? say('swap.onBehalf', { ...names, lead: view.staff.name })
          : swap.from.getTime() === writing.now.getTime()
            ? say('swap.taken', names)
            : say('swap.done', names)
  const undo = swap.status === 'accepted' ? [{ token: `s:undo:${swap.id}`, label: say('swap.undo') }] : undefined
  const leads = view.directory.filter((s) => s.role === 'lead' && s.agencyId === from?.agencyId)
  const concerned = new Set(
    [view.staff, from, to, ...(swap.status === 'declined' ? [] : leads)].map((s) => s?.personId),
  )
  for (const personId of concerned) {
    await tell(writing, personId, `swap:${swap.id}:${swap.status}:${personId}`, text, undo)
  }
}

async function tell(
  writing: DutyWriting,
  personId: number | null | undefined,
  dedupeKey: string,
  text: string,
  choices?: readonly { token: string; label: string }[],
): Promise<void> {
  if (personId == null) return
  const here = personId === writing.personId ? { addressId: writing.addressId } : {}
  const outbound = { text, ...(choices ? { choices } : {}) }
  const key = dedupeKey.startsWith('swap:') ? dedupeKey : `${writing.key}:${dedupeKey}`
  await enqueue(
    writing.tx,
    writing.bells,
    writing.seal,
    { personId, ...here, dedupeKey: key, priority: 2, outbound },
    writing.now,
  )
}

const people = ({ directory }: StaffView, swap: SwapRow) => ({
  from: directory.find((s) => s.id === swap.fromStaffId),
  to: directory.find((s) => s.id === swap.toStaffId),
})

const inWords = ({ now, calendar }: DutyWriting, swap: SwapRow) => spanInWords(swap, now, calendar.zone)
