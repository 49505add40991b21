import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { AddressKey, Inbound } from '../domain/words.ts'
import { fromOurPage } from '../http/same-site.ts'
import { postsAMinute } from '../http/server.ts'
import { addressOfSession, sessionOf, startSession } from '../http/sessions.ts'
import type { Db } from '../store/db.ts'
import { demoPhoneStates, phoneAddress, staffPhones, timelineOf } from '../store/demo.ts'
import type { Seal } from '../store/secrets.ts'
import { appendWebEvent, listenForWebEvents, webAddress } from '../store/web-events.ts'
import { type Channel, type Receive, SendError } from './channel.ts'
import { mediaRoutes, shownMedia, type WebMedia } from './web-media.ts'
import { pages, type Serving } from './web-pages.ts'
import { openStream } from './web-stream.ts'

export interface WebDeps {
  readonly db: Db
  readonly seal: Seal
  readonly databaseUrl: string
  readonly now: () => Date
  readonly log: Logger
  readonly account: string
  /** What pages send and what they open. */
  readonly media: WebMedia
  /** The server and pages of a process that serves web chats; without it this one only delivers to them. */
  readonly serve?: Serving
}

const longestText = 10_000
const Post = z.union([
  z.strictObject({ id: z.string().min(1).max(64), text: z.string().max(longestText) }),
  z.strictObject({
    id: z.string().min(1).max(64),
    choice: z.string().min(1).max(64),
    label: z.string().max(100).optional(),
  }),
])

/** Web chat: a page, a POST and an event stream. What a page shows are rows, so any process may send and any may show. */
export function makeWeb(deps: WebDeps): Channel {
  const { db, seal, account, now } = deps
  const key = (externalId: string): AddressKey => ({ channel: 'web', account, externalId })
  const show = async (to: AddressKey, kind: 'message' | 'edit', dedupeKey: string, body: unknown): Promise<number> => {
    try {
      const addressId = await webAddress(db, to)
      if (addressId === undefined) throw new SendError('gone', 'this web chat does not exist')
      return await appendWebEvent(db, seal, { addressId, kind, dedupeKey, body, at: now() })
    } catch (error) {
      throw error instanceof SendError
        ? error
        : new SendError('transient', 'the store did not take the event', { cause: error })
    }
  }
  let listener: { close(): Promise<void> } | undefined

  return {
    name: 'web',
    account,
    capabilities: {
      choices: 'buttons',
      edit: true,
      maxTextChars: longestText,
      proactive: 'always',
      media: ['voice', 'picture', 'video', 'file'],
      pace: 'unlimited',
    },
    start: async (receive) => {
      if (!deps.serve) return
      const watching = new Map<number | string, Set<() => void>>()
      listener = listenForWebEvents(deps.databaseUrl, (id) => wakeAll(watching.get(id)), deps.log)
      routes({ ...deps, serve: deps.serve }, key, receive, watching)
    },
    stop: async () => {
      await listener?.close()
    },
    send: async (to, message, idempotencyKey) => {
      const { text, choices, media } = message
      const body = { text, ...(choices ? { choices } : {}), ...(media ? { media: shownMedia(media) } : {}) }
      const id = await show(to, 'message', `send:${idempotencyKey}`, body)
      return { externalId: String(id) }
    },
    fetchMedia: async (media) => ({
      data: await deps.media.uploads.fetch(media),
      ...(media.mime === undefined ? {} : { mime: media.mime }),
    }),
    forgetMedia: (media) => deps.media.uploads.forget(media),
    edit: async (to, externalId, message) => {
      const { text, choices } = message
      const body = { replaces: Number(externalId), text, ...(choices ? { choices } : {}) }
      await show(to, 'edit', `edit:${to.externalId}:${externalId}:${text.length}:${choices?.length ?? 0}`, body)
    },
  }
}

// --- the pages and their two routes

type ServingDeps = WebDeps & { readonly serve: Serving }

