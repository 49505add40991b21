import { mergeable, mergeRefusal } from '../domain/merge.ts'
import type { RequestRow } from '../store/requests.ts'
import { sameAsked } from '../texts/same-card.ts'
import { say } from '../texts/say.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Turned } from './turned.ts'
import type { NamedRequest, StaffView } from './view.ts'

/** 合并和拆开: a person says that two requests are one matter, or that they are not after all. */

/** `undefined`: the text is about something else. */
export function mergeSaid(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  const plain = text.normalize('NFKC').trim().replace(/^\//u, '')
  if (/^拆开(?=\s|\d|$)/u.test(plain)) {
    const number = /^拆开\s*(\d{4,6})$/u.exec(plain)?.[1]
    if (number === undefined) return reply(state, say('merge.partUsage'))
    const named = byNumber(Number(number), view)
    return named ? part(state, named, view) : reply(state, say('staff.noSuchRequest', { number }))
  }
  if (!/^合并(?=\s|\d|$)/u.test(plain)) return undefined
  const [, one, other] = /^合并\s*(\d{4,6})\s*(?:并?到|进|和|与|,|、)?\s*(\d{4,6})$/u.exec(plain) ?? []
  if (one === undefined || other === undefined) return reply(state, say('merge.usage'))
  const [from, into] = [byNumber(Number(one), view), byNumber(Number(other), view)]
  if (!from || !into) return reply(state, say('staff.noSuchRequest', { number: from ? other : one }))
  return merge(state, from, into, view)
}

/** `mg:ask:<from>:<into>`, then `mg:yes:…` or `mg:no:…`: nothing happens on the first tap. */
export function mergeTapped(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [, act, fromId, intoId] = token.split(':')
  const byId = (id: string | undefined) => view.named.find(({ request }) => request.id === Number(id))
  const [from, into] = [byId(fromId), byId(intoId)]
  if (!from || !into) return undefined
  if (act === 'no') return reply(state, say('same.kept', from.request))
  const refused = mayMerge(state, from, into, view)
  if (refused) return refused
  if (act === 'yes') return merge(state, from, into, view)
  return act === 'ask' ? { state, effects: [{ do: 'say', ...sameAsked(from.request, into.request) }] } : undefined
}

function merge(state: ConversationState, from: NamedRequest, named: NamedRequest, view: StaffView): Turned {
  // What was merged already leads to the one that carries it.
  const into = view.named.find(({ request }) => request.id === named.request.mergedIntoId) ?? named
  return (
    mayMerge(state, from, into, view) ?? {
      state: idle(state),
      effects: [{ do: 'merge', from: from.request, into: into.request }],
    }
  )
}

/** Why not, in words; `undefined` when it may be done. */
function mayMerge(
  state: ConversationState,
  { request: from, ...standing }: NamedRequest,
  { request: into, ...toStanding }: NamedRequest,
  view: StaffView,
): Turned | undefined {
  if (!allowed('merge', standing, view) && !allowed('merge', toStanding, view)) return refuse(state)
  const numbers = { number: from.number, into: into.number }
  const carries = view.carried.filter((r) => r.mergedIntoId === from.id).length
  switch (mergeRefusal({ ...from, carries }, { ...into, carries: 0 })) {
    case 'same':
      return reply(state, say('merge.same'))
    case 'already':
      return reply(state, say('merge.already', numbers))
    case 'carries':
      return reply(state, say('merge.carries', numbers))
    case 'from_over':
      return reply(state, say('merge.fromOver', numbers))
    case 'into_over':
      return reply(state, say('merge.intoOver', numbers))
    case undefined:
      // One agency's resident is not given to another's worker without a yes, unless by who answers for both (转介 asks).
      return view.staff.role !== 'coordinator' && agencyOf(from) !== null && agencyOf(from) !== agencyOf(into)
        ? reply(state, say('merge.otherAgency'))
        : undefined
  }
}

const agencyOf = (request: RequestRow): number | null => request.assignee?.agencyId ?? null

function part(state: ConversationState, { request, ...standing }: NamedRequest, view: StaffView): Turned {
  if (!allowed('merge', standing, view)) return refuse(state)
  const { number } = request
  if (request.mergedIntoId === null) return reply(state, say('unmerge.notMerged', { number }))
  const into = view.named.find((named) => named.request.id === request.mergedIntoId)
  // As far as the one that carries it has come: what is done is not undone.
  if (!into || !mergeable.includes(request.status)) {
    return reply(state, say('unmerge.over', { into: into?.request.number ?? number }))
  }
  return { state: idle(state), effects: [{ do: 'unmerge', from: request, into: into.request }] }
}

const byNumber = (number: number, view: StaffView): NamedRequest | undefined =>
  view.named.find(({ request }) => request.number === number)
