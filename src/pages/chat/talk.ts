import { attachmentElement, type ShownMedia } from './attachment.ts'

/**
 * One web chat in the browser: shows what the event stream brings, sends what is typed or tapped, and gets through a lost
 * connection without losing or doubling anything. Used by the resident's page and by each phone of the demo.
 */
export interface Talk {
  say(text: string): void
  close(): void
}

export interface TalkParts {
  /** The list the messages are appended to; its parent is the scrolling live region. */
  readonly list: HTMLElement
  readonly status: HTMLElement
  /** `?phone=…` of the demo; empty for the visitor's own chat. */
  readonly query: string
  /** Words a screen reader says before a message. */
  readonly me: string
  readonly they: string
  /** Called when choices can be tapped, with how many messages are shown. */
  readonly onMessage?: () => void
}

interface Body {
  readonly text: string
  readonly choices?: readonly Choice[]
  readonly media?: ShownMedia
  readonly replaces?: number
  readonly key?: string
}
interface Choice {
  readonly token: string
  readonly label: string
}

export function openTalk(parts: TalkParts): Talk {
  const shown = new Map<number, HTMLElement>()
  const waiting = new Map<string, HTMLElement>()
  const unsent: { id: string; body: string }[] = []
  let sending = false
  let last = 0

  const events = new EventSource(`/chat/events${parts.query}`)
  for (const kind of ['message', 'edit', 'mine'] as const) {
    events.addEventListener(kind, (event) => {
      const id = Number(event.lastEventId)
      if (id <= last) return // replayed after a reconnect
      last = id
      hear(kind, id, JSON.parse(event.data) as Body)
    })
  }
  events.onopen = () => {
    parts.status.textContent = ''
    void flush()
  }
  events.onerror = () => {
    parts.status.textContent = '网络断了，正在重新连接。您写的话会留着。'
  }
  addEventListener('online', () => void flush())

  function hear(kind: 'message' | 'edit' | 'mine', id: number, body: Body): void {
    if (kind === 'edit') {
      const item = body.replaces === undefined ? undefined : shown.get(body.replaces)
      if (item) fill(item, body, parts.they)
      return
    }
    if (kind === 'mine') {
      const mine = body.key === undefined ? undefined : waiting.get(body.key)
      if (mine) {
        mine.classList.remove('sending')
        waiting.delete(body.key ?? '')
        return
      }
    } else closeChoices()
    const item = document.createElement('li')
    item.className = kind === 'mine' ? 'me' : 'they'
    fill(item, body, kind === 'mine' ? parts.me : parts.they)
    shown.set(id, item)
    append(item)
    parts.onMessage?.()
  }

  /** Choices of the bot's earlier questions stay readable; offers keep their buttons until they are settled. */
  function closeChoices(): void {
    for (const button of parts.list.querySelectorAll<HTMLButtonElement>('button[data-token^="q:"]'))
      button.disabled = true
  }

  function fill(item: HTMLElement, body: Body, who: string): void {
    item.textContent = ''
    const name = document.createElement('span')
    name.className = 'who'
    name.textContent = `${who}:`
    const text = document.createElement('p')
    text.textContent = body.text
    item.append(name, text)
    if (body.media) item.append(attachmentElement(body.media))
    if (!body.choices || body.choices.length === 0) return
    const group = document.createElement('div')
    group.className = 'choices'
    group.setAttribute('role', 'group')
    group.setAttribute('aria-label', '可以选')
    body.choices.forEach((choice, i) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.dataset.token = choice.token
      button.textContent = `${i + 1} ${choice.label}`
      button.addEventListener('click', () => {
        for (const other of group.querySelectorAll('button')) other.disabled = true
        send({ choice: choice.token, label: choice.label }, choice.label)
      })
      group.append(button)
    })
    item.append(group)
  }

  function append(item: HTMLElement): void {
    parts.list.append(item)
    const frame = parts.list.parentElement
    if (frame) frame.scrollTop = frame.scrollHeight
  }

  function send(content: { text: string } | { choice: string; label: string }, words: string): void {
    const id = newId()
    const item = document.createElement('li')
    item.className = 'me sending'
    fill(item, { text: words }, parts.me)
    waiting.set(id, item)
    append(item)
    unsent.push({ id, body: JSON.stringify({ id, ...content }) })
    void flush()
  }

  /** In order, one at a time, each under its own id: sent again after a lost connection it still arrives once. */
  async function flush(): Promise<void> {
    if (sending) return
    sending = true
    for (let next = unsent[0]; next; next = unsent[0]) {
      const outcome = await post(next.body)
      if (outcome === 'later') break
      unsent.shift()
    }
    sending = false
  }

  async function post(body: string): Promise<'done' | 'later'> {
    try {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`/chat/messages${parts.query}`, { method: 'POST', headers, body })
      if (response.ok) {
        parts.status.textContent = ''
        return 'done'
      }
      const { message } = (await response.json()) as { message?: string }
      parts.status.textContent = message ?? '没有发出去，请再试一次。'
      if (response.status !== 429 && response.status < 500) return 'done'
    } catch {
      parts.status.textContent = '网络断了，您写的话会留着，连上后自动发出。'
    }
    setTimeout(() => void flush(), 3_000)
    return 'later'
  }

  return {
    say: (text) => send({ text }, text),
    close: () => events.close(),
  }
}

/** Unguessable and unique; unlike randomUUID it also exists on the plain http address of a test. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
