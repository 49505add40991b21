import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'

/** What an operator watches. */
export interface Metrics {
  readonly registry: Registry
  readonly orphans: Gauge
  readonly sent: Counter<'outcome' | 'channel'>
  /** 1: the channel cannot hear or speak now. */
  readonly trouble: Gauge<'channel' | 'account'>
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
  return { registry, orphans, sent, trouble }
}
