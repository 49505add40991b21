import type { MediaWords } from './attachment.ts'
import { makeScreen, type Shown } from './screen.ts'
import { unsentAt } from './unsent.ts'

/**
 * One web chat in the browser: shows what the event stream brings, sends what is typed or tapped, and gets through a lost
 * connection, a reload or a closed page without losing or doubling anything. Used by the resident's page and by each
 * phone of the demo.
 */
export interface Talk {
  say(text: string): void
  /** Show what was recorded or chosen here; `waits`, `arrived` and `refused` say how it fares. */
  mine(id: string, words: string): void
  waits(id: string): void
  arrived(id: string): void
  refused(id: string): void
  close(): void
}

export interface TalkParts {
  /** The list the messages are put into; its parent scrolls. */
  readonly list: HTMLElement
  /** How the connection is doing, for the eye; `announce` tells the ear. */
  readonly status: HTMLElement
  /** `?phone=…` of the demo; empty for the visitor's own chat. */
  readonly query: string
  readonly words: TalkWords
  /** Put words into the page's one live region. */
  readonly announce: (text: string) => void
  /** A message was shown; `fresh`: it came now and was not on the screen before. */
  readonly onMessage?: (shown: Shown, fresh: boolean) => void
}

export interface TalkWords {
  readonly me: string
  readonly they: string
  readonly choices: string
  readonly offline: string
  readonly kept: string
  /** Why a message was not taken, in the reader's language. */
  readonly refused: (status: number, message: string | undefined) => string
  readonly online: string
  /** On a message that has not arrived yet, and on one that was not taken. */
  readonly waiting: string
  readonly notSent: string
  readonly media: MediaWords
}

const againMs = 3_000
/** A line that is neither up nor down is tried anew. */
const longestSendMs = 30_000

export function openTalk(parts: TalkParts): Talk {
  const { words } = parts
  const unsent = unsentAt(`linbang.unsent${parts.query}`)
  const screen = makeScreen(parts.list, words, (choice) =>
    send({ choice: choice.token, label: choice.label }, choice.label),
  )
  let sending = false
  let caughtUp = false
  let told = ''
  let down = false

  for (const { id, words: said } of unsent.all()) {
    screen.mine(id, said)
    screen.waits(id)
  }

  const events = new EventSource(`/chat/events${parts.query}`)
  for (const kind of ['message', 'edit', 'mine'] as const) {
    events.addEventListener(kind, (event) => {
      const shown = screen.hear(kind, Number(event.lastEventId), JSON.parse(event.data))
      if (!shown) return // replayed after a reconnect
      if (caughtUp && shown.from === 'they') parts.announce(inWords(shown))
      parts.onMessage?.(shown, caughtUp)
    })
  }
  // What came before is not news: a screen reader is not made to read the whole talk after a reload.
  events.addEventListener('now', () => {
    caughtUp = true
  })
  events.onopen = () => {
    down = false
    if (isMine()) tell('', words.online)
    void flush()
  }
  // The browser tries again and again; that the line is down is said once.
  events.onerror = () => {
    if (!down) tell(words.offline)
    down = true
  }
  addEventListener('online', () => void flush())

  /** The eye reads it until it is over; the ear hears it once. */
  function tell(seen: string, heard = seen): void {
    if (parts.status.textContent === seen) return
    told = seen
    parts.status.textContent = seen
    parts.announce(heard)
  }

  /** What the page itself says there is not ours to wipe. */
  function isMine(): boolean {
    return told !== '' && parts.status.textContent === told
  }

  function inWords({ who, text, labels }: Shown): string {
    const choices = labels.length === 0 ? '' : ` ${words.choices}: ${labels.join(', ')}`
    return `${who}: ${text}${choices}`
  }

  function send(content: { text: string } | { choice: string; label: string }, said: string): void {
    const id = newId()
    screen.mine(id, said)
    unsent.add({ id, words: said, body: JSON.stringify({ id, ...content }) })
    void flush()
  }

  /** In order, one at a time, each under its own id: sent again after a lost connection it still arrives once. */
  async function flush(): Promise<void> {
    if (sending) return
    sending = true
    for (let next = unsent.all()[0]; next; next = unsent.all()[0]) {
      const outcome = await post(next.body)
      if (outcome === 'later') {
        screen.waits(next.id)
        break
      }
      unsent.remove(next.id)
      if (outcome === 'done') screen.arrived(next.id)
      else screen.refused(next.id)
    }
    sending = false
  }

  async function post(body: string): Promise<'done' | 'refused' | 'later'> {
    const slow = new AbortController()
    const timer = setTimeout(() => slow.abort(), longestSendMs)
    try {
      const headers = { 'content-type': 'application/json' }
      const to = `/chat/messages${parts.query}`
      const response = await fetch(to, { method: 'POST', headers, body, signal: slow.signal })
      if (response.ok) {
        if (isMine()) tell('')
        return 'done'
      }
      const { message } = (await response.json().catch(() => ({}))) as { message?: string }
      tell(words.refused(response.status, message))
      if (response.status !== 429 && response.status < 500) return 'refused'
    } catch {
      tell(words.kept)
    } finally {
      clearTimeout(timer)
    }
    setTimeout(() => void flush(), againMs)
    return 'later'
  }

  return {
    say: (text) => send({ text }, text),
    mine: screen.mine,
    waits: screen.waits,
    arrived: screen.arrived,
    refused: screen.refused,
    close: () => events.close(),
  }
}

/** Unguessable and unique; unlike randomUUID it also exists on the plain http address of a test. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
