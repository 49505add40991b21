import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { sessionOf } from './sessions.ts'

export interface ServerDeps {
  readonly log: Logger
  readonly publicUrl: string
  readonly metrics: Registry
  /** What must answer for this process to be ready. */
  readonly checks: readonly { readonly name: string; check(): Promise<void> }[]
  /** What a fuller service would need; it is ready without. */
  readonly missing: () => Promise<readonly string[]>
}

/** Messages a minute from one session before it is asked to slow down: more than a person can type. */
export const postsAMinute = 90
const longestBody = 64 * 1024

/** The one web server: headers, sessions, limits, health and metrics. Channels and the desk put their routes on it. */
export async function makeServer({ log, publicUrl, metrics, checks, missing }: ServerDeps): Promise<FastifyInstance> {
  const secure = publicUrl.startsWith('https://')
  const server = Fastify({
    logger: false, // a request line would hold query codes and session cookies
    bodyLimit: longestBody,
    forceCloseConnections: true, // an open event stream must not hold up a stop
    trustProxy: true,
  })
  await server.register(cookie)
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        mediaSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    hsts: secure,
  })
  await server.register(rateLimit, {
    global: false,
    max: postsAMinute,
    timeWindow: '1 minute',
    keyGenerator: (request: FastifyRequest) => sessionOf(request) ?? request.ip,
    errorResponseBuilder: () => ({
      statusCode: 429,
      message: '发得太快了,请过一会儿再发。有危险请马上打110或120，或发短信到12110592。',
    }),
  })
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ err: error }, 'a web request failed')
    return reply.code(status).send({ message: calm(status, error.message) })
  })
  server.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: '没有这个页面。' }))

  server.get('/healthz', async () => ({ ok: true }))
  server.get('/readyz', async (_request, reply) => {
    const down: string[] = []
    for (const { name, check } of checks) await check().catch(() => down.push(name))
    return down.length === 0 ? { ok: true, missing: await missing() } : reply.code(503).send({ ok: false, down })
  })
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  return server
}

/** Words for people; what went wrong inside stays in the log. */
function calm(status: number, message: string): string {
  if (status === 429) return message
  if (status === 413) return '这条消息太长了,请分几次发。'
  if (status === 415 || status === 400) return '这条消息看不懂,请重新发一次。'
  return '出了点问题,消息没有收到,请再发一次。有危险请马上打110或120，或发短信到12110592。'
}
