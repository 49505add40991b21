/** 熔断: a far end that has failed several times in a row is left alone for a while. */
export interface Breaker {
  /** May it be asked now? */
  closed(now: Date): boolean
  failed(now: Date): void
  succeeded(): void
}

export function makeBreaker({ failures, restMs }: { failures: number; restMs: number }): Breaker {
  let inARow = 0
  let restsUntil = 0
  return {
    closed: (now) => now.getTime() >= restsUntil,
    failed: (now) => {
      inARow++
      // After the rest one more failure is enough: it is asked once, not three times.
      if (inARow >= failures) restsUntil = now.getTime() + restMs
    },
    succeeded: () => {
      inARow = 0
      restsUntil = 0
    },
  }
}
