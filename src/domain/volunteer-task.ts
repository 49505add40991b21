import { z } from 'zod'
import { mask } from './mask.ts'

/** All that a volunteer learns: what to do, when, and what to call the person (志愿服务条例 §21). */
export const VolunteerTask = z.object({ task: z.string(), when: z.string(), name: z.string() })
export type VolunteerTask = z.infer<typeof VolunteerTask>

/** Characters each part may have: enough for a task, too few for a case history. */
const longest = { task: 40, when: 20, name: 8 }

/**
 * 陪去买菜，周六上午，陈阿姨: three parts between commas, as a worker writes them.
 * @returns undefined when a part is missing or too long; numbers and accounts are hidden.
 */
export function volunteerTask(text: string): VolunteerTask | undefined {
  const parts = mask(text)
    .split(/\s*[,，;；\n]\s*/u)
    .map((part) => part.trim())
  const [task = '', when = '', name = '', ...more] = parts
  const fits = (part: string, most: number) => part !== '' && [...part].length <= most
  return more.length === 0 && fits(task, longest.task) && fits(when, longest.when) && fits(name, longest.name)
    ? { task, when, name }
    : undefined
}
