import { z } from 'zod'
import { Intent, Need, Programme, Subject, Urgency } from '../domain/taxonomy.ts'

/** What a language model may answer; anything else is no answer. */

export const LlmLabels = z.object({
  intent: Intent,
  programmes: z.array(Programme).max(4),
  needs: z.array(Need).max(11),
  urgency: Urgency,
  subject: Subject,
})
export type LlmLabels = z.infer<typeof LlmLabels>

/** 【智能生成】: two lines for a worker; never shown to a resident. */
export const LlmSummary = z.object({ summary: z.string().min(1).max(400) })
