import type { Logger } from 'pino'
import { type Channel, SendError } from '../channels/channel.ts'
import type { Outbound } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import type { Begun, Held } from '../store/sending.ts'
import { readOutbound } from './outbound.ts'
import type { Outcome } from './outcome.ts'
import { unworded, wordingFor } from './wording.ts'

export interface SendDeps {
  readonly db: Db
  readonly seal: Seal
  readonly sendWithinMs: number
  readonly log: Logger
}

/**
 * Unseal one message, put it into the words its reader wants, and hand it to its channel; the only place where
 * `channel.send` is called. Never throws.
 */
export function makeSend(deps: SendDeps): (channel: Channel, to: Held, message: Begun) => Promise<Outcome | SendError> {
  return async (channel, held, message) => {
    const to = { channel: channel.name, account: held.account, externalId: held.externalId }
    const outbound = await open(deps, held, message)
    if (outbound instanceof SendError) return outbound
    try {
      if (message.kind === 'send') {
        const sent = await within(deps.sendWithinMs, channel.send(to, outbound, message.dedupeKey))
        const { externalId, replies } = sent
        return { is: 'sent', externalId, ...(replies === undefined ? {} : { replies }) }
      }
      if (!channel.edit) return { is: 'skipped', why: 'no-edit' }
      if (message.replacesExternalId === null) return { is: 'skipped', why: 'never-sent' }
      await within(deps.sendWithinMs, channel.edit(to, message.replacesExternalId, outbound))
      return { is: 'sent', externalId: undefined }
    } catch (error) {
      if (error instanceof SendError) return error
      // A channel that throws anything else has a fault. Its words may hold the message: only the place is logged.
      deps.log.error(
        { outboundId: message.id, name: nameOf(error), at: placeOf(error) },
        'a channel broke its contract',
      )
      return new SendError('transient', 'the channel broke its contract', { outcomeUnknown: true })
    }
  }
}

async function open({ db, seal, log }: SendDeps, held: Held, message: Begun): Promise<Outbound | SendError> {
  let outbound: Outbound
  try {
    outbound = readOutbound(seal.open(message.bodySealed))
  } catch (error) {
    log.error({ outboundId: message.id, name: nameOf(error) }, 'a message cannot be read: was FIELD_KEY changed?')
    return new SendError('invalid', 'the stored message cannot be read')
  }
  try {
    return (await wordingFor(db, held, message))(outbound)
  } catch (error) {
    return unworded(error)
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SendError('transient', `no answer within ${ms} ms`, { outcomeUnknown: true })),
      ms,
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => undefined) // a late failure has been counted as unknown already
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error)
const placeOf = (error: unknown): string[] =>
  error instanceof Error
    ? (error.stack ?? '')
        .split('\n')
        .filter((line) => line.trimStart().startsWith('at '))
        .slice(0, 5)
    : []
