import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'
import { type MediaKind, mostBytes } from '../domain/media.ts'
import type { AddressKey, Inbound, MediaRef, OutboundMedia } from '../domain/words.ts'
import { fromOurPage } from '../http/same-site.ts'
import { attachmentOfMessage, mayOpen } from '../store/attachments.ts'
import type { Db } from '../store/db.ts'
import { personAt } from '../store/person-at.ts'
import { preferencesOf } from '../store/preferences.ts'
import type { Seal } from '../store/secrets.ts'
import { appendWebEvent } from '../store/web-events.ts'
import { say } from '../texts/say.ts'
import { voiced } from '../texts/voice.ts'
import type { Receive } from './channel.ts'

/** Recordings, pictures and files on the web page: `POST /chat/media` in, `/chat/media/<id>` out. */

/** Where what a page sends lies until it is settled, and how a link is made; given by `app.ts`. */
export interface WebMedia {
  readonly uploads: {
    keep(
      name: string,
      data: Uint8Array,
      declared: string | undefined,
    ): Promise<
      | { readonly is: 'kept'; readonly kind: MediaKind; readonly media: MediaRef }
      | { readonly is: 'refused'; readonly why: 'too_large' | 'type' }
    >
    fetch(media: MediaRef): Promise<Uint8Array>
    forget(media: MediaRef): Promise<void>
  }
  /** The path of a link that lets this person open it for a while. */
  link(attachmentId: number, viewerPersonId: number, until: Date): string
}

interface MediaRoutes {
  readonly server: FastifyInstance
  readonly db: Db
  readonly seal: Seal
  readonly log: Logger
  readonly now: () => Date
  readonly media: WebMedia
  readonly key: (externalId: string) => AddressKey
  readonly receive: Receive
  readonly visitor: (request: FastifyRequest, reply: FastifyReply) => string | undefined
  /** The page of this visitor has something new. */
  readonly woken: (who: string) => void
}

/** Long enough to hear a long recording to its end, too short to be passed around. */
const linkMs = 10 * 60_000
const largest = Math.max(...Object.values(mostBytes))
/** A recording a second is no person. */
const uploadsAMinute = 20
/** A UUID with or without its dashes: pages on plain http have no other. */
const Query = z.object({ id: z.string().regex(/^[\w-]{32,64}$/) })

/** What a page needs to show it: it opens `url`, which answers only to who may. */
export const shownMedia = ({ attachment, kind, seconds }: OutboundMedia) => ({
  kind,
  url: `/chat/media/${attachment}`,
  ...(seconds === undefined ? {} : { seconds }),
})

export function mediaRoutes(routes: MediaRoutes): void {
  const { server, db, key, media, now } = routes
  server.get('/chat/media/:id', async (request, reply) => {
    const who = routes.visitor(request, reply)
    const read = z
      .object({
        id: z.coerce
          .number()
          .int()
          .positive()
          .max(2 ** 31 - 1),
      })
      .safeParse(request.params)
    const viewer = who === undefined ? undefined : await personAt(db, key(who))
    if (!read.success || viewer === undefined || !(await mayOpen(db, read.data.id, viewer.personId))) {
      return reply.code(404).send({ message: say('media.notHere') })
    }
    const query = z.object({ as: z.literal('recorded') }).safeParse(request.query).success ? '?as=recorded' : ''
    const until = new Date(now().getTime() + linkMs)
    return reply
      .header('cache-control', 'no-store')
      .redirect(`${media.link(read.data.id, viewer.personId, until)}${query}`, 302)
  })

  // In a scope of its own: here a body is bytes of whatever type, and may be long.
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: largest }, (_request, body, done) =>
      done(null, body),
    )
    scope.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      const status = error.statusCode ?? 500
      if (status === 413) return reply.code(413).send({ message: say('media.post.tooLarge') })
      if (status === 429) return reply.code(429).send({ message: error.message })
      if (status >= 500) routes.log.error({ type: error.name }, 'an upload failed')
      return reply.code(status >= 500 ? 503 : status).send({ message: say('media.post.failed') })
    })
    const rateLimit = { max: uploadsAMinute, timeWindow: '1 minute' }
    scope.post('/chat/media', { config: { rateLimit }, bodyLimit: largest }, (request, reply) =>
      take(routes, request, reply),
    )
  })
}

async function take(routes: MediaRoutes, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { db, seal, now, key, media } = routes
  if (!fromOurPage(request)) return reply.code(403).send({ message: '请在本网页里发消息。' })
  const who = routes.visitor(request, reply)
  if (who === undefined) return reply.code(404).send({ message: '没有这部电话。' })
  const query = Query.safeParse(request.query)
  if (!query.success || !Buffer.isBuffer(request.body) || request.body.length === 0) {
    return reply.code(400).send({ message: say('media.post.failed') })
  }
  const { id } = query.data
  // Sent again after a lost answer: it is here already.
  if (await heardBefore(db, key(who), id)) return reply.code(202).send({ ok: true })
  const kept = await media.uploads.keep(`${who}:${id}`, request.body, request.headers['content-type'])
  if (kept.is === 'refused') {
    return kept.why === 'too_large'
      ? reply.code(413).send({ message: say('media.post.tooLarge') })
      : reply.code(415).send({ message: say('media.post.type') })
  }
  const heard: Inbound = { key: id, from: key(who), sentAt: now(), content: { kind: kept.kind, media: kept.media } }
  try {
    await routes.receive(heard)
  } catch (error) {
    await media.uploads.forget(kept.media).catch(() => undefined)
    throw error
  }
  const person = await personAt(db, key(who))
  const attachment = person && (await attachmentOfMessage(db, person.addressId, id))
  if (person && attachment !== undefined) {
    const text = voiced(say(`media.${kept.kind}`), await preferencesOf(db, person.personId))
    await appendWebEvent(db, seal, {
      addressId: person.addressId,
      kind: 'mine',
      dedupeKey: `mine:${person.addressId}:${id}`,
      body: { key: id, text, media: shownMedia({ attachment, kind: kept.kind }) },
      at: now(),
    })
  }
  routes.woken(who)
  return reply.code(202).send({ ok: true })
}

async function heardBefore(db: Db, who: AddressKey, id: string): Promise<boolean> {
  const person = await personAt(db, who)
  return person !== undefined && (await attachmentOfMessage(db, person.addressId, id)) !== undefined
}

/** The demo's shared phones name themselves in every address that they ask for. */
export function addressedTo(body: unknown, phone: string | undefined): unknown {
  const read = z.looseObject({ media: z.looseObject({ url: z.string() }) }).safeParse(body)
  if (phone === undefined || !read.success) return body
  const { media } = read.data
  return { ...read.data, media: { ...media, url: `${media.url}?phone=${encodeURIComponent(phone)}` } }
}