function routes(
  deps: ServingDeps,
  key: (externalId: string) => AddressKey,
  receive: Receive,
  watching: Map<number | string, Set<() => void>>,
): void {
  const { db, seal, now } = deps
  const { server, demo, secure } = deps.serve
  pages({ ...deps, who: (request) => addressFrom(request, key) })
  mediaRoutes({
    ...deps,
    server,
    key,
    receive,
    visitor: (request, reply) => visitor(request, reply, deps),
    woken: (who) => wakeAll(watching.get(who)),
  })

  const max = ({ body }: FastifyRequest) => {
    const read = Post.safeParse(body)
    return read.success && 'text' in read.data && deps.serve.urgent(read.data.text) ? postsAMinute * 10 : postsAMinute
  }
  // After the body is read: how much is too much depends on what is said.
  server.post('/chat/messages', { config: { rateLimit: { hook: 'preHandler', max } } }, async (request, reply) => {
    if (!fromOurPage(request)) return reply.code(403).send({ message: '请在本网页里发消息。' })
    const who = visitor(request, reply, deps)
    if (who === undefined) return reply.code(404).send({ message: '没有这部电话。' })
    const read = Post.safeParse(request.body)
    if (!read.success) return reply.code(400).send({ message: '这条消息看不懂,请重新发一次。' })
    const post = read.data
    if ('text' in post && post.text.trim() === '') return reply.code(400).send({ message: '这条消息是空的。' })
    const heard: Inbound = {
      key: post.id,
      from: key(who),
      sentAt: now(),
      content:
        'text' in post
          ? { kind: 'text', text: post.text }
          : { kind: 'choice', token: post.choice, ...(post.label === undefined ? {} : { label: post.label }) },
    }
    const addressId = (await webAddress(db, key(who))) ?? (await arrive(who))
    if (addressId !== undefined) {
      // Before the answer can come, so that it stands above it; the page calls it sent only after the 202.
      const text = 'text' in post ? post.text : (post.label ?? '')
      const dedupeKey = `mine:${addressId}:${post.id}`
      await appendWebEvent(db, seal, { addressId, kind: 'mine', dedupeKey, body: { key: post.id, text }, at: now() })
    }
    await receive(heard)
    // The very first message has just made the address that the page's stream is waiting for.
    wakeAll(watching.get(who))
    return reply.code(202).send({ ok: true })
  })

  server.get('/chat/events', async (request, reply) => {
    const who = visitor(request, reply, deps)
    if (who === undefined) return reply.code(404).send({ message: '没有这部电话。' })
    openStream({ db, seal, watching, log: deps.log }, key(who), request, reply)
  })

  /** A new visitor is known from here on; nothing is said yet. */
  async function arrive(who: string): Promise<number | undefined> {
    await receive({ key: 'here', from: key(who), content: { kind: 'lifecycle', event: 'unblocked' } })
    return webAddress(db, key(who))
  }

  if (!demo) return
  server.get('/demo/phones', async () => ({ phones: await demoPhoneStates(db) }))
  server.get('/demo/timeline', async (request) => {
    const session = sessionOf(request)
    const addressId = session === undefined ? undefined : await webAddress(db, key(addressOfSession(session)))
    return { entries: addressId === undefined ? [] : await timelineOf(db, addressId) }
  })
  server.post('/demo/new-resident', async (request, reply) => {
    if (!fromOurPage(request)) return reply.code(403).send({ message: '请在本网页里操作。' })
    startSession(reply, secure)
    return { ok: true }
  })
}

function wakeAll(watchers: ReadonlySet<() => void> | undefined): void {
  for (const wake of watchers ?? []) wake()
}

function addressFrom(request: FastifyRequest, key: (externalId: string) => AddressKey): AddressKey | undefined {
  const session = sessionOf(request)
  return session === undefined ? undefined : key(addressOfSession(session))
}

/** Whose chat this is: the visitor's own, or in the demo one of the shared staff phones. `undefined`: no such phone. */
function visitor(request: FastifyRequest, reply: FastifyReply, { serve }: ServingDeps): string | undefined {
  const { phone } = z.object({ phone: z.string().optional() }).catch({}).parse(request.query)
  if (phone !== undefined) {
    return serve.demo && staffPhones.some((p) => p.phone === phone) ? phoneAddress(phone) : undefined
  }
  return addressOfSession(sessionOf(request) ?? startSession(reply, serve.secure))
}
