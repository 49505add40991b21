import type { Agreement, CorrectedHead } from '../store/corrections.ts'
import { reviewCard } from '../texts/card.ts'
import { say } from '../texts/say.ts'
import { labelInWords, labelMenu } from './relabel.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import type { StaffView } from './view.ts'

/** 复核: a coordinator looks at labels the classifier was unsure of, and at a random share to keep it honest. */

const reviewWords = /^(复核|抽查)$/u
const agreementWords = /^(一致率|准确率)$/u
/** The report looks back this far. */
export const agreementDays = 90

const spoken = (event: Event | undefined) =>
  event?.kind === 'said' ? event.text.normalize('NFKC').trim().replace(/^\//u, '') : ''

export const asksForReview = (event: Event | undefined): boolean => reviewWords.test(spoken(event))

export const asksForAgreement = (event: Event | undefined): boolean => agreementWords.test(spoken(event))

/** What was asked for in words; `undefined` when it was something else. */
export function reviewOrdered(state: ConversationState, event: Event, view: StaffView): Turned | undefined {
  if (!asksForReview(event) && !asksForAgreement(event)) return undefined
  if (!allowed('review', nobodys, view)) return refuse(state)
  if (view.agreement) return reply(state, agreementInWords(view.agreement))
  if (!view.review) return reply(idle(state), say('review.none'))
  const { request, why, waiting } = view.review
  return {
    state: idle(state),
    effects: [
      {
        do: 'say',
        requestId: request.id,
        text: reviewCard(request, say(`review.${why}`), waiting),
        choices: [
          { token: `v:ok:${request.id}:${why}`, label: say('review.right') },
          { token: `v:fix:${request.id}:${why}`, label: say('review.wrong') },
        ],
      },
    ],
  }
}

/** A tap under a review card; `undefined` when it is none of these. */
export function tappedReview(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [kind, act, idText, drawn] = token.split(':')
  const why = drawn === 'random' ? 'random' : 'uncertain'
  const named = view.named.find(({ request }) => request.id === Number(idText))
  if (kind !== 'v' || !named) return undefined
  if (!allowed('review', named, view)) return refuse(state)
  const { request } = named
  switch (act) {
    case 'fix':
      return labelMenu(state, request, why)
    case 'ok': {
      const confirm = (head: CorrectedHead, labels: readonly string[]): Effect => ({
        do: 'correct',
        request,
        head,
        before: labels,
        after: labels,
        why,
      })
      return {
        state: idle(state),
        effects: [
          confirm('programme', request.programmes),
          confirm('need', request.needs),
          confirm('urgency', [request.urgency]),
          { do: 'say', text: say('review.thanks', request) },
        ],
      }
    }
    default:
      return undefined
  }
}

// --- internal

const nobodys = { own: false, sameAgency: false }

function agreementInWords({ honest, all }: NonNullable<StaffView['agreement']>): string {
  if (all.length === 0) return say('agreement.none')
  const lines = (rows: readonly Agreement[]) =>
    rows.map((row) =>
      say('agreement.line', {
        label: labelInWords(row.head, row.label),
        agreed: row.agreed,
        looked: row.looked,
        percent: Math.round((100 * row.agreed) / row.looked),
      }),
    )
  return [
    say('agreement.head', { days: agreementDays }),
    ...(honest.length > 0 ? [say('agreement.honest'), ...lines(honest)] : [say('agreement.noHonest')]),
    say('agreement.all'),
    ...lines(all),
  ].join('\n')
}
