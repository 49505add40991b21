import { word } from './words.ts'

/** What the server answered: the thing itself, or why not in words for the person. */
export type Answered<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly code: number; readonly message: string; readonly body: unknown }

export const get = <T>(path: string): Promise<Answered<T>> => ask<T>(path, {})

export const post = <T>(path: string, body: unknown): Promise<Answered<T>> =>
  // Also while the page is being closed: what was typed last is sent.
  ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    keepalive: true,
  })

async function ask<T>(path: string, request: RequestInit): Promise<Answered<T>> {
  try {
    const response = await fetch(`/desk/api/${path}`, request)
    const body: unknown = await response.json()
    if (response.ok) return { ok: true, body: body as T }
    const { message = word('failed') } = body as { message?: string }
    return { ok: false, code: response.status, message, body }
  } catch {
    return { ok: false, code: 0, message: word('offline'), body: undefined }
  }
}
