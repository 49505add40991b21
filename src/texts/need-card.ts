import { wordsTogether } from '../domain/details.ts'
import { mask } from '../domain/mask.ts'
import type { Need } from '../domain/taxonomy.ts'
import type { VolunteerTask } from '../domain/volunteer-task.ts'
import { type CardFacts, communityOf, howToReach } from './card.ts'
import { sayClock } from './clock.ts'
import { say } from './say.ts'

/** 分工: what a colleague reads of the need they are asked to see to. */
export function helpCard(request: CardFacts, need: Need, lead: string, by: Date, now: Date, zone: string): string {
  return say('need.ask', {
    lead,
    number: request.number,
    need: say(`need.${need}`),
    community: communityOf(request),
    words: mask(wordsTogether(request.details)),
    contact: howToReach(request),
    by: sayClock(by, now, zone),
  })
}

/** A task, a time and a name: nothing else of the request can get here. */
export function volunteerCard(
  { task, when, name }: VolunteerTask,
  lead: string,
  by: Date,
  now: Date,
  zone: string,
): string {
  return say('need.askVolunteer', { task, when, name, lead, by: sayClock(by, now, zone) })
}

export function releasedInWords(line: {
  readonly task: VolunteerTask | null
  readonly number: number
  readonly need: Need
}): string {
  if (line.task) return say('need.releasedVolunteer', { task: line.task.task, when: line.task.when })
  return say('need.released', { number: line.number, need: say(`need.${line.need}`) })
}
