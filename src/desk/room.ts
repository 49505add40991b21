import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type ActingDeps, makeActing } from './acting.ts'
import { makeGuard } from './guard.ts'
import { noticeRoutes } from './notice-routes.ts'
import { deskPages } from './pages.ts'
import { makeSeats } from './seat.ts'
import { watchRoutes } from './watch-routes.ts'

interface Deps extends ActingDeps {
  readonly server: FastifyInstance
  readonly publicUrl: string
  readonly zone: string
  readonly root: string
}

/** 工作台: the coordinators' page. Reads the store, and acts by the steps the chat takes. */
export function openDesk({ server, publicUrl, zone, root, ...deps }: Deps): void {
  const seats = makeSeats({ ...deps, secure: publicUrl.startsWith('https://') })
  const guard = makeGuard(server, seats)
  const { listUrl } = deps.notices
  deskPages({ server, seats, pagesDir: join(root, 'src', 'pages'), builtDir: join(root, 'dist', 'pages') })
  noticeRoutes({ ...deps, server, guard, seats, acting: makeActing(deps), listUrl })
  watchRoutes({ ...deps, guard, zone })
}

/** Where a browser opens the desk with a key from the chat. */
export const deskUrl =
  (publicUrl: string) =>
  (key: string): string =>
    `${publicUrl}/desk/in/${key}`
