/** What was written and has not arrived yet, kept by the browser: it survives a reload, a closed page and a flat battery. */
export interface Unsent {
  /** The message's own id: sent twice, it arrives once. */
  readonly id: string
  /** The request as it is posted. */
  readonly body: string
  /** What the writer sees of it. */
  readonly words: string
}

export function unsentAt(key: string): {
  all(): readonly Unsent[]
  add(unsent: Unsent): void
  remove(id: string): void
} {
  let kept = read()
  function read(): readonly Unsent[] {
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
      return Array.isArray(stored) ? stored.filter(isUnsent) : []
    } catch {
      return [] // a browser that keeps nothing: what is written lives as long as the page
    }
  }
  function write(next: readonly Unsent[]): void {
    kept = next
    try {
      if (next.length > 0) localStorage.setItem(key, JSON.stringify(next))
      else localStorage.removeItem(key)
    } catch {
      // see above
    }
  }
  return {
    all: () => kept,
    add: (unsent) => write([...kept, unsent]),
    remove: (id) => write(kept.filter((one) => one.id !== id)),
  }
}

function isUnsent(value: unknown): value is Unsent {
  const one = value as Partial<Record<keyof Unsent, unknown>> | null
  return typeof one?.id === 'string' && typeof one.body === 'string' && typeof one.words === 'string'
}
