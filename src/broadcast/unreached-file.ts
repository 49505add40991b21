import type { FastifyInstance } from 'fastify'
import { DateTime } from 'luxon'
import writeSheets from 'write-excel-file/node'
import { z } from 'zod'
import { broadcast } from '../store/broadcasts.ts'
import type { Db } from '../store/db.ts'
import { type Unreached, unreached } from '../store/recipients.ts'
import type { Seal } from '../store/secrets.ts'
import { aliasOf, reasonInWords } from '../texts/notice-card.ts'
import { say } from '../texts/say.ts'

/** 未达名单 as a file: who was not reached, by community, to take along to the doors. Aliases only, no number and no address. */

const linkHours = 24
const Ticket = z.object({ notice: z.number(), until: z.number() })

/** A link that opens the list of one notice for a day; whoever cannot seal cannot make one. */
export function makeListUrl(
  publicUrl: string,
  seal: Seal,
): (broadcastId: number, now: Date) => { url: string; until: Date } {
  return (broadcastId, now) => {
    const until = new Date(now.getTime() + linkHours * 3_600_000)
    const ticket = seal.seal({ notice: broadcastId, until: until.getTime() })
    return { url: `${publicUrl}/notices/unreached.xlsx?ticket=${ticket}`, until }
  }
}

export function serveUnreached(
  server: FastifyInstance,
  { db, seal, zone, now }: { db: Db; seal: Seal; zone: string; now: () => Date },
): void {
  server.get<{ Querystring: { ticket?: unknown } }>('/notices/unreached.xlsx', async (request, reply) => {
    const ticket = read(seal, request.query.ticket)
    // Wrong, forged or too old: it is not said which.
    if (!ticket || ticket.until < now().getTime() || !(await broadcast(db, ticket.notice))) {
      return reply.code(404).type('text/plain; charset=utf-8').send(say('unreached.gone'))
    }
    const rows = await unreached(db, ticket.notice)
    return reply
      .header('content-type', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
      .header('content-disposition', `attachment; filename="notice-${ticket.notice}.xlsx"`)
      .header('cache-control', 'no-store')
      .send(await unreachedFile(ticket.notice, rows, zone))
  })
}

function read(seal: Seal, ticket: unknown): z.infer<typeof Ticket> | undefined {
  try {
    return Ticket.parse(seal.open(z.string().parse(ticket)))
  } catch {
    return undefined
  }
}

/** The sheet as it is printed and carried: its first line stays in sight. */
function unreachedFile(broadcastId: number, rows: readonly Unreached[], zone: string): Promise<Buffer> {
  const head = columns.map(({ title }) => ({ value: say(title), fontWeight: 'bold' as const }))
  return writeSheets([
    {
      sheet: say('unreached.sheet', { id: broadcastId }),
      columns: columns.map(({ width }) => ({ width })),
      stickyRowsCount: 1,
      orientation: 'landscape',
      data: [head, ...rows.map((row) => cells(row, zone).map((value) => ({ value })))],
    },
  ]).toBuffer()
}

const columns = [
  { title: 'unreached.street', width: 12 },
  { title: 'unreached.community', width: 16 },
  { title: 'unreached.who', width: 16 },
  { title: 'unreached.textOnly', width: 14 },
  { title: 'unreached.why', width: 28 },
  { title: 'unreached.door', width: 16 },
  { title: 'unreached.told', width: 20 },
] as const

function cells(row: Unreached, zone: string): string[] {
  return [
    row.street ?? '',
    row.community ?? say('bc.community.unknown'),
    aliasOf(row),
    row.textOnly ? say('unreached.yes') : '',
    reasonInWords(row.reason),
    row.doorStaff ?? '',
    row.toldAt === null ? '' : DateTime.fromJSDate(row.toldAt, { zone }).toFormat('yyyy-MM-dd HH:mm'),
  ]
}
