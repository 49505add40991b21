/** Facts that are read often and change seldom: a copy counts as current for `freshMs` of real time. */
export function remembered<T>(freshMs: number, read: () => Promise<T>): () => Promise<T> {
  let known: { readonly value: Promise<T>; readonly until: number } | undefined
  return () => {
    if (known === undefined || known.until <= performance.now()) {
      const value = read()
      known = { value, until: performance.now() + freshMs }
      value.catch(() => {
        known = undefined
      })
    }
    return known.value
  }
}
