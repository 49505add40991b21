import type { FastifyRequest } from 'fastify'

/** A page of another site may not speak in a visitor's name. */
export function fromOurPage(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (typeof site === 'string') return site === 'same-origin' || site === 'none'
  const { origin, host } = request.headers
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}
