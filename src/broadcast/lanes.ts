import type { Channel } from '../channels/channel.ts'
import type { Lane } from '../domain/notice.ts'

/** The accounts notices can leave by, as the channels declare themselves. */
export const lanesOf = (channels: readonly Channel[]): Lane[] =>
  channels.map(({ name, account, capabilities }) => ({
    name: `${name}:${account}`,
    perSecond: capabilities.pace === 'unlimited' ? null : capabilities.pace.perSecond,
    window: capabilities.proactive === 'window',
    edits: capabilities.edit,
  }))
