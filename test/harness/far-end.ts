import { pino } from 'pino'
import type { Capabilities, Channel } from '../../src/channels/channel.ts'
import type { AddressKey, ChannelName, Outbound } from '../../src/domain/words.ts'
import { type DeliverDeps, makeDeliver } from '../../src/outbox/deliver.ts'
import { enqueue, type Letter } from '../../src/outbox/enqueue.ts'
import type { Bell } from '../../src/queue/jobs.ts'
import { transaction } from '../../src/store/db.ts'
import { addressOf } from '../../src/store/messages.ts'
import type { Store } from './store.ts'

/** One message as it reached a phone. */
export interface Arrived {
  readonly to: string
  readonly text: string
  readonly key: string
  readonly at: number
  readonly choices: number
}

/** The far end of a wire: an account that a test can make fail, be slow or cut off. It speaks the channel contract. */
export interface FarEnd {
  readonly channel: Channel
  readonly arrived: Arrived[]
  readonly edited: { externalId: string; text: string; choices: number }[]
  /** Called before each send or edit; what it throws is what the far end answers. */
  before: (to: AddressKey, text: string, key: string) => Promise<void> | void
}

export function farEnd(clock: Clock, capabilities: Partial<Capabilities> = {}, name: ChannelName = 'telegram'): FarEnd {
  const end: FarEnd = {
    arrived: [],
    edited: [],
    before: () => undefined,
    channel: {
      name,
      account: '100',
      capabilities: {
        choices: 'buttons',
        edit: true,
        maxTextChars: 4096,
        proactive: 'always',
        media: [],
        pace: 'unlimited',
        ...capabilities,
      },
      start: async () => undefined,
      stop: async () => undefined,
      send: async (to, message, key) => {
        await end.before(to, message.text, key)
        const { text, choices = [] } = message
        end.arrived.push({ to: to.externalId, text, key, at: clock.now().getTime(), choices: choices.length })
        return { externalId: `m${end.arrived.length}` }
      },
      ...(capabilities.edit === false
        ? {}
        : {
            edit: async (to: AddressKey, externalId: string, message: Outbound) => {
              await end.before(to, message.text, 'edit')
              end.edited.push({ externalId, text: message.text, choices: message.choices?.length ?? 0 })
            },
          }),
    },
  }
  return end
}

export interface Clock {
  readonly now: () => Date
  forward(ms: number): void
  to(at: Date): void
}

export function makeClock(start = '2026-03-02T02:00:00Z'): Clock {
  let at = new Date(start).getTime()
  return {
    now: () => new Date(at),
    forward: (ms) => {
      at += ms
    },
    to: (then) => {
      at = Math.max(at, then.getTime())
    },
  }
}

/** An outbox on a real store, its far ends and the bells it rang. */
export function makePost(store: Store, clock: Clock, ends: readonly FarEnd[]) {
  const { db, seal } = store
  const rung: Bell[] = []
  const deliverer = (more: Partial<DeliverDeps> = {}) =>
    makeDeliver({
      db,
      seal,
      channels: new Map(ends.map(({ channel }) => [`${channel.name}:${channel.account}`, channel])),
      ring: async (bells) => void rung.push(...bells),
      now: clock.now,
      log: pino({ level: 'silent' }),
      ...more,
    })
  return {
    rung,
    deliverer,
    /** A person at one address of one channel. */
    person: (externalId: string, channel: ChannelName = 'telegram') =>
      transaction(db, (tx) => addressOf(tx, { channel, account: '100', externalId }, clock.now())),
    /** Another address of a person who is known already. */
    also: async (personId: number, externalId: string, channel: ChannelName, heardAt: Date) =>
      (await db.address.create({ data: { personId, channel, account: '100', externalId, lastHeardAt: heardAt } })).id,
    write: async (
      letter: Omit<Letter, 'outbound' | 'priority'> & { text: string; priority?: Letter['priority']; choices?: number },
    ) => {
      const { text, choices = 0, priority = 1, ...rest } = letter
      const menu = Array.from({ length: choices }, (_, i) => ({ token: `q:${i}`, label: `第${i + 1}个` }))
      const bells: Bell[] = []
      const outbound = { text, ...(choices > 0 ? { choices: menu } : {}) }
      const id = await transaction(db, (tx) => enqueue(tx, bells, seal, { ...rest, outbound, priority }, clock.now()))
      return { id, bells }
    },
    rows: () => db.outboundMessage.findMany({ orderBy: { id: 'asc' } }),
    /** Answer every bell, forward in time, until none is left; returns how many were answered. */
    runBells: async (deliver: readonly ((ids: { addressId: number }) => Promise<void>)[], most = 10_000) => {
      let answered = 0
      for (; rung.length > 0 && answered < most; answered++) {
        const time = (bell: Bell) => bell.at?.getTime() ?? 0
        rung.sort((a, b) => time(a) - time(b))
        const bell = rung.shift()
        if (bell?.job !== 'deliver' && bell?.job !== 'bulk') continue
        if (bell.at) clock.to(bell.at)
        const ids = bell.job === 'bulk' ? bell.ids.addressIds : [bell.ids.addressId]
        for (const addressId of ids) await deliver[answered % deliver.length]?.({ addressId })
      }
      return answered
    },
  }
}
