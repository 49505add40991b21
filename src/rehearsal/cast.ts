import type { Programme, Urgency } from '../domain/taxonomy.ts'

/** How people behave in a rehearsal: drawn from one seed, so that a month can be played again exactly. */

/** A number in [0, 1); the same seed gives the same row of them (mulberry32). */
export type Dice = () => number

export function diceFrom(seed: number): Dice {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const minute = 60_000
const hour = 60 * minute

/** A pause around `median`, now and then much longer, as people's pauses are. */
export function pause(dice: Dice, medianMs: number): number {
  return medianMs * (0.3 + 1.4 * dice()) * (dice() < 0.1 ? 4 : 1)
}

/** What an offer meets: an answer after a while, or nobody who hears it. */
export type Answer = { readonly after: number; readonly say: 'accept' | 'decline' } | 'sleeps'

/** @param localHour 0 to 23; at night fewer phones are heard, a crisis rings louder. */
export function answerTo(dice: Dice, urgency: Urgency, localHour: number): Answer {
  const night = localHour < 7 || localHour >= 23
  const crisis = urgency === 'crisis'
  const hears = night ? (crisis ? 0.7 : 0.45) : crisis ? 0.97 : 0.92
  if (dice() > hears) return 'sleeps'
  const after = pause(dice, crisis ? minute : urgency === 'urgent' ? 3 * minute : 12 * minute)
  return { after, say: dice() < (crisis ? 0.95 : 0.82) ? 'accept' : 'decline' }
}

/** Whether who accepted speaks to the resident by themselves (else they must be reminded), and after how long. */
export function contactAfter(dice: Dice, urgency: Urgency): number | 'forgets' {
  if (dice() < 0.08) return 'forgets'
  return pause(dice, urgency === 'crisis' ? 3 * minute : urgency === 'urgent' ? 25 * minute : 2 * hour)
}

export const answersReminder = (dice: Dice): boolean => dice() < 0.6

/** Whether who has it gives it on to a colleague before it is done. */
export const handsOn = (dice: Dice): boolean => dice() < 0.05

/** A resident who does not need it any more, or whose next words are a cry for help; and after how long. */
export function secondThought(
  dice: Dice,
): { readonly after: number; readonly say: 'withdrawn' | 'crisis' } | undefined {
  const drawn = dice()
  if (drawn > 0.04) return undefined
  return { after: pause(dice, 2 * hour), say: drawn < 0.03 ? 'withdrawn' : 'crisis' }
}

/** Until it is done; some need weeks. */
export const workTakes = (dice: Dice): number => pause(dice, dice() < 0.7 ? 20 * hour : 4 * 24 * hour)

/** The resident's word after closing; silence is common. */
export function residentSays(dice: Dice): 'solved' | 'not_solved' | 'nothing' {
  const drawn = dice()
  return drawn < 0.6 ? 'solved' : drawn < 0.7 ? 'not_solved' : 'nothing'
}

/** Pleas by hour of the day: few at night, most in the morning. */
const byHour = [1, 1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 8, 6, 6, 8, 8, 8, 7, 6, 6, 6, 5, 4, 2] as const
const busiest = 10

/** The moments of one local day at which somebody asks for help; `perDay` on average. */
export function arrivals(dice: Dice, dayStart: Date, perDay: number): Date[] {
  const all = byHour.reduce<number>((sum, weight) => sum + weight, 0)
  const tries = Math.round((perDay * busiest * 24) / all)
  return Array.from({ length: tries }, () => dice() * 24)
    .filter((at) => dice() * busiest < (byHour[Math.floor(at)] ?? 1))
    .map((at) => new Date(dayStart.getTime() + at * hour))
    .sort((a, b) => a.getTime() - b.getTime())
}

const mix: readonly (readonly [Urgency, number])[] = [
  ['crisis', 0.05],
  ['urgent', 0.2],
  ['soon', 0.35],
  ['normal', 0.4],
]

export function urgencyOf(dice: Dice): Urgency {
  let drawn = dice()
  for (const [urgency, share] of mix) {
    if (drawn < share) return urgency
    drawn -= share
  }
  return 'normal'
}

/** `none`: the machine cannot tell, a coordinator must. */
export function programmeOf(dice: Dice): Programme | 'none' {
  const drawn = dice()
  if (drawn < 0.5) return 'elder'
  if (drawn < 0.7) return 'disability'
  if (drawn < 0.82) return 'migrant'
  return drawn < 0.92 ? 'single_mother' : 'none'
}

/** What befalls one colleague on one day. */
export function mishap(dice: Dice): 'ill' | 'phone_lost' | undefined {
  const drawn = dice()
  return drawn < 0.01 ? 'ill' : drawn < 0.015 ? 'phone_lost' : undefined
}

export const pick = <T>(dice: Dice, from: readonly T[]): T | undefined => from[Math.floor(dice() * from.length)]
