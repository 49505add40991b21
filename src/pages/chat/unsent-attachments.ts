/** Recordings and pictures that have not arrived yet, kept by the browser: they survive a closed page and a flat battery. */
export interface UnsentAttachment {
  /** The message's own id: sent twice, it arrives once. */
  readonly id: string
  /** When it was made, in ms; the oldest goes first. */
  readonly at: number
  /** What the sender sees of it. */
  readonly words: string
  readonly type: string
  /** Bytes, not a Blob: some phones lose the contents of a Blob that was put away. */
  readonly data: ArrayBuffer
}

export interface UnsentAttachments {
  /** Oldest first; none where the browser keeps nothing. */
  all(): Promise<readonly UnsentAttachment[]>
  /** `false`: this browser does not keep it, it lives as long as the page. */
  add(one: UnsentAttachment): Promise<boolean>
  remove(id: string): Promise<void>
  clear(): Promise<void>
}

const shelf = 'unsent'

export function unsentAttachments(): UnsentAttachments {
  // Opened at once: a page that is being left has no time to open anything.
  const opened = open()
  opened.catch(() => undefined)

  async function change(act: (kept: IDBObjectStore) => unknown): Promise<boolean> {
    try {
      const transaction = (await opened).transaction(shelf, 'readwrite')
      act(transaction.objectStore(shelf))
      const done = ended(transaction)
      transaction.commit?.() // not when the answer has come back: the page may be gone by then
      await done
      return true
    } catch {
      return false // a private window, or no space left
    }
  }

  return {
    all: async () => {
      try {
        const request = (await opened).transaction(shelf).objectStore(shelf).getAll()
        await ended(request.transaction)
        return (request.result as UnsentAttachment[]).sort((a, b) => a.at - b.at)
      } catch {
        return []
      }
    },
    add: (one) => change((kept) => kept.put(one)),
    remove: async (id) => void (await change((kept) => kept.delete(id))),
    clear: async () => void (await change((kept) => kept.clear())),
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open('linbang', 1)
    request.onupgradeneeded = () => void request.result.createObjectStore(shelf, { keyPath: 'id' })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function ended(transaction: IDBTransaction | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!transaction) return resolve()
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })
}
