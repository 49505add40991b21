import { newId, type Talk } from './talk.ts'
import { type UnsentAttachment, unsentAttachments } from './unsent-attachments.ts'

/** Recordings and pictures on their way: in order, one at a time, each until it has arrived, also after the page was closed. */
export interface Upload {
  /** Send it as soon as there is a network. */
  give(content: Blob, words: string): Promise<void>
  /** What was kept from before is on the screen again and goes out. */
  resume(): Promise<void>
  /** Nothing of it stays on this device. Answers whether there was anything. */
  drop(): boolean
}

export interface UploadParts {
  readonly talk: () => Talk | undefined
  readonly tell: (text: string) => void
  readonly words: {
    readonly sending: string
    readonly sent: string
    /** No network: it is kept, also when the page is closed. */
    readonly kept: string
    /** No network, and this browser keeps nothing: the page must stay open. */
    readonly keptHere: string
    /** Why it was not taken, in the reader's language. */
    readonly refused: (status: number, message: string | undefined) => string
  }
}

const againMs = 3_000
/** A minute of speech over the slowest network that still is one. */
const longestSendMs = 120_000

export function makeUpload({ talk, tell, words }: UploadParts): Upload {
  const store = unsentAttachments()
  let waiting: (UnsentAttachment & { readonly stays: boolean })[] = []
  let sending: AbortController | undefined
  /** Of these it has been said that they wait: not again at every try. */
  const told = new Set<string>()
  addEventListener('online', () => void flush())

  async function flush(): Promise<void> {
    if (sending) return
    const mine = new AbortController()
    sending = mine
    for (let next = waiting[0]; next; next = waiting[0]) {
      const outcome = await post(next, mine.signal)
      if (mine.signal.aborted) return
      if (outcome === 'later') {
        talk()?.waits(next.id)
        setTimeout(() => void flush(), againMs)
        break
      }
      waiting.shift()
      if (outcome === 'done') talk()?.arrived(next.id)
      else talk()?.refused(next.id)
      await store.remove(next.id)
    }
    if (sending === mine) sending = undefined
  }

  async function post(one: (typeof waiting)[number], stop: AbortSignal): Promise<'done' | 'refused' | 'later'> {
    const slow = new AbortController()
    const end = () => slow.abort()
    stop.addEventListener('abort', end)
    const timer = setTimeout(end, longestSendMs)
    try {
      const headers = { 'content-type': one.type.split(';')[0] ?? '' }
      const to = `/chat/media?id=${one.id}`
      const response = await fetch(to, { method: 'POST', headers, body: one.data, signal: slow.signal })
      if (response.ok) {
        tell(words.sent)
        return 'done'
      }
      const { message } = (await response.json().catch(() => ({}))) as { message?: string }
      tell(words.refused(response.status, message))
      return response.status === 429 || response.status >= 500 ? 'later' : 'refused'
    } catch {
      if (!stop.aborted && !told.has(one.id)) tell(one.stays ? words.kept : words.keptHere)
      told.add(one.id)
      return 'later'
    } finally {
      clearTimeout(timer)
      stop.removeEventListener('abort', end)
    }
  }

  return {
    give: async (content, said) => {
      const id = newId()
      talk()?.mine(id, said)
      tell(words.sending)
      told.clear() // that is what is read now: a try that fails says anew that it waits
      const one = { id, at: Date.now(), words: said, type: content.type, data: await content.arrayBuffer() }
      waiting.push({ ...one, stays: await store.add(one) })
      void flush()
    },
    resume: async () => {
      const known = new Set(waiting.map(({ id }) => id))
      const before = (await store.all()).filter(({ id }) => !known.has(id))
      waiting = [...before.map((one) => ({ ...one, stays: true })), ...waiting]
      for (const { id, words: said } of waiting) {
        talk()?.mine(id, said)
        talk()?.waits(id)
      }
      void flush()
    },
    drop: () => {
      const some = waiting.length > 0
      waiting = []
      sending?.abort()
      sending = undefined
      void store.clear()
      return some
    },
  }
}
