import type { RequestStep } from '../domain/request-step.ts'
import { needs, programmes, urgencies } from '../domain/taxonomy.ts'
import type { Choice } from '../domain/words.ts'
import type { CorrectedHead } from '../store/corrections.ts'
import type { RequestRow } from '../store/requests.ts'
import { relabelChoice } from '../texts/card.ts'
import { say } from '../texts/say.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Turned } from './turned.ts'
import type { NamedRequest, StaffView } from './view.ts'

/** 更正: one tap says what the labels should be; the request follows at once and the next training learns it. */

/** Every label as a button, those that stand now marked. */
export function labelMenu(state: ConversationState, request: RequestRow, why: Said['why'] = 'work'): Turned {
  const marked = (set: boolean, label: string) => (set ? `✓${label}` : label)
  const choices: Choice[] = [
    ...programmes.map((p) => ({
      token: `c:prog:${request.id}:${p}:${why}`,
      label: marked(request.programmes.includes(p), say(`programme.${p}`)),
    })),
    ...needs.map((n) => ({
      token: `c:need:${request.id}:${n}:${why}`,
      label: marked(request.needs.includes(n), say(`need.${n}`)),
    })),
    ...[...urgencies].reverse().map((u) => ({
      token: `c:urg:${request.id}:${u}:${why}`,
      label: marked(request.urgency === u, say(`urgency.${u}`)),
    })),
  ]
  return {
    state: idle(state),
    effects: [{ do: 'say', requestId: request.id, text: say('relabel.ask', request), choices }],
  }
}

/** A tap on a label; `undefined` when the token is none of these or what it was for has passed. */
export function tappedLabel(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [kind, act, idText, value, asked] = token.split(':')
  const why = asked === 'random' || asked === 'uncertain' ? asked : 'work'
  const named = view.named.find(({ request }) => request.id === Number(idText))
  if (kind !== 'c' || !named) return undefined
  if (!allowed('relabel', named, view)) return refuse(state)
  const { request } = named
  switch (act) {
    case 'menu':
      return labelMenu(state, request)
    case 'prog': {
      const label = programmes.find((p) => p === value)
      if (!label) return undefined
      // A programme that is not there replaces what was guessed; one that is there is taken out while another is left.
      const after = !request.programmes.includes(label)
        ? [label]
        : request.programmes.length > 1
          ? request.programmes.filter((p) => p !== label)
          : request.programmes
      return corrected(
        state,
        named,
        { head: 'programme', before: request.programmes, after, why },
        { programmes: after },
      )
    }
    case 'need': {
      const label = needs.find((n) => n === value)
      if (!label) return undefined
      const after = request.needs.includes(label) ? request.needs.filter((n) => n !== label) : [...request.needs, label]
      return corrected(state, named, { head: 'need', before: request.needs, after, why }, { needs: after })
    }
    case 'urg':
      return reUrged(state, named, value, view, why)
    default:
      return undefined
  }
}

// --- internal

interface Said {
  readonly head: CorrectedHead
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly why: 'work' | 'uncertain' | 'random'
}

function reUrged(
  state: ConversationState,
  named: NamedRequest,
  value: string | undefined,
  view: StaffView,
  why: Said['why'],
): Turned | undefined {
  const { request } = named
  const urgency = urgencies.find((u) => u === value)
  if (!urgency) return undefined
  if (request.urgency === 'crisis' && urgency !== 'crisis' && !allowed('lower_crisis', named, view)) {
    return reply(state, say('relabel.crisisStays', request))
  }
  const said: Said = { head: 'urgency', before: [request.urgency], after: [urgency], why }
  if (urgency !== 'crisis' || request.urgency === 'crisis') return corrected(state, named, said, { urgency })
  return {
    state: idle(state),
    effects: [
      { do: 'correct', request, ...said },
      { do: 'step', request, step: { step: 'crisis_heard', crisisKind: request.crisisKind ?? 'unclear' } },
      {
        do: 'say',
        requestId: request.id,
        text: say('relabel.done', { number: request.number, labels: say('urgency.crisis') }),
      },
    ],
  }
}

type Labels = Omit<Extract<RequestStep, { step: 'relabelled' }>, 'step' | 'stays'>

function corrected(state: ConversationState, { request }: NamedRequest, said: Said, labels: Labels): Turned {
  const over = ['closed', 'withdrawn', 'merged'].includes(request.status)
  const names = said.after.map((label) => labelInWords(said.head, label)).join('、') || say('relabel.none')
  const step: Effect[] = over ? [] : [{ do: 'step', request, step: { step: 'relabelled', stays: true, ...labels } }]
  return {
    state: idle(state),
    effects: [
      { do: 'correct', request, ...said },
      ...step,
      {
        do: 'say',
        requestId: request.id,
        text: say(movesOn(request, said) ? 'relabel.moved' : 'relabel.done', { number: request.number, labels: names }),
        choices: [relabelChoice(request.id)],
      },
    ],
  }
}

/** Told as it will be: a new programme makes the queue look for its agency, unless a crisis belongs to everybody. */
function movesOn(request: RequestRow, said: Said): boolean {
  const [first] = said.after
  return (
    said.head === 'programme' &&
    first !== undefined &&
    !said.before.includes(first) &&
    request.urgency !== 'crisis' &&
    ['triage', 'queued', 'offered'].includes(request.status)
  )
}

export function labelInWords(head: CorrectedHead, label: string): string {
  const programme = programmes.find((p) => p === label)
  const need = needs.find((n) => n === label)
  const urgency = urgencies.find((u) => u === label)
  if (head === 'programme' && programme) return say(`programme.${programme}`)
  if (head === 'need' && need) return say(`need.${need}`)
  return head === 'urgency' && urgency ? say(`urgency.${urgency}`) : label
}
