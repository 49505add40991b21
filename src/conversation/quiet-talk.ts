import { spokenSpan } from '../domain/day-words.ts'
import { sayClock } from '../texts/clock.ts'
import { say } from '../texts/say.ts'
import { allowed, idle, refuse, reply } from './staff-answers.ts'
import type { ConversationState } from './state.ts'
import type { Event, Turned } from './turned.ts'
import type { ResidentView, StaffView } from './view.ts'

/** 屏蔽: a coordinator's word, with a reason and an end. What is dangerous comes through all the same. */

/** Longer than this nobody is blocked by one word; it may be said again. */
const mostDays = 90

/** `undefined`: the text is about something else. */
export function quietOrdered(state: ConversationState, text: string, view: StaffView): Turned | undefined {
  const plain = text.normalize('NFKC').trim()
  const said = /^(解除屏蔽|取消屏蔽|屏蔽)(?:\s*(\d{4,6}))?\s*([\s\S]*)$/u.exec(plain)
  if (!said) return undefined
  const [, order, number, after = ''] = said
  if (number === undefined) return reply(state, say('block.usage'))
  const named = view.named.find(({ request }) => request.number === Number(number))
  if (!named) return reply(state, say('staff.noSuchRequest', { number }))
  if (!allowed('block', named, view)) return refuse(state)
  const personId = named.request.requesterId
  if (order !== '屏蔽') {
    return {
      state: idle(state),
      effects: [
        { do: 'lift_block', personId },
        { do: 'say', to: personId, text: say('block.lifted') },
        { do: 'say', text: say('block.liftedStaff', { number }) },
      ],
    }
  }
  const span = spokenSpan(after, view.now, view.calendar.zone)
  const reason = span?.rest.trim() ?? ''
  const soonEnough = span && span.until.getTime() - view.now.getTime() <= mostDays * 86_400_000
  if (!span || reason.length < 2 || !soonEnough || span.until <= view.now) return reply(state, say('block.usage'))
  const until = endInWords(span.until, view)
  return {
    state: idle(state),
    effects: [
      { do: 'block', personId, reason, until: span.until },
      { do: 'looked', requestId: named.request.id, what: 'block' },
      { do: 'say', to: personId, text: say('block.told', { owner: view.staff.name, until }) },
      { do: 'say', text: say('block.done', { number, until }) },
    ],
  }
}

/** Is this held back? A tap on our own question holds no words; a recording may hold a danger nobody has heard yet. */
export function heldBack(event: Event, view: ResidentView): boolean {
  if (!view.block) return false
  return event.kind === 'said' || event.kind === 'showed' || (event.kind === 'sent' && event.media.kind !== 'voice')
}

export function stillBlocked(state: ConversationState, view: ResidentView): Turned {
  const until = view.block ? endInWords(view.block.until, view) : ''
  return reply(state, say('block.still', { until }))
}

/** The last minute of it: "until midnight" leaves people guessing which day is meant. */
const endInWords = (until: Date, view: Pick<StaffView, 'now' | 'calendar'>): string =>
  sayClock(new Date(until.getTime() - 60_000), view.now, view.calendar.zone)
