import type { Logger } from 'pino'
import type { Bounced } from '../channels/channel.ts'
import type { Db } from '../store/db.ts'
import { bounceSent } from '../store/reply-windows.ts'
import type { DeliverDeps } from './deliver.ts'

export interface BounceDeps {
  readonly db: Db
  readonly log: Logger
  readonly onUndelivered: NonNullable<DeliverDeps['onUndelivered']>
}

/** A message that counted as sent has not arrived: the row says so, and whoever answers for it is told. */
export function makeBounced({ db, log, onUndelivered }: BounceDeps): Bounced {
  return async ({ to, externalId, failure }) => {
    for (const { id: outboundId, personId, requestId } of await bounceSent(db, to, externalId, failure)) {
      log.warn({ outboundId, failure }, 'a sent message did not arrive')
      await onUndelivered({ outboundId, personId, requestId, failure })
    }
  }
}
