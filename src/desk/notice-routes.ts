import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { may } from '../domain/authorise.ts'
import { type DeskFacts, deskActs, type NoticeList, type NoticeShown, type Preview } from '../domain/desk-shown.ts'
import { type BroadcastRow, broadcast, draftsBy, newDraft, recentBroadcasts } from '../store/broadcasts.ts'
import type { Db } from '../store/db.ts'
import { noticeRules } from '../store/notice-rules.ts'
import { logNoticeLook } from '../store/people.ts'
import { say } from '../texts/say.ts'
import { act } from './act.ts'
import type { Acting } from './acting.ts'
import { changeSeen, DraftSent } from './change-draft.ts'
import { type Answer, type Guard, refused } from './guard.ts'
import type { Seat, Seats } from './seat.ts'
import { lineOf, showNotice, showPreview } from './show-notice.ts'

/** Notices at the desk: the list, one notice, its draft, its preview, and what is done with it. */

interface Deps {
  readonly server: FastifyInstance
  readonly db: Db
  readonly guard: Guard
  readonly seats: Seats
  readonly acting: Acting
  readonly now: () => Date
  readonly listUrl: ((broadcastId: number, now: Date) => { url: string }) | undefined
}

/** What the list shows: more than a coordinator sends in a month. */
const listed = 40
const Id = z.object({ id: z.coerce.number().int().positive().max(2_147_483_647) })
const New = z.strictObject({ template: z.string().max(12).optional() })
const Act = z.strictObject({ act: z.enum(deskActs), version: z.int() })

const none = (): Answer => refused(404, say('desk.notice.none'))
const unreadable = (): Answer => refused(400, say('desk.unreadable'))

export function noticeRoutes({ server, db, guard, seats, acting, now, listUrl }: Deps): void {
  /** Drafts are their author's alone. */
  const mayRead = (row: BroadcastRow | undefined, seat: Seat): row is BroadcastRow =>
    row !== undefined && row.status !== 'dropped' && (row.status !== 'draft' || row.authorId === seat.staff.id)
  const withNotice = async (
    seat: Seat,
    request: FastifyRequest,
    what: string | undefined,
    show: (writing: Parameters<Parameters<Acting>[1]>[0], row: BroadcastRow) => Promise<unknown>,
  ): Promise<Answer> => {
    const asked = Id.safeParse(request.params)
    if (!asked.success) return none()
    const { value } = await acting(seat, async (writing) => {
      const row = await broadcast(writing.tx, asked.data.id)
      if (!mayRead(row, seat)) return undefined
      if (what) await logNoticeLook(writing.tx, { staffId: seat.staff.id, what: `${what}:${row.id}`, at: writing.now })
      return { shown: await show(writing, row) }
    })
    return value === undefined ? none() : { body: value.shown ?? {} }
  }

  guard.get('/desk/api/facts', 'open_desk', async (seat) => {
    const { value } = await acting(seat, async ({ tx, view }): Promise<DeskFacts> => {
      const { links, templates } = await noticeRules(tx)
      const { places } = view.notices
      return {
        name: seat.staff.name,
        links,
        templates: templates.map(({ name, kind, text }) => ({ name, kind: say(`notice.kind.${kind}`), text })),
        streets: [...new Set(places.map((place) => place.street))],
        communities: places.map(({ communityId, street, community, aliases }) => ({
          id: communityId,
          street,
          names: [community, ...aliases],
        })),
      }
    })
    return { body: value }
  })

  // Words, authors and counts only: nobody's data, so looking again and again writes no row.
  guard.get('/desk/api/notices', 'broadcast', async (seat) => {
    const { value } = await acting(seat, async ({ tx }): Promise<NoticeList> => {
      const line = (row: BroadcastRow) => lineOf(row, seat.staff.id)
      return {
        drafts: (await draftsBy(tx, seat.staff.id, listed)).map(line),
        notices: (await recentBroadcasts(tx, listed)).map(line),
      }
    })
    return { body: value }
  })

  guard.get('/desk/api/notices/:id', 'broadcast', (seat, request) =>
    withNotice(seat, request, 'notice', (writing, row): Promise<NoticeShown> => showNotice(writing, row)),
  )
  guard.get('/desk/api/notices/:id/progress', 'broadcast', (seat, request) =>
    withNotice(seat, request, undefined, (writing, row): Promise<NoticeShown> => showNotice(writing, row)),
  )
  guard.get('/desk/api/notices/:id/preview', 'broadcast', (seat, request) =>
    withNotice(seat, request, 'preview', (writing, row): Promise<Preview | undefined> => showPreview(writing, row)),
  )

  guard.post('/desk/api/notices', 'broadcast', async (seat, request) => {
    const asked = New.safeParse(request.body)
    if (!asked.success) return unreadable()
    const { value } = await acting(seat, async (writing) => {
      const { tx } = writing
      const { templates } = await noticeRules(tx)
      const template = templates.find(({ name }) => name === asked.data.template)
      const { kind = 'notice', text = '' } = template ?? {}
      const draft = { authorId: seat.staff.id, kind, emergency: kind === 'emergency', text, at: now() }
      return showNotice(writing, await newDraft(tx, draft))
    })
    return { code: 201, body: value }
  })

  guard.post('/desk/api/notices/:id/draft', 'broadcast', async (seat, request) => {
    const asked = Id.safeParse(request.params)
    const sent = DraftSent.safeParse(request.body)
    if (!asked.success || !sent.success) return unreadable()
    const { value } = await acting(seat, (writing) => changeSeen(writing, asked.data.id, sent.data))
    return value
  })

  guard.post('/desk/api/notices/:id/act', 'broadcast', async (seat, request) => {
    const asked = Id.safeParse(request.params)
    const wanted = Act.safeParse(request.body)
    if (!asked.success || !wanted.success) return unreadable()
    const { value, said } = await acting(seat, (writing) => act(writing, asked.data.id, wanted.data))
    if (value === undefined) return none()
    return { code: value.changed ? 409 : 200, body: { ...value, said: value.changed ? say('desk.changed') : said } }
  })

  /** The list of those who were not reached: asked for by a colleague, written down, then the sealed link. */
  server.get('/desk/notices/:id/unreached.xlsx', async (request, reply) => {
    const seat = await seats.of(request)
    if (!seat || !may(seat.staff.role, 'broadcast', { own: false, sameAgency: false }))
      return reply.redirect('/desk', 303)
    const asked = Id.safeParse(request.params)
    const row = asked.success ? await broadcast(db, asked.data.id) : undefined
    if (!row?.startedAt || !listUrl)
      return reply.code(404).type('text/plain; charset=utf-8').send(say('desk.notice.none'))
    await logNoticeLook(db, { staffId: seat.staff.id, what: `unreached:${row.id}`, at: now() })
    const { pathname, search } = new URL(listUrl(row.id, now()).url)
    return reply.header('cache-control', 'no-store').redirect(pathname + search, 303)
  })
}
