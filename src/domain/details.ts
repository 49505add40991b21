import { z } from 'zod'
import { Programme } from './taxonomy.ts'

/** 居民自述,未核实: what the resident told, in their own words. Stored sealed; shown only to those on the request. */
export const Details = z.object({
  words: z.array(z.string()).default([]),
  /** Programmes the classifier thought possible but was not sure of: asked first, never filed without an answer. */
  likely: z.array(Programme).optional(),
  /** What the resident calls the person who needs help: 我妈. */
  kin: z.string().optional(),
  /** Where they live as they said it, when no community fits. */
  place: z.string().optional(),
  contact: z.enum(['here', 'phone']).optional(),
  phone: z.string().optional(),
  /** It came as a recording, perhaps in Minnan. */
  byVoice: z.boolean().optional(),
  /** 本人知道吗: does the person who needs help know that somebody asks for them? */
  subjectKnows: z.enum(['yes', 'no', 'later']).optional(),
})
export type Details = z.infer<typeof Details>

/** The plea as one text, newest last; bounded, because a card must fit a phone. */
export function wordsTogether(details: Details, longest = 300): string {
  const all = details.words.join('；')
  return all.length <= longest ? all : `${[...all].slice(0, longest).join('')}…`
}
