import { createHash, randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** No login: an unguessable cookie is the resident's key to their own chat. Only its hash is stored. */
const name = 'linbang'
const yearSeconds = 365 * 24 * 3600
const wellFormed = /^[A-Za-z0-9_-]{22}$/

/** The visitor's session key, if they bring one. */
export function sessionOf(request: FastifyRequest): string | undefined {
  const key = request.cookies[name]
  return key !== undefined && wellFormed.test(key) ? key : undefined
}

/** Give the visitor a fresh session and return its key. */
export function startSession(reply: FastifyReply, secure: boolean): string {
  const key = randomBytes(16).toString('base64url')
  reply.setCookie(name, key, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge: yearSeconds })
  return key
}

/** What the store knows the visitor by: who reads the database cannot take over a chat. */
export const addressOfSession = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 40)

/** The visitor's browser forgets the key; the chat itself stays. */
export function forgetSession(reply: FastifyReply, secure: boolean): void {
  reply.clearCookie(name, { path: '/', httpOnly: true, sameSite: 'lax', secure })
}
