import { enCrisis } from './en-crisis.ts'
import { enMedia } from './en-media.ts'
import { enMerged } from './en-merged.ts'
import { enResident } from './en-resident.ts'
import { enWays } from './en-ways.ts'
import type { zhWords } from './zh-words.ts'

/** Words for labels that a resident reads. */
const enWords = {
  'subject.self': 'myself',
  'subject.family': 'family',
  'subject.other': 'a neighbour or someone else',
  'subject.unknown': 'not said',
  'community.unknown': 'not clear',
  'contact.here': 'a message here',
  'contact.textOnly': 'text only, no calls',
  'contact.phone': 'phone {phone}',
  'contact.unknown': 'not said',
} as const satisfies Partial<Record<keyof typeof zhWords, string>>

/** Everything a resident reads, in English. What is not here is for colleagues, who read Chinese. */
export const en = { ...enResident, ...enCrisis, ...enWays, ...enMedia, ...enMerged, ...enWords } as const
export type SpokenKey = keyof typeof en
