import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type ActingDeps, makeActing } from './acting.ts'
import { makeGuard } from './guard.ts'
import { noticeRoutes } from './notice-routes.ts'
import { deskPages } from './pages.ts'
import { makeSeats } from './seat.ts'
import { watchRoutes } from './watch-routes.ts'

interface Deps extends ActingDeps {
  /** Absent: this process serves no pages; its chats still tell the way to the desk. */
  readonly server: FastifyInstance | undefined
  readonly publicUrl: string
  readonly zone: string
  readonly root: string
}

/**
 * 工作台: the coordinators' page. Reads the store, and acts by the steps the chat takes.
 * Returns where a browser opens the desk with a key from the chat.
 */
export function openDesk({ server, publicUrl, zone, root, ...deps }: Deps): (key: string) => string {
  if (server) {
    const seats = makeSeats({ ...deps, secure: publicUrl.startsWith('https://') })
    const guard = makeGuard(server, seats)
    const { listUrl } = deps.notices
    deskPages({ server, seats, pagesDir: join(root, 'src', 'pages'), builtDir: join(root, 'dist', 'pages') })
    noticeRoutes({ ...deps, server, guard, seats, acting: makeActing(deps), listUrl })
    watchRoutes({ ...deps, guard, zone })
  }
  return (key) => `${publicUrl}/desk/in/${key}`
}
