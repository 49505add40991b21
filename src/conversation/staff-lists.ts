import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import type { StaffView } from './view.ts'

/** 我的: what this person answers for or works on, and the needs that were given to them. */
export function mineInWords(view: StaffView): string {
  const given = view.lines.filter((l) => l.assignee.id === view.staff.id && l.status === 'taken')
  const helping = given.map((l) => {
    const community = view.helping.find((r) => r.id === l.requestId)?.community ?? say('community.unknown')
    return say('need.mineLine', { number: l.number, need: say(`need.${l.need}`), community })
  })
  const shared = helping.length === 0 ? [] : [say('need.mine', { lines: helping.join('\n') })]
  if (view.mine.length + shared.length === 0) return say('mine.none')
  return [
    ...view.mine.map((r) =>
      say('mine.line', {
        number: r.number,
        urgency: say(`urgency.${r.urgency}`),
        state: say(`state.${r.status}`),
        community: r.community ?? say('community.unknown'),
        by: r.deadline ? sayClock(r.deadline.at, view.now, view.calendar.zone) : '',
      }),
    ),
    ...shared,
  ].join('\n')
}

/** 值班: who is on now and why; everybody sees their own agency, a coordinator all. */
export function dutyInWords(view: StaffView): string {
  if (view.onDutyNow.length === 0) return say('duty.none')
  const lines = view.onDutyNow.flatMap((duty) => {
    const person = view.directory.find((s) => s.id === duty.staffId)
    const shown = person && (view.staff.role === 'coordinator' || person.agencyId === view.staff.agencyId)
    return shown ? [`${person.name} ${duty.because}`] : []
  })
  return lines.length === 0 ? say('duty.none') : say('duty.today', { lines: lines.join('\n') })
}
