import { z } from 'zod'
import { mediaKinds } from '../domain/media.ts'
import type { Outbound } from '../domain/words.ts'

/** What the outbox sealed, read back through a schema: a stored body is as foreign as any other input. */
const Stored = z.object({
  text: z.string(),
  choices: z.array(z.object({ token: z.string(), label: z.string() })).optional(),
  media: z
    .object({ attachment: z.number(), kind: z.enum(mediaKinds), seconds: z.number().optional() })
    .optional()
    .catch(undefined), // of an older form: its words still go out
})

export const readOutbound = (opened: unknown): Outbound => Stored.parse(opened)
