import type { Channel } from './channel.ts'

export function makeTelegram(_options: unknown): Channel {
  throw new Error('being written')
}
