import { z } from 'zod'

/** Kinds of settings, each with the words that say what it should be. */

export const url = (schemes: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)), {
    message: `must be an address beginning with ${schemes.map((s) => `${s}://`).join(' or ')}`,
  })
export const flag = z
  .enum(['0', '1', 'true', 'false'], { message: 'must be 1 or 0' })
  .transform((text) => text === '1' || text === 'true')
export const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, { message: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((n) => n >= least && n <= most, { message: `must be a whole number from ${least} to ${most}` })
