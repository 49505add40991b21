import { z } from 'zod'
import { channelNames, type Outbound } from '../domain/words.ts'

/** What the outbox sealed, read back through a schema: a stored body is as foreign as any other input. */
const Stored = z.object({
  text: z.string(),
  choices: z.array(z.object({ token: z.string(), label: z.string() })).optional(),
  media: z
    .object({
      id: z.string(),
      mime: z.string().optional(),
      bytes: z.number().optional(),
      seconds: z.number().optional(),
      kind: z.enum(['voice', 'picture', 'video', 'file']),
      channel: z.enum(channelNames),
    })
    .optional(),
})

export const readOutbound = (opened: unknown): Outbound => Stored.parse(opened)
