import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { answer, type Draft, question } from './intake.ts'
import type { ConversationState, Slot } from './state.ts'
import type { Turned } from './turned.ts'
import { answerBy, type ResidentView } from './view.ts'

/** After the read-back: submitted with a receipt, corrected, or called off. */

/** The answer to the read-back. */
export function choseConfirm(state: ConversationState, value: string, open: RequestRow, view: ResidentView): Turned {
  if (value === 'yes') return submit(state, open, view)
  if (value === 'cancel') {
    return {
      state: { ...state, at: { step: 'idle' } },
      effects: [
        { do: 'step', request: open, step: { step: 'withdrawn' } },
        { do: 'say', text: say('withdraw.done', open) },
      ],
    }
  }
  return askWhatToFix(state, ['words', 'community', 'more'])
}

/** Three at a time: what is corrected most first. */
export function askWhatToFix(
  state: ConversationState,
  offered: readonly ('words' | 'community' | 'subject' | 'contact' | 'more')[],
): Turned {
  const asked = state.at.step === 'confirm' || state.at.step === 'intake' ? state.at.asked : []
  const choices = offered.map((slot) => answer('fix', slot, say(`confirm.what.${slot}`)))
  return {
    state: { ...state, at: { step: 'confirm', asked } },
    effects: [{ do: 'say', text: say('confirm.what'), choices }],
  }
}

/** One slot asked anew, because the resident says it is wrong. */
export function askAgain(state: ConversationState, slot: Slot, open: RequestRow): Turned {
  const draft: Draft = open
  const asked = state.at.step === 'confirm' || state.at.step === 'intake' ? state.at.asked : []
  const cleared: Draft =
    slot === 'words'
      ? { ...draft, details: { ...draft.details, words: [] } }
      : slot === 'contact'
        ? { ...draft, details: { ...draft.details, contact: undefined, phone: undefined } }
        : draft
  const asks = slot === 'words' ? { text: say('confirm.wordsAgain') } : question(slot, cleared, [])
  return {
    state: { ...state, at: { step: 'intake', asking: slot, asked: [...asked.filter((a) => a !== slot), slot] } },
    effects: [
      { do: 'details', request: open, details: cleared.details },
      { do: 'say', requestId: open.id, ...asks },
    ],
  }
}

function submit(state: ConversationState, open: RequestRow, view: ResidentView): Turned {
  const by = answerBy(view, open.urgency)
  const receipt = open.programmes.length > 0 ? 'receipt' : 'receipt.triage'
  return {
    state: { ...state, at: { step: 'idle' } },
    effects: [
      { do: 'step', request: open, step: { step: 'submitted' } },
      {
        do: 'say',
        requestId: open.id,
        text: `${say(receipt, { number: open.number, code: open.queryCode, owner: open.owner.name, by })}\n${say('receipt.how')}`,
      },
    ],
  }
}
