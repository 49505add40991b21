import { mask } from '../domain/mask.ts'
import { say } from '../texts/say.ts'
import { needTapped } from './need-talk.ts'
import { reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Event, Turned } from './turned.ts'
import type { StaffView } from './view.ts'

/** 志愿者: tasks and nothing else. Whatever they ask about a resident, there is nothing here that could answer. */
export function volunteerTurn(state: ConversationState, event: Event, view: StaffView): Turned {
  switch (event.kind) {
    case 'started':
      return reply(state, say('volunteer.help'))
    case 'chose':
      return needTapped(state, event.token, view) ?? reply(state, say('need.gone'))
    case 'said':
      return said(state, event.text.normalize('NFKC').trim(), view)
    case 'sent':
    case 'transcribed':
    case 'showed':
    case 'crisis':
      return reply(state, say('volunteer.onlyTasks'))
  }
}

function said(state: ConversationState, text: string, view: StaffView): Turned {
  if (/^\/?(?:帮助|用法|help)$/iu.test(text)) return reply(state, say('volunteer.help'))
  if (/^\/?(?:我的|任务|列表)$/u.test(text)) return reply(state, tasks(view))
  const [only, ...others] = view.lines.filter((line) => line.status === 'taken')
  const lead = view.directory.find((s) => s.id === only?.askedById)
  if (!only || others.length > 0 || !lead || lead.personId === null) return reply(state, say('volunteer.onlyTasks'))
  const passed = say('volunteer.fromVolunteer', { who: view.staff.name, number: only.number, text: mask(text) })
  return {
    state,
    effects: [
      { do: 'say', to: lead.personId, requestId: only.requestId, text: passed },
      { do: 'say', text: say('volunteer.passed', { lead: lead.name }) },
    ],
  }
}

function tasks(view: StaffView): string {
  const lines = view.lines.flatMap(({ task, status }) =>
    task
      ? [
          say('volunteer.line', {
            ...task,
            state: status === 'taken' ? say('volunteer.taken') : say('volunteer.asked'),
          }),
        ]
      : [],
  )
  return lines.length === 0 ? say('volunteer.none') : lines.join('\n')
}
