/** Messages of several parts of which the first have arrived: the next try goes on behind them. */
export interface Begun {
  /** How many of its parts have arrived. */
  of(key: string): number
  arrived(key: string, parts: number): void
  done(key: string): void
}

/** Such messages are few; what a dead process has begun is begun again. */
const most = 1_000

export function makeBegun(): Begun {
  const begun = new Map<string, number>()
  return {
    of: (key) => begun.get(key) ?? 0,
    arrived: (key, parts) => {
      const [oldest] = begun.keys()
      if (begun.size >= most && oldest !== undefined) begun.delete(oldest)
      begun.set(key, parts)
    },
    done: (key) => void begun.delete(key),
  }
}
