import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

interface Watched {
  readonly name: string
  readonly account: string
  trouble?(): string | undefined
}

/** What an operator watches. */
export interface Metrics {
  readonly registry: Registry
  readonly orphans: Gauge
  readonly sent: Counter<'outcome' | 'channel'>
  /** 1: the channel cannot hear or speak now. */
  readonly trouble: Gauge<'channel' | 'account'>
  /** What the last daily look at recordings and pictures found, in the process that looked. */
  media(found: { readonly removed: number; readonly suspicious: number; readonly missing: number }): void
  /** Note which channels are in trouble now. */
  watch(channels: readonly Watched[]): () => Promise<void>
}

export function makeMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const orphans = new Gauge({
    name: 'linbang_orphan_requests',
    help: 'Open requests without an owner or a handled deadline. Must be 0.',
    registers: [registry],
  })
  orphans.set(0)
  const sent = new Counter({
    name: 'linbang_outbound_total',
    help: 'Outgoing messages by true outcome and channel.',
    labelNames: ['outcome', 'channel'] as const,
    registers: [registry],
  })
  const trouble = new Gauge({
    name: 'linbang_channel_trouble',
    help: 'Channels that cannot hear or speak now. Must be 0.',
    labelNames: ['channel', 'account'] as const,
    registers: [registry],
  })
  const removed = new Counter({
    name: 'linbang_media_leftovers_removed_total',
    help: 'Contents that belonged to no row, and were removed.',
    registers: [registry],
  })
  const suspicious = new Gauge({
    name: 'linbang_media_leftovers_suspicious',
    help: 'Contents that belong to no row, so many that they were left alone. Must be 0.',
    registers: [registry],
  })
  const missing = new Gauge({
    name: 'linbang_media_missing',
    help: 'Contents that a row names and that are not in the store. Must be 0.',
    registers: [registry],
  })
  const media: Metrics['media'] = (found) => {
    removed.inc(found.removed)
    suspicious.set(found.suspicious)
    missing.set(found.missing)
  }
  const watch = (channels: readonly Watched[]) => async () => {
    for (const { name: channel, account, trouble: ask } of channels) {
      if (ask) trouble.set({ channel, account }, ask() === undefined ? 0 : 1)
    }
  }
  return { registry, orphans, sent, trouble, media, watch }
}
