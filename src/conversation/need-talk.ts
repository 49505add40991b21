import { skillFor } from '../domain/policy.ts'
import type { Need } from '../domain/taxonomy.ts'
import { needs } from '../domain/taxonomy.ts'
import { volunteerTask } from '../domain/volunteer-task.ts'
import type { RequestRow } from '../store/requests.ts'
import { say } from '../texts/say.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Turned } from './turned.ts'
import type { NamedRequest, StaffFacts, StaffView } from './view.ts'

/**
 * 分工: one lead worker for a request, and for each of its needs a colleague who sees to it. Until somebody has said yes, and
 * for everything nobody was asked about, the need is the lead worker's.
 */

/** `undefined`: the text is about something else. */
export function needSaid(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  if (state.at.step === 'tasking') return taskTold(state, state.at, text, view)
  const said = /^\/?分工\s*(\d{4,6})?\s*(\S*)\s*(\S*)\s*([\s\S]*)$/u.exec(text.normalize('NFKC').trim())
  if (!said) return undefined
  const named = pick(said[1], view)
  if (!named) return reply(state, said[1] ? say('staff.noSuchRequest', { number: said[1] }) : say('need.usage'))
  if (!allowed('share_work', named, view)) return refuse(state)
  const { request } = named
  if (request.needs.length === 0) return reply(state, say('need.none', request))
  const [wanted = '', who = '', rest = ''] = said.slice(2)
  if (wanted === '') return lines(state, request, view)
  const need = request.needs.find((n) => say(`need.${n}`).includes(wanted))
  if (!need) {
    const known = request.needs.map((n) => say(`need.${n}`)).join('、')
    return reply(state, say('need.unknown', { number: request.number, need: wanted, needs: known }))
  }
  if (who === '') return askWhom(state, request, need, view)
  const to = view.directory.find((s) => s.code === who.toLowerCase() || s.name === who)
  return to ? give(state, request, need, to, rest, view) : reply(state, say('swap.noSuch', { code: who }))
}

/** `nl:who:<request>:<need>`, `nl:ask:<request>:<need>:<staff>`, and `nl:<yes|no|done|back>:<line>`. */
export function needTapped(state: ConversationState, token: string, view: StaffView): Turned | undefined {
  const [kind, act, idText, needText, staffText] = token.split(':')
  if (kind !== 'nl') return undefined
  if (act === 'who' || act === 'ask') {
    const named = view.named.find(({ request }) => request.id === Number(idText))
    const need = needs.find((n) => n === needText && named?.request.needs.includes(n))
    if (!named || !need) return reply(state, say('staff.changed'))
    if (!allowed('share_work', named, view)) return refuse(state)
    if (act === 'who') return askWhom(state, named.request, need, view)
    const to = view.directory.find((s) => s.id === Number(staffText))
    return to ? give(idle(state), named.request, need, to, '', view) : reply(state, say('staff.changed'))
  }
  return answered(state, act ?? '', Number(idText), view)
}

const answers = { yes: 'taken', no: 'declined', done: 'done', back: 'released' } as const

function answered(state: ConversationState, act: string, lineId: number, view: StaffView): Turned {
  const line = view.lines.find((l) => l.id === lineId)
  const answer = Object.entries(answers).find(([name]) => name === act)?.[1]
  const leads = view.mine.some((r) => r.id === line?.requestId && r.assigneeId === view.staff.id)
  const mine = answer === 'released' ? leads : line?.assignee.id === view.staff.id
  if (!line || !answer || !mine) return reply(state, say('need.gone'))
  return { state: idle(state), effects: [{ do: 'answer_need', line, answer }] }
}

// --- asking

function lines(state: ConversationState, request: RequestRow, view: StaffView): Turned {
  const lead = say('need.lead', { who: (request.assignee ?? request.owner).name })
  const told = request.needs.map((need) => {
    const line = view.lines.find((l) => l.requestId === request.id && l.need === need)
    const who = !line
      ? lead
      : line.status === 'asked'
        ? say('need.asked', { who: line.assignee.name })
        : say('need.takenBy', { who: line.assignee.name })
    return say('need.line', { need: say(`need.${need}`), who })
  })
  const choices = request.needs.map((need) => ({ token: `nl:who:${request.id}:${need}`, label: say(`need.${need}`) }))
  const text = [say('need.head', request), ...told].join('\n')
  return { state, effects: [{ do: 'say', requestId: request.id, text, choices }] }
}

