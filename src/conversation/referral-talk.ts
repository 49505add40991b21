import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { answer } from './intake.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Turned } from './turned.ts'
import type { ResidentView, StaffView } from './view.ts'

/** 转介: another agency is asked to take it over — after the resident has said yes to that very agency. */

/** `undefined`: the text is about something else. */
export function referralSaid(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  const said = /^转介\s*(\d{4,6})?\s*([\s\S]*)$/u.exec(text.normalize('NFKC').trim())
  if (!said) return undefined
  const agencies = [...new Map(view.contracts.map((c) => [c.agencyId, c.agency]))]
  const others = agencies.filter(([id]) => id !== view.staff.agencyId)
  const usage = say('referral.usage', { agencies: others.map(([, name]) => name).join('、') })
  const wanted = said[2]?.trim() ?? ''
  if (said[1] === undefined || wanted === '') return reply(state, usage)
  const named = view.named.find(({ request }) => request.number === Number(said[1]))
  if (!named) return reply(state, say('staff.noSuchRequest', { number: said[1] }))
  if (!allowed('hand_on', named, view)) return refuse(state)
  const { request } = named
  const chosen = agencies.filter(([, name]) => name === wanted || name.includes(wanted))
  const [agency, ...more] = chosen
  if (!agency || more.length > 0) return reply(state, usage)
  if (agency[0] === (request.assignee?.agencyId ?? view.staff.agencyId))
    return reply(state, say('referral.same', request))
  if (request.status !== 'active') return reply(state, say('staff.changed'))
  return {
    state: idle(state),
    effects: [
      { do: 'ask_referral', request, toAgencyId: agency[0], agency: agency[1] },
      { do: 'say', text: say('referral.asked', { number: request.number, agency: agency[1] }) },
    ],
  }
}

/** The question to the resident; it names who would learn of them. */
export const consentQuestion = (request: RequestRow, worker: string, agency: string, referralId: number) => ({
  text: say('referral.consent', { worker, agency }),
  requestId: request.id,
  choices: [
    answer('refer', `yes:${referralId}`, say('referral.consent.yes')),
    answer('refer', `no:${referralId}`, say('referral.consent.no')),
  ],
})

/** The resident's yes or no; without a yes nothing is told to anybody. */
export function consentTapped(state: ConversationState, value: string, referralId: number, view: ResidentView): Turned {
  const referral = view.referrals.find((r) => r.id === referralId)
  const request = view.requests.find((r) => r.id === referral?.requestId)
  if (!referral || request?.status !== 'active') return { state, effects: [{ do: 'say', text: say('stale') }] }
  const worker = request.assignee ?? request.owner
  const told = (text: string) => (worker.personId === null ? [] : [{ do: 'say', to: worker.personId, text } as const])
  const { agency } = referral
  const { number } = request
  if (value !== 'yes') {
    return {
      state,
      effects: [
        { do: 'answer_referral', referralId, answer: 'refused' },
        { do: 'consent', purpose: `referral:${referral.toAgencyId}`, given: false },
        { do: 'say', text: say('referral.no', { worker: worker.name }) },
        ...told(say('referral.refused', { number, agency })),
      ],
    }
  }
  return {
    state,
    effects: [
      { do: 'answer_referral', referralId, answer: 'sent' },
      { do: 'consent', purpose: `referral:${referral.toAgencyId}`, given: true },
      { do: 'step', request, step: { step: 'referred', agencyId: referral.toAgencyId } },
      { do: 'say', text: say('referral.yes', { agency, worker: worker.name }) },
      ...told(say('referral.sent', { number, agency })),
    ],
  }
}
