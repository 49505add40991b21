import { coverageHoles, dutySegments, spansOf } from '../domain/coverage.ts'
import { spokenSpan } from '../domain/day-words.ts'
import type { Rota } from '../domain/duty.ts'
import { frontline } from '../domain/policy.ts'
import { holeInWords, spanInWords } from '../texts/duty-words.ts'
import { say } from '../texts/say.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Effect, Event, Turned } from './turned.ts'
import type { StaffFacts, StaffView } from './view.ts'

/** 排班: what a colleague asks or says about duty. 我的班, 换班, 代换班, 顶班, 请假, 销假, 空班. */

const weekMs = 7 * 86_400_000

/** Whether this is about duty, so that the rota is read anew: a swap agreed a moment ago must be seen. */
export function asksForRota(event: Event | undefined): boolean {
  if (event?.kind === 'chose') return event.token.startsWith('s:')
  return (
    event?.kind === 'said' &&
    /^\/?(?:.{0,2}值班|我的班|班次|班表|空班|排班|.?换班|替班|顶班|请假|销假)/u.test(
      event.text.normalize('NFKC').trim(),
    )
  )
}

/** `undefined`: the text is about something else. */
export function rotaSaid(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  const plain = text.normalize('NFKC').trim().replace(/^\//u, '')
  if (/^(?:我的班|我的班次|班次|班表)$/u.test(plain)) return reply(state, myShifts(view))
  if (/^(?:空班|排班检查)$/u.test(plain)) return reply(state, holesInWords(view, view.rota, true))
  const said = /^(换班|替班|代换班|顶班|请假|销假)\s*([\s\S]*)$/u.exec(plain)
  const rest = said?.[2]?.trim() ?? ''
  switch (said?.[1]) {
    case '换班':
    case '替班':
      return askSwap(state, rest, view)
    case '代换班':
      return swapOnBehalf(state, rest, view)
    case '顶班':
      return takeOverNow(state, rest, view)
    case '请假':
      return leave(state, rest, view)
    case '销假':
      return endLeave(state, view)
    default:
      return undefined
  }
}

/** A tap on 同意, 不行, 撤销换班 or a colleague's name; `undefined`: another button. */
export function rotaTapped(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [kind, act, idText, fromText, untilText] = token.split(':')
  if (kind !== 's') return undefined
  if (act === 'ask') {
    const to = view.directory.find((s) => s.id === Number(idText))
    const span = { from: new Date(Number(fromText)), until: new Date(Number(untilText)) }
    return to ? offerSwap(idle(state), view.staff, to, span, view) : reply(state, say('swap.gone'))
  }
  const swap = view.swaps.find((s) => s.id === Number(idText))
  const answer = { yes: 'accepted', no: 'declined', undo: 'undone' }[act ?? ''] as
    | 'accepted'
    | 'declined'
    | 'undone'
    | undefined
  if (!swap || !answer || swap.until <= view.now) return reply(state, say('swap.gone'))
  const mine = swap.toStaffId === view.staff.id || (answer === 'undone' && swap.fromStaffId === view.staff.id)
  const owner = view.directory.find((s) => s.id === swap.fromStaffId)
  if (!mine && !(owner && mayPlanFor(owner, view))) return refuse(state)
  return { state: idle(state), effects: [{ do: 'answer_swap', swapId: swap.id, answer }] }
}

// --- asking for a swap

interface Span {
  readonly from: Date
  readonly until: Date
}

function askSwap(state: ConversationState, rest: string, view: StaffView): Turned {
  const spoken = spokenSpan(rest, view.now, view.calendar.zone)
  if (!spoken) return reply(state, say('swap.usage'))
  const duty = dutyWithin(view.staff.id, spoken, view)
  if (duty === 'past') return reply(state, say('rota.past', { when: inWords(spoken, view) }))
  if (!duty) return reply(state, say('swap.notOn', { when: inWords(spoken, view), who: '您' }))
  if (spoken.rest !== '') {
    const to = colleague(spoken.rest, view)
    return to
      ? offerSwap(idle(state), view.staff, to, duty, view)
      : reply(state, say('swap.noSuch', { code: spoken.rest }))
  }
  const able = view.directory.filter((s) => whyNot(view.staff, s, duty, view) === undefined).slice(0, 8)
  if (able.length === 0) return reply(state, say('swap.nobody', { when: inWords(duty, view) }))
  return {
    state: idle(state),
    effects: [
      {
        do: 'say',
        text: say('swap.whom', { when: inWords(duty, view) }),
        choices: able.map((s) => ({
          token: `s:ask:${s.id}:${duty.from.getTime()}:${duty.until.getTime()}`,
          label: s.name,
        })),
      },
    ],
  }
}

function offerSwap(state: ConversationState, from: StaffFacts, to: StaffFacts, span: Span, view: StaffView): Turned {
  const why = whyNot(from, to, span, view)
  if (why) return reply(state, say('swap.notPossible', { who: to.name, why: say(`swap.why.${why}`) }))
  const when = inWords(span, view)
  return {
    state,
    effects: [
      { do: 'swap', fromStaffId: from.id, toStaffId: to.id, ...span, accepted: false },
      { do: 'say', text: say('swap.asked', { to: to.name, span: when, from: '您' }) },
    ],
  }
}

function swapOnBehalf(state: ConversationState, rest: string, view: StaffView): Turned {
  const spoken = spokenSpan(rest, view.now, view.calendar.zone)
  const [first = '', second = ''] = spoken?.rest.split(/\s+/u) ?? []
  if (!spoken || first === '' || second === '') return reply(state, say('swap.behalfUsage'))
  const from = colleague(first, view)
  const to = colleague(second, view)
  if (!from || !to) return reply(state, say('swap.noSuch', { code: from ? second : first }))
  if (!mayPlanFor(from, view)) return refuse(state)
  const duty = dutyWithin(from.id, spoken, view)
  if (duty === 'past') return reply(state, say('rota.past', { when: inWords(spoken, view) }))
  if (!duty) return reply(state, say('swap.notOn', { when: inWords(spoken, view), who: from.name }))
  const why = whyNot(from, to, duty, view)
  if (why) return reply(state, say('swap.notPossible', { who: to.name, why: say(`swap.why.${why}`) }))
  return {
    state: idle(state),
    effects: [{ do: 'swap', fromStaffId: from.id, toStaffId: to.id, ...duty, accepted: true }],
  }
}

/** 顶班: somebody on duty cannot; a colleague takes their place this minute, until the end of that shift. */
function takeOverNow(state: ConversationState, code: string, view: StaffView): Turned {
  if (code === '') return reply(state, say('swap.takeUsage'))
  const from = colleague(code, view)
  if (!from) return reply(state, say('swap.noSuch', { code }))
  const segments = dutySegments(view.rota, view.calendar, view.now, new Date(view.now.getTime() + 86_400_000))
  const [running] = spansOf(from.id, segments)
  if (!running || running.from > view.now) {
    return reply(state, say('swap.notOn', { when: '现在', who: from.name }))
  }
  const span = { from: view.now, until: running.until }
  const why = whyNot(from, view.staff, span, view)
  if (why) return reply(state, say('swap.notPossible', { who: '您', why: say(`swap.why.${why}`) }))
  return {
    state: idle(state),
    effects: [{ do: 'swap', fromStaffId: from.id, toStaffId: view.staff.id, ...span, accepted: true }],
  }
}

/** Why this colleague cannot stand in; the same agency, because a contract binds its agency. */
function whyNot(
  from: StaffFacts,
  to: StaffFacts,
  span: Span,
  view: StaffView,
): 'self' | 'agency' | 'joined' | 'leave' | 'role' | undefined {
  if (to.id === from.id) return 'self'
  if (to.agencyId === null || to.agencyId !== from.agencyId) return 'agency'
  if (!frontline.includes(to.role)) return 'role'
  if (to.personId === null) return 'joined'
  const away = view.rota.exceptions.some(
    (e) => e.staffId === to.id && !e.onDuty && e.why === 'leave' && e.from < span.until && span.from < e.until,
  )
  return away ? 'leave' : undefined
}

/** The part of somebody's duty that lies in what was said: with whole days, a night shift to its end. */
function dutyWithin(staffId: number, spoken: Span & { hours: boolean }, view: StaffView): Span | 'past' | undefined {
  if (spoken.until <= view.now) return 'past'
  const from = spoken.from > view.now ? spoken.from : view.now
  const reach = new Date(spoken.until.getTime() + (spoken.hours ? 0 : 86_400_000))
  const spans = spansOf(staffId, dutySegments(view.rota, view.calendar, from, reach)).filter(
    (s) => s.from < spoken.until,
  )
  const [first] = spans
  const last = spans.at(-1)
  if (!first || !last) return undefined
  const endless = last.until.getTime() === reach.getTime()
  return { from: first.from, until: endless && !spoken.hours ? spoken.until : last.until }
}

// --- leave

function leave(state: ConversationState, rest: string, view: StaffView): Turned {
  const spoken = spokenSpan(rest, view.now, view.calendar.zone)
  if (!spoken) return reply(state, say('leave.usage'))
  if (spoken.until <= view.now) return reply(state, say('rota.past', { when: inWords(spoken, view) }))
  const from = spoken.from > view.now ? spoken.from : view.now
  const span = { from, until: spoken.until }
  const when = inWords(span, view)
  const without: Rota = {
    ...view.rota,
    exceptions: [...view.rota.exceptions, { staffId: view.staff.id, onDuty: false, why: 'leave', ...span }],
  }
  const holes = holesInWords(view, without, false)
  const told = say('leave.told', { who: view.staff.name, span: when })
  return {
    state: idle(state),
    effects: [
      { do: 'duty', onDuty: false, why: 'leave', ...span },
      { do: 'say', text: say('leave.done', { span: when }) },
      ...leadsOf(view.staff.agencyId, view).map(
        (to): Effect => ({
          do: 'say',
          to,
          text: holes === '' ? told : `${told}\n${say('leave.holes', { lines: holes })}`,
        }),
      ),
    ],
  }
}

function endLeave(state: ConversationState, view: StaffView): Turned {
  const away = view.rota.exceptions.some((e) => e.staffId === view.staff.id && e.until > view.now)
  if (!away) return reply(state, say('leave.noneToEnd'))
  return { state: idle(state), effects: [{ do: 'end_exceptions' }, { do: 'say', text: say('leave.ended') }] }
}

// --- looking

function myShifts(view: StaffView): string {
  const until = new Date(view.now.getTime() + weekMs)
  const spans = spansOf(view.staff.id, dutySegments(view.rota, view.calendar, view.now, until))
  if (spans.length === 0) return say('rota.mine.none')
  const lines = spans.map(
    ({ duty, ...span }) => `${spanInWords(span, view.now, view.calendar.zone)} ${duty.because.split(' ')[0]}`,
  )
  return say('rota.mine', { lines: lines.join('\n') })
}

/** Holes of the coming week: coordinators see all, everybody else their own agency's. */
function holesInWords(view: StaffView, rota: Rota, whole: boolean): string {
  const until = new Date(view.now.getTime() + weekMs)
  const segments = dutySegments(rota, view.calendar, view.now, until)
  const contracts =
    view.staff.role === 'coordinator'
      ? view.contracts
      : view.contracts.filter((c) => c.agencyId === view.staff.agencyId)
  const holes = coverageHoles(contracts, view.directory, segments).filter((h) => whole || h.kind === 'gap')
  if (holes.length === 0) return whole ? say('holes.none') : ''
  const lines = holes.slice(0, whole ? 20 : 5).map((hole) => holeInWords(hole, view.now, view.calendar.zone))
  const more = holes.length > lines.length ? [say('holes.more', { count: holes.length - lines.length })] : []
  return [...(whole ? [say('holes.head')] : []), ...lines, ...more].join('\n')
}

// --- people

const colleague = (code: string, view: StaffView) =>
  view.directory.find((s) => s.code === code.toLowerCase() || s.name === code)

const mayPlanFor = (person: StaffFacts, view: StaffView): boolean =>
  allowed('plan_duty', { own: false, sameAgency: person.agencyId === view.staff.agencyId }, view)

const leadsOf = (agencyId: number | null, view: StaffView): number[] =>
  view.directory.flatMap((s) =>
    s.role === 'lead' && s.agencyId === agencyId && s.personId !== null && s.id !== view.staff.id ? [s.personId] : [],
  )

const inWords = (span: Span, view: StaffView) => spanInWords(span, view.now, view.calendar.zone)
