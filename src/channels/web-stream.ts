import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { AddressKey } from '../domain/words.ts'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { webAddress, webEventsSince } from '../store/web-events.ts'
import { addressedTo } from './web-media.ts'

export interface StreamDeps {
  readonly db: Db
  readonly seal: Seal
  /** Who is to be woken when an address has something new; by external id until the first message has made the address. */
  readonly watching: Map<number | string, Set<() => void>>
  readonly log: Logger
}

const heartbeatMs = 15_000
/** A safety net beneath the notices: a page looks for itself this often. */
const lookMs = 5_000
/** A reader this far behind is cut off; it resumes from what it saw. */
const mostBuffered = 1_000_000
const batch = 200

/** Server-sent events of one chat: replay what the page has not seen, then everything new, in order. */
export function openStream(deps: StreamDeps, who: AddressKey, request: FastifyRequest, reply: FastifyReply): void {
  const { raw } = reply
  let last = lastSeen(request)
  const { phone } = z.object({ phone: z.string().optional() }).catch({}).parse(request.query)
  let addressId: number | undefined
  let busy = false
  let again = false
  let open = true
  let caughtUp = false

  reply.hijack()
  // hijack would drop the session cookie and the security headers
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  raw.write('retry: 2000\n\n')

  const look = async (): Promise<void> => {
    addressId ??= await watch()
    if (addressId !== undefined) await replay(addressId)
    // The page may tell what came before it was opened from what comes now.
    if (open && !caughtUp) raw.write('event: now\ndata: {}\n\n')
    caughtUp = true
  }
  const replay = async (addressId: number): Promise<void> => {
    for (;;) {
      const events = await webEventsSince(deps.db, deps.seal, addressId, last, batch)
      for (const event of events) {
        if (!open) return
        last = event.id
        raw.write(`id: ${event.id}\nevent: ${event.kind}\ndata: ${JSON.stringify(addressedTo(event.body, phone))}\n\n`)
        if (raw.writableLength > mostBuffered) raw.destroy()
      }
      if (events.length < batch) return
    }
  }
  /** One look at a time: two at once could send the same event twice. */
  const wake = (): void => {
    if (busy) {
      again = true
      return
    }
    busy = true
    look()
      .catch((error: unknown) => deps.log.warn({ err: error }, 'a web chat could not be read; it is tried again'))
      .finally(() => {
        busy = false
        if (again && open) {
          again = false
          wake()
        }
      })
  }
  const watch = async (): Promise<number | undefined> => {
    const id = await webAddress(deps.db, who)
    if (id !== undefined) {
      unregister(deps.watching, who.externalId, wake)
      register(deps.watching, id, wake)
    }
    return id
  }
  register(deps.watching, who.externalId, wake)
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), heartbeatMs)
  const looking = setInterval(wake, lookMs)
  raw.on('close', () => {
    open = false
    clearInterval(heartbeat)
    clearInterval(looking)
    unregister(deps.watching, addressId ?? who.externalId, wake)
  })
  wake()
}

type Watching = StreamDeps['watching']

function register(watching: Watching, key: number | string, wake: () => void): void {
  watching.set(key, (watching.get(key) ?? new Set()).add(wake))
}

function unregister(watching: Watching, key: number | string, wake: () => void): void {
  const watchers = watching.get(key)
  watchers?.delete(wake)
  if (watchers?.size === 0) watching.delete(key)
}

function lastSeen(request: FastifyRequest): number {
  const header = request.headers['last-event-id']
  const { after } = z.object({ after: z.string().optional() }).catch({}).parse(request.query)
  const id = Number(header ?? after ?? 0)
  return Number.isSafeInteger(id) && id > 0 ? id : 0
}