/** Most colleagues offered by a tap; anybody else by 工号. */
const most = 7

function askWhom(state: ConversationState, request: RequestRow, need: Need, view: StaffView): Turned {
  const on = new Set(view.onDutyNow.map((d) => d.staffId))
  const skill = skillFor[need]
  const distance = (s: StaffFacts) => (skill !== undefined && s.skills.includes(skill) ? 0 : 2) + (on.has(s.id) ? 0 : 1)
  const able = view.directory
    .filter((s) => mayHelp(s, request, view))
    .sort((a, b) => distance(a) - distance(b) || a.id - b.id)
    .slice(0, most)
  const current = view.lines.find((l) => l.requestId === request.id && l.need === need)
  const back = current ? [{ token: `nl:back:${current.id}`, label: say('need.back') }] : []
  const named = say(`need.${need}`)
  if (able.length + back.length === 0) return reply(state, say('need.nobody', { need: named }))
  const choices = able.map((s) => ({
    token: `nl:ask:${request.id}:${need}:${s.id}`,
    label: `${s.name}（${say(`role.${s.role}`)}）`,
  }))
  const text = say('need.whom', { number: request.number, need: named })
  return { state: idle(state), effects: [{ do: 'say', requestId: request.id, text, choices: [...choices, ...back] }] }
}

function give(
  state: ConversationState,
  request: RequestRow,
  need: Need,
  to: StaffFacts,
  rest: string,
  view: StaffView,
): Turned {
  if (!mayHelp(to, request, view)) return reply(state, say('need.notPossible', { who: to.name }))
  if (to.role === 'volunteer' && rest.trim() === '') {
    const at = { step: 'tasking', requestId: request.id, need, staffId: to.id } as const
    return { state: { ...state, at }, effects: [{ do: 'say', text: say('need.askTask') }] }
  }
  const task = to.role === 'volunteer' ? volunteerTask(rest) : null
  if (task === undefined) {
    // What follows is still meant for the volunteer, never for the resident.
    const at = { step: 'tasking', requestId: request.id, need, staffId: to.id } as const
    return { state: { ...state, at }, effects: [{ do: 'say', text: say('need.badTask') }] }
  }
  return {
    state: idle(state),
    effects: [
      { do: 'ask_need', request, need, to, task },
      { do: 'say', text: say('need.sent', { who: to.name, number: request.number, need: say(`need.${need}`) }) },
    ],
  }
}

function taskTold(
  state: ConversationState,
  { requestId, need, staffId }: Extract<ConversationState['at'], { step: 'tasking' }>,
  text: string,
  view: StaffView,
): Turned {
  if (/^(?:取消|算了|不用了)$/u.test(text.trim())) return reply(idle(state), say('need.notShared'))
  const request = view.mine.find((r) => r.id === requestId)
  const to = view.directory.find((s) => s.id === staffId)
  return request && to ? give(idle(state), request, need, to, text, view) : reply(idle(state), say('staff.changed'))
}

/** Somebody of the agency that has it, reachable, who is not its lead worker. */
function mayHelp(person: StaffFacts, request: RequestRow, view: StaffView): boolean {
  const agencyId = request.assignee?.agencyId ?? view.staff.agencyId
  const helps = ['social_worker', 'nurse', 'counsellor', 'volunteer'].includes(person.role)
  return helps && person.personId !== null && person.agencyId === agencyId && person.id !== request.assigneeId
}

function pick(number: string | undefined, view: StaffView): NamedRequest | undefined {
  if (number !== undefined) return view.named.find(({ request }) => request.number === Number(number))
  const [only, ...others] = view.mine.filter((r) => r.assigneeId === view.staff.id && r.status !== 'resolved')
  return only && others.length === 0
    ? { request: only, own: true, sameAgency: true, helps: false, history: [], notes: [] }
    : undefined
}
