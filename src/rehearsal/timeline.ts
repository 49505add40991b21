/** What is still to come, by time; of two at the same moment the one that was put in first. */
export class Timeline<T> {
  readonly #heap: { readonly at: number; readonly order: number; readonly what: T }[] = []
  #order = 0

  get next(): Date | undefined {
    const [first] = this.#heap
    return first ? new Date(first.at) : undefined
  }

  put(at: Date, what: T): void {
    const heap = this.#heap
    heap.push({ at: at.getTime(), order: this.#order++, what })
    for (let i = heap.length - 1; i > 0; ) {
      const parent = (i - 1) >> 1
      if (!this.#before(i, parent)) break
      this.#swap(i, parent)
      i = parent
    }
  }

  take(): { readonly at: Date; readonly what: T } | undefined {
    const heap = this.#heap
    const [first] = heap
    const last = heap.pop()
    if (!first || !last) return undefined
    if (heap.length > 0) {
      heap[0] = last
      this.#sink()
    }
    return { at: new Date(first.at), what: first.what }
  }

  #sink(): void {
    for (let i = 0; ; ) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.#heap.length && this.#before(child, least)) least = child
      }
      if (least === i) return
      this.#swap(i, least)
      i = least
    }
  }

  #before(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i], this.#heap[j]]
    return a !== undefined && b !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order))
  }

  #swap(i: number, j: number): void {
    const [a, b] = [this.#heap[i], this.#heap[j]]
    if (a === undefined || b === undefined) return
    this.#heap[i] = b
    this.#heap[j] = a
  }
}
