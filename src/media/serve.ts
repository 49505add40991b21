import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { attachmentById, mayOpen } from '../store/attachments.ts'
import type { Blobs } from '../store/blobs.ts'
import type { Db } from '../store/db.ts'
import { logLook } from '../store/people.ts'
import type { Seal } from '../store/secrets.ts'
import { staffOfPerson } from '../store/staff-of-person.ts'
import type { Links } from './links.ts'
import { fileName, formOf } from './open.ts'

interface ServeDeps {
  readonly server: FastifyInstance
  readonly db: Db
  readonly seal: Seal
  readonly blobs: Blobs
  readonly links: Links
  readonly now: () => Date
}

/** What every page can show in its place; a recording comes in the form made for that where there is one. */
const shownInPlace = ['audio/mpeg', 'audio/wav', 'image/jpeg', 'image/png', 'image/webp', 'image/gif', 'video/mp4']

/** `/media/<token>`: for those who are on the request at this very moment, while the link lasts. Everybody else: nothing here. */
export function serveMedia({ server, db, seal, blobs, links, now }: ServeDeps): void {
  server.get('/media/:token', async (request, reply) => {
    const { token } = z.object({ token: z.string().max(100) }).parse(request.params)
    const said = links.read(token, now())
    if (!said || !(await mayOpen(db, said.attachmentId, said.viewerPersonId))) return nothingHere(reply)
    const row = await attachmentById(db, seal, said.attachmentId)
    const form = row && formOf(row, recorded(request) ? [] : shownInPlace)
    const data = form && (await blobs.get(form.key))
    if (!row || !form || !data) return nothingHere(reply)
    const staffId = await staffOfPerson(db, said.viewerPersonId)
    if (staffId !== undefined && row.personId !== said.viewerPersonId) {
      await logLook(db, { staffId, requestId: row.requestId, what: 'media', at: now() })
    }
    const place = row.kind !== 'file' && shownInPlace.includes(form.mime) ? 'inline' : 'attachment'
    reply
      .type(form.mime === 'text/plain' ? 'text/plain; charset=utf-8' : form.mime)
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'private, no-store')
      .header('referrer-policy', 'no-referrer')
      .header('content-security-policy', "default-src 'none'; sandbox")
      .header('cross-origin-resource-policy', 'same-origin')
      .header('content-disposition', `${place}; filename="${fileName(row.id, form.mime)}"`)
      .header('accept-ranges', 'bytes')
    return partOf(request, reply, Buffer.from(data))
  })
}

const nothingHere = (reply: FastifyReply) =>
  reply.code(404).header('cache-control', 'no-store').send({ message: '这个链接打不开了，请回到聊天里再点一次。' })

/** `?as=recorded`: as it was recorded, for whoever wants to hear exactly that. */
const recorded = (request: FastifyRequest): boolean =>
  z.object({ as: z.literal('recorded') }).safeParse(request.query).success

/** Players ask for pieces; some phones play nothing from a server that does not give them. */
function partOf(request: FastifyRequest, reply: FastifyReply, data: Buffer) {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '')
  if (!asked || (asked[1] === '' && asked[2] === '')) return reply.send(data)
  const [, first = '', last = ''] = asked
  const from = first === '' ? Math.max(0, data.length - Number(last)) : Number(first)
  const to = first === '' || last === '' ? data.length - 1 : Math.min(Number(last), data.length - 1)
  if (from > to || from >= data.length) {
    return reply.code(416).header('content-range', `bytes */${data.length}`).send()
  }
  return reply
    .code(206)
    .header('content-range', `bytes ${from}-${to}/${data.length}`)
    .send(data.subarray(from, to + 1))
}
