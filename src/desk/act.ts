import type { DeskAct, NoticeShown } from '../domain/desk-shown.ts'
import { approve, propose, refuse, sendAlone, takeBack } from '../notices/approval.ts'
import { correct, steer, withdraw } from '../notices/steering.ts'
import { answer, type CoordinatorWriting } from '../notices/writing.ts'
import { broadcast, draftOf, takeNoticeStep } from '../store/broadcasts.ts'
import { say } from '../texts/say.ts'
import { showNotice } from './show-notice.ts'

export interface Done {
  readonly notice: NoticeShown
  /** A draft that this has opened: a correction or a withdrawal. */
  readonly opened?: number
  /** Words or audience were changed elsewhere since they were seen: nothing was done. */
  readonly changed?: boolean
}

/** One act on one notice, by the very steps that the chat takes; `undefined`: there is no such notice. */
export async function act(
  writing: CoordinatorWriting,
  id: number,
  { act: wanted, version }: { readonly act: DeskAct; readonly version: number },
): Promise<Done | undefined> {
  const opened = await carryOut(writing, id, wanted, version)
  const row = await broadcast(writing.tx, id)
  if (!row || (row.status === 'draft' && row.authorId !== writing.view.staff.id && wanted !== 'refuse'))
    return undefined
  const notice = await showNotice(writing, row)
  return { notice, ...(opened === 'changed' ? { changed: true } : opened === undefined ? {} : { opened }) }
}

async function carryOut(
  writing: CoordinatorWriting,
  id: number,
  wanted: DeskAct,
  version: number,
): Promise<number | 'changed' | undefined> {
  switch (wanted) {
    case 'approve':
      await approve(writing, { id, version })
      return undefined
    case 'refuse':
      await refuse(writing, { id, version })
      return undefined
    case 'take_back':
      await takeBack(writing, id)
      return undefined
    case 'pause':
    case 'go_on':
    case 'stop':
      await steer(writing, wanted, id)
      return undefined
    case 'withdraw':
      return (await withdraw(writing, id))?.draft.id
    case 'correct':
      return (await correct(writing, id, ''))?.draft.id
    case 'propose':
    case 'send_alone':
    case 'drop':
      return finishDraft(writing, id, wanted, version)
  }
}

/** What goes out, or away, is what was seen here. */
async function finishDraft(
  writing: CoordinatorWriting,
  id: number,
  wanted: 'propose' | 'send_alone' | 'drop',
  version: number,
): Promise<'changed' | undefined> {
  const draft = await draftOf(writing.tx, writing.view.staff.id, id)
  if (!draft) await answer(writing, say('desk.draftGone'))
  else if (draft.version !== version) return 'changed'
  else if (wanted === 'propose') await propose(writing, draft)
  else if (wanted === 'send_alone') await sendAlone(writing, draft)
  else {
    await takeNoticeStep(writing.tx, draft, 'drop')
    await answer(writing, say('bc.dropped', draft))
  }
  return undefined
}
