import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** One person's web chat, driven over HTTP as the page does it. */
export interface Phone {
  says(text: string): Promise<void>
  /** Tap the newest button with this label; fails when there is none. */
  taps(label: string | RegExp): Promise<void>
  /** Tap by token, as an old or a forged button would. */
  tapsToken(token: string): Promise<number>
  /** What the screen shows now, oldest first. */
  screen(): readonly Shown[]
  /** Wait until a message that came after the last `sees` matches; returns it. */
  sees(text: string | RegExp): Promise<Shown>
  /** Wait a little and make sure nothing that matches has come. */
  seesNothingLike(text: string | RegExp): Promise<void>
  post(body: unknown): Promise<Response>
  /** Send a recording, picture or file as the page does. */
  sends(data: Uint8Array, type: string, id?: string): Promise<Response>
  /** Open what a message carries, following its link. */
  opens(message: Shown, query?: string): Promise<Response>
  /** GET any path with this phone's session. */
  gets(path: string): Promise<Response>
  readonly cookie: string
  hangUp(): void
}

export interface Shown {
  readonly id: number
  readonly from: 'linbang' | 'me'
  text: string
  choices: readonly { token: string; label: string }[]
  readonly media?: { readonly kind: string; readonly url: string; readonly seconds?: number }
}

const patienceMs = 15_000

export async function webPhone(url: string, name?: string): Promise<Phone> {
  const query = name === undefined ? '' : `?phone=${name}`
  const first = await fetch(`${url}/`)
  const cookie = (first.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const abort = new AbortController()
  const shown: Shown[] = []
  let read = 0
  let last = 0
  const listening = listen()

  async function listen(): Promise<void> {
    while (!abort.signal.aborted) {
      try {
        const headers = { cookie, 'last-event-id': String(last) }
        const response = await fetch(`${url}/chat/events${query}`, { headers, signal: abort.signal })
        await readEvents(response)
      } catch {
        if (!abort.signal.aborted) await sleep(50)
      }
    }
  }

  async function readEvents(response: Response): Promise<void> {
    let buffered = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      buffered += decoder.decode(chunk as Uint8Array, { stream: true })
      for (let end = buffered.indexOf('\n\n'); end !== -1; end = buffered.indexOf('\n\n')) {
        show(buffered.slice(0, end))
        buffered = buffered.slice(end + 2)
      }
    }
  }

  function show(event: string): void {
    const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(event)?.[1]
    const [id, kind, data] = [field('id'), field('event'), field('data')]
    if (id === undefined || data === undefined) return
    last = Number(id)
    const body = JSON.parse(data) as Pick<Shown, 'text' | 'media'> & { choices?: Shown['choices']; replaces?: number }
    if (kind === 'edit') {
      const edited = shown.find((message) => message.id === body.replaces)
      if (edited) Object.assign(edited, { text: body.text, choices: body.choices ?? [] })
      return
    }
    shown.push({
      id: Number(id),
      from: kind === 'mine' ? 'me' : 'linbang',
      text: body.text,
      choices: body.choices ?? [],
      ...(body.media ? { media: body.media } : {}),
    })
  }

  async function post(body: unknown): Promise<Response> {
    const headers = { 'content-type': 'application/json', cookie }
    return fetch(`${url}/chat/messages${query}`, { method: 'POST', headers, body: JSON.stringify(body) })
  }

  async function must(body: unknown): Promise<void> {
    const response = await post(body)
    if (response.status !== 202)
      throw new Error(`the message was not taken: ${response.status} ${await response.text()}`)
  }

  const matches = (message: Shown, text: string | RegExp) =>
    message.from === 'linbang' && (typeof text === 'string' ? message.text.includes(text) : text.test(message.text))

  // The demo's shared phones may have a past: only what comes from now on is news.
  await sleep(name === undefined ? 0 : 100)
  read = shown.length

  return {
    cookie,
    post,
    sends: (data, type, id = randomUUID()) => {
      const headers = { 'content-type': type, cookie }
      const address = `${url}/chat/media${query === '' ? '?' : `${query}&`}id=${id}`
      return fetch(address, { method: 'POST', headers, body: Buffer.from(data) })
    },
    gets: (path) => fetch(`${url}${path}`, { headers: { cookie } }),
    opens: (message, more = '') => {
      if (!message.media) throw new Error(`there is nothing to open in: ${message.text}`)
      const { url: path } = message.media
      const joined = more === '' ? '' : `${path.includes('?') ? '&' : '?'}${more}`
      return fetch(`${url}${path}${joined}`, { headers: { cookie } })
    },
    says: (text) => must({ id: randomUUID(), text }),
    taps: async (label) => {
      const until = Date.now() + patienceMs
      for (;;) {
        for (const message of [...shown].reverse()) {
          const choice = message.choices.find((c) =>
            typeof label === 'string' ? c.label === label : label.test(c.label),
          )
          if (choice) return must({ id: randomUUID(), choice: choice.token, label: choice.label })
        }
        if (Date.now() > until) throw new Error(`there is no button "${label}"; the screen shows:\n${picture(shown)}`)
        await sleep(20)
      }
    },
    tapsToken: async (token) => (await post({ id: randomUUID(), choice: token })).status,
    screen: () => shown,
    sees: async (text) => {
      const until = Date.now() + patienceMs
      for (;;) {
        const found = shown.slice(read).findIndex((message) => matches(message, text))
        if (found !== -1) {
          read += found + 1
          return shown[read - 1] as Shown
        }
        if (Date.now() > until) throw new Error(`never saw ${text}; the screen shows:\n${picture(shown)}`)
        await sleep(20)
      }
    },
    seesNothingLike: async (text) => {
      await sleep(700)
      const found = shown.slice(read).find((message) => matches(message, text))
      if (found) throw new Error(`saw what should not be there: ${found.text}`)
    },
    hangUp: () => {
      abort.abort()
      listening.catch(() => undefined)
    },
  }
}

const picture = (shown: readonly Shown[]) =>
  shown
    .map((m) => `${m.from === 'me' ? '> ' : '< '}${m.text} ${m.choices.map((c) => `[${c.label}]`).join('')}`)
    .join('\n')
