import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { fillPage } from '../http/fill.ts'
import { fromOurPage } from '../http/same-site.ts'
import { deskWords, doorWords } from '../texts/desk-page.ts'
import type { Seats } from './seat.ts'

/** The pages of the desk and the way in: a link only shows a button, and the button uses the link up. */

export interface PagesDeps {
  readonly server: FastifyInstance
  readonly seats: Seats
  readonly pagesDir: string
  readonly builtDir: string
}

type Show = (reply: FastifyReply, code: number, page: string, words: Readonly<Record<string, string>>) => FastifyReply

/** Tries a minute from one address: a key of 128 bits is not guessed, and a wrong one costs a look-up. */
const triesAMinute = 30

export function deskPages({ server, seats, pagesDir, builtDir }: PagesDeps): void {
  const html = (name: string) => readFileSync(join(pagesDir, 'desk', `${name}.html`), 'utf8')
  const show: Show = (reply, code, name, words) =>
    reply
      .code(code)
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      // The form must say where it comes from, and no other site may learn the link.
      .header('referrer-policy', 'same-origin')
      .send(fillPage(html(name), words))

  server.get('/desk', async (request, reply) => {
    if (!(await seats.of(request))) return show(reply, 401, 'closed', doorWords('howTo'))
    const words = deskWords()
    return show(reply, 200, 'desk', { ...words, words: JSON.stringify(words) })
  })
  server.get<{ Params: { key: string } }>('/desk/in/:key', async (request, reply) => {
    const link = await seats.link(request.params.key)
    return link ? show(reply, 200, 'door', doorWords('enterText')) : show(reply, 410, 'closed', doorWords('spent'))
  })
  server.register(async (scope) => forms(scope, seats, show))

  const file = (path: string, from: string, type: string) =>
    server.get(path, async (_request, reply) =>
      reply.type(type).header('cache-control', 'no-cache').send(readFileSync(from)),
    )
  file('/pages/desk.css', join(pagesDir, 'desk', 'desk.css'), 'text/css; charset=utf-8')
  file('/pages/desk.js', join(builtDir, 'desk', 'desk.js'), 'text/javascript; charset=utf-8')
}

/** The two buttons that work without a script. A form has nothing in it but its button. */
function forms(scope: FastifyInstance, seats: Seats, show: Show): void {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, _body, done) =>
    done(null, {}),
  )
  const rateLimit = { max: triesAMinute, timeWindow: '1 minute' }
  scope.post<{ Params: { key: string } }>('/desk/in/:key', { config: { rateLimit } }, async (request, reply) => {
    if (!fromOurPage(request)) return show(reply, 403, 'closed', doorWords('elsewhere'))
    switch (await seats.enter(reply, request.params.key)) {
      case 'in':
        return reply.redirect('/desk', 303)
      case 'link_spent':
        return show(reply, 410, 'closed', doorWords('spent'))
      case 'not_allowed':
        return show(reply, 403, 'closed', doorWords('notAllowed'))
    }
  })
  scope.post('/desk/leave', async (request, reply) => {
    if (!fromOurPage(request)) return show(reply, 403, 'closed', doorWords('elsewhere'))
    const seat = await seats.of(request)
    if (seat) await seats.leave(reply, seat)
    return reply.redirect('/desk', 303)
  })
}
