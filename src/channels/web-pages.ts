import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { usual } from '../domain/preferences.ts'
import type { AddressKey } from '../domain/words.ts'
import { fillPage } from '../http/fill.ts'
import { fromOurPage } from '../http/same-site.ts'
import { forgetSession, sessionOf, startSession } from '../http/sessions.ts'
import type { Db } from '../store/db.ts'
import { preferencesAt } from '../store/preferences.ts'
import { htmlLanguage, pageWords } from '../texts/page-words.ts'

/** What the browser is given: the pages in the visitor's language, their parts, and what the visitor prefers. */

/** The server and the files of a process that serves web chats. */
export interface Serving {
  readonly server: FastifyInstance
  readonly secure: boolean
  /** Where the program lies: the pages are in `src/pages`, their scripts in `dist/pages`. */
  readonly root: string
  /** 离开 leads here. */
  readonly leaveUrl: string
  /** A text that must never be held up by a speed limit: whoever has sent too much may still call for help. */
  readonly urgent: (text: string) => boolean
  /** Also serve /demo with its shared staff phones. */
  readonly demo: boolean
}

interface PagesDeps {
  readonly db: Db
  readonly serve: Serving
  /** The visitor's own chat; `undefined` before they have one. */
  readonly who: (request: FastifyRequest) => AddressKey | undefined
}

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json; charset=utf-8',
}

export function pages({ db, serve, who }: PagesDeps): void {
  const { server, secure, root, leaveUrl, demo } = serve
  const pagesDir = join(root, 'src', 'pages')
  const builtDir = join(root, 'dist', 'pages')
  const preferencesOf = async (request: FastifyRequest) => {
    const address = who(request)
    // With the database away the page still opens; it says itself that the connection is down.
    const known = address === undefined ? undefined : await preferencesAt(db, address).catch(() => undefined)
    return known ?? usual
  }
  const file = (path: string, from: string, type: keyof typeof types) => {
    server.get(path, async (request, reply) => {
      if (type === 'html') greet(request, reply, secure)
      return reply.type(types[type]).header('cache-control', 'no-cache').send(readFileSync(from))
    })
  }

  server.get('/', async (request, reply) => {
    greet(request, reply, secure)
    const { language } = await preferencesOf(request)
    const words = pageWords(language)
    const places: Record<string, string> = {
      ...words,
      words: JSON.stringify(words),
      leaveUrl,
    }
    const html = readFileSync(join(pagesDir, 'chat', 'chat.html'), 'utf8')
    const page = fillPage(html.replace('<html lang="zh-CN">', `<html lang="${htmlLanguage(language)}">`), places)
    return reply.type(types.html).header('cache-control', 'no-cache').send(page)
  })
  file('/pages/chat.css', join(pagesDir, 'chat', 'chat.css'), 'css')
  file('/pages/chat.js', join(builtDir, 'chat', 'chat.js'), 'js')
  file('/pages/icon.svg', join(pagesDir, 'chat', 'icon.svg'), 'svg')
  file('/manifest.webmanifest', join(pagesDir, 'chat', 'manifest.webmanifest'), 'webmanifest')
  // At the root, because a service worker only sees what lies below its own address.
  file('/sw.js', join(builtDir, 'chat', 'sw.js'), 'js')

  server.get('/chat/settings', async (request, reply) => {
    const { language, bigText, readAloud, slowly } = await preferencesOf(request)
    const settings = { media: true, lang: htmlLanguage(language), bigText, readAloud, slowly }
    return reply.header('cache-control', 'no-store').send(settings)
  })
  server.post('/chat/forget', async (request, reply) => {
    if (!fromOurPage(request)) return reply.code(403).send({ message: '请在本网页里操作。' })
    forgetSession(reply, secure)
    return { ok: true }
  })

  if (!demo) return
  file('/demo', join(pagesDir, 'demo', 'demo.html'), 'html')
  file('/pages/demo.css', join(pagesDir, 'demo', 'demo.css'), 'css')
  file('/pages/demo.js', join(builtDir, 'demo', 'demo.js'), 'js')
}

function greet(request: FastifyRequest, reply: FastifyReply, secure: boolean): void {
  if (sessionOf(request) === undefined) startSession(reply, secure)
}
