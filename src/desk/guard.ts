import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Action, may } from '../domain/authorise.ts'
import { fromOurPage } from '../http/same-site.ts'
import { say } from '../texts/say.ts'
import type { Seat, Seats } from './seat.ts'

/** What a handler at the desk answers with: words for the person where it is no. */
export interface Answer {
  readonly code?: number
  readonly body: unknown
}

type Handle = (seat: Seat, request: FastifyRequest) => Promise<Answer>

/** The one door of every route at the desk: our page, a seat, and the right to this very action by the house's table. */
export function makeGuard(server: FastifyInstance, seats: Seats) {
  const guarded =
    (action: Action, handle: Handle) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.header('cache-control', 'no-store')
      if (!fromOurPage(request)) return reply.code(403).send({ message: say('desk.elsewhere') })
      const seat = await seats.of(request)
      if (!seat) return reply.code(401).send({ message: say('desk.ended') })
      if (!may(seat.staff.role, action, { own: false, sameAgency: false })) {
        return reply.code(403).send({ message: say('desk.notYours') })
      }
      const { code = 200, body } = await handle(seat, request)
      return reply.code(code).send(body)
    }
  return {
    get: (path: string, action: Action, handle: Handle) => void server.get(path, guarded(action, handle)),
    post: (path: string, action: Action, handle: Handle) => void server.post(path, guarded(action, handle)),
  }
}
export type Guard = ReturnType<typeof makeGuard>

export const refused = (code: number, message: string): Answer => ({ code, body: { message } })
