import type { zhMerged } from './zh-merged.ts'

export const enMerged = {
  'merged.taken':
    '{worker} is already looking after what you told us.\n{worker} will write to you by {by}.\nYou can leave a message for {worker} here.',
  'merged.waiting':
    '{owner} is responsible for your request {number} and is looking for a worker.\nSomebody will answer you by {by}.',
  'parted.taken':
    'Your request {number} is now looked after on its own by {worker}.\n{worker} will write to you by {by}.',
  'parted.waiting':
    'Your request {number} is now handled on its own. {owner} is responsible and is looking for a worker.\nSomebody will answer you by {by}.',
} as const satisfies Record<keyof typeof zhMerged, string>
