/** How long a copy of facts that change a few times a day counts as current. */
const factsFreshMs = 10_000

/** District facts are read often and change seldom. */
export function remembered<T>(now: () => Date, read: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: Promise<T>; readonly until: number } | undefined
  return () => {
    if (known === undefined || known.until <= now().getTime()) {
      const value = read()
      known = { value, until: now().getTime() + factsFreshMs }
      value.catch(() => {
        known = undefined
      })
    }
    return known.value
  }
}
