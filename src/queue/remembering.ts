import type { Bell, Ring } from './jobs.ts'

/** Bells kept in memory while the queue is down; the rows keep everything else. */
const most = 1_000

/**
 * A ring that remembers what could not be rung, so that this process's sweep does that work within seconds instead of when
 * the rows have become late. Only a short cut: what is forgotten here is found by its rows.
 */
export function remembering(ring: Ring): { readonly ring: Ring; takeMissed(): readonly Bell[] } {
  let missed: Bell[] = []
  return {
    ring: async (bells) => {
      try {
        await ring(bells)
      } catch (error) {
        missed = [...missed, ...bells].slice(-most)
        throw error
      }
    },
    takeMissed: () => {
      const taken = missed
      missed = []
      return taken
    },
  }
}
