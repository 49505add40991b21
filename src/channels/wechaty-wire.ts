import { z } from 'zod'

/** What Linbang and the process that runs Wechaty say to one another. Pure. */

/** What the process says. */
export const Told = z.discriminatedUnion('is', [
  /** Somebody must scan this with the phone of the account. */
  z.object({ is: z.literal('scan'), link: z.string() }),
  z.object({ is: z.literal('up') }),
  z.object({ is: z.literal('down') }),
  z.object({
    is: z.literal('heard'),
    id: z.string().min(1),
    from: z.string().min(1),
    /** Wechaty's own name for the kind of message. */
    kind: z.string(),
    text: z.string(),
    /** In ms since 1970. */
    at: z.number(),
  }),
  z.object({ is: z.literal('done'), seq: z.int(), data: z.string().optional(), mime: z.string().optional() }),
  /** `unsent`: it surely did not go out. */
  z.object({ is: z.literal('failed'), seq: z.int(), why: z.enum(['unsent', 'unknown', 'gone', 'too_large']) }),
])
export type Told = z.infer<typeof Told>
export type Heard = Extract<Told, { is: 'heard' }>

/** What the process is asked. */
export const Asked = z.discriminatedUnion('do', [
  /** The message with this id is stored, or could not be: bring it again. */
  z.object({ do: z.literal('stored'), id: z.string(), ok: z.boolean() }),
  z.object({ do: z.literal('send'), seq: z.int(), to: z.string(), texts: z.array(z.string()) }),
  z.object({ do: z.literal('fetch'), seq: z.int(), id: z.string(), bytes: z.number() }),
  z.object({ do: z.literal('stop') }),
])
export type Asked = z.infer<typeof Asked>

/** A puppet by its short name (`service`) or by the name of its package. */
export const packageOf = (puppet: string): string =>
  puppet.startsWith('@') || puppet.startsWith('wechaty-puppet-') ? puppet : `wechaty-puppet-${puppet}`
