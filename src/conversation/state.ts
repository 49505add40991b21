import { z } from 'zod'
import { Need } from '../domain/taxonomy.ts'

/**
 * What the conversation remembers between two turns, per person. Versioned: a state of an older version is migrated, and
 * one that cannot be read any more begins anew at `idle` — nobody is stuck in a dialogue that a deploy has changed,
 * because everything that matters stands on the request.
 */

export const slots = ['words', 'subject', 'community', 'programme', 'contact', 'phone', 'subjectKnows'] as const
export type Slot = (typeof slots)[number]
const SlotName = z.enum(slots)

const Step = z.discriminatedUnion('step', [
  z.object({ step: z.literal('idle') }),
  /** The notice was shown; what was said meanwhile is held here and kept only after a yes. */
  z.object({ step: z.literal('consent'), held: z.array(z.string()) }),
  z.object({ step: z.literal('unsure'), held: z.array(z.string()) }),
  z.object({ step: z.literal('intake'), asking: SlotName, asked: z.array(SlotName) }),
  z.object({ step: z.literal('confirm'), asked: z.array(SlotName) }),
  z.object({ step: z.literal('crisis'), requestId: z.number(), asked: z.enum(['safe', 'where', 'alone', 'done']) }),
  z.object({ step: z.literal('withdraw'), requestId: z.number() }),
  z.object({ step: z.literal('feedback'), requestId: z.number(), asking: z.enum(['solved', 'satisfied']) }),
  z.object({ step: z.literal('which'), text: z.string() }),
  /** Staff: the next text is a note on this request, or the words of the hand-over. */
  z.object({ step: z.literal('noting'), requestId: z.number() }),
  /** Coordinator: a notice is being written; the next text is its words or whom it is for. The draft itself is a row. */
  z.object({
    step: z.literal('notice'),
    asking: z.enum(['text', 'audience', 'alt']),
    /** What is asked again when a picture that came in between has its description. */
    before: z.enum(['text', 'audience']).optional(),
    draft: z.number().nullable(),
  }),
  /** Staff: the next text is what a volunteer is asked to do. */
  z.object({ step: z.literal('tasking'), requestId: z.number(), need: Need, staffId: z.number() }),
])
export type Step = z.infer<typeof Step>

const ConversationState = z.object({
  v: z.literal(1),
  greeted: z.boolean(),
  at: Step,
  /** 机器转写 that was read back and waits for a yes: until then it decides nothing. */
  spoken: z.string().optional(),
})
export type ConversationState = z.infer<typeof ConversationState>

export const newConversation: ConversationState = { v: 1, greeted: false, at: { step: 'idle' } }

/**
 * Read what was stored. What another version wrote and this one does not know: the dialogue begins anew where the request
 * stands, never with a second greeting, and words that waited for an answer to the notice still wait.
 */
export function readState(stored: unknown): ConversationState {
  if (stored === null || stored === undefined) return newConversation
  const read = ConversationState.safeParse(stored)
  if (read.success) return read.data
  const waiting = Waiting.safeParse(stored)
  const at: Step = waiting.success ? { step: 'consent', held: waiting.data.at.held } : { step: 'idle' }
  return { ...newConversation, greeted: true, at }
}

/** The one thing of a state that stands nowhere else. */
const Waiting = z.object({ at: z.object({ held: z.array(z.string()).min(1) }) })
