import type { Bell, JobName, Jobs } from './jobs.ts'

/** The free hands of this process: who rings a bell that is due here answers it here, while one is free. */
export interface Hands {
  /** So many for this job. They come on top of those that answer the queue: neither ever waits for the other. */
  offer<N extends JobName>(job: N, count: number, work: Work<N>): void
  /** True when a free hand has taken it. A bell for later, or for a job of other processes, is never taken. */
  take(bell: Bell): boolean
  /** Take nothing more; resolves when all that was taken is done. */
  lay(): Promise<void>
  /** What was taken and is not done. */
  taken(): readonly Bell[]
}

/** Must not reject: what fails is rung again through the queue. */
type Work<N extends JobName> = (ids: Jobs[N]) => Promise<void>

interface Post {
  free: number
  readonly work: (ids: Bell['ids']) => Promise<void>
}

/** @param now the clock by which a bell is due. */
export function makeHands(now: () => Date): Hands {
  const posts = new Map<JobName, Post>()
  const taken = new Map<Bell, Promise<void>>()
  let laid = false

  async function answer(post: Post, bell: Bell): Promise<void> {
    // Whoever rang goes on first: a channel has its answer before the turn begins.
    await new Promise((resume) => setImmediate(resume))
    await post.work(bell.ids)
    post.free++
    taken.delete(bell)
  }

  return {
    offer: (job, count, work) => {
      posts.set(job, { free: count, work: (ids) => work(ids as Jobs[typeof job]) })
    },
    take: (bell) => {
      const post = posts.get(bell.job)
      const later = bell.at && bell.at > now()
      if (laid || later || post === undefined || post.free === 0) return false
      post.free--
      const own = { ...bell } // rung twice, it is answered twice
      taken.set(own, answer(post, own))
      return true
    },
    lay: async () => {
      laid = true
      await Promise.all(taken.values())
    },
    taken: () => [...taken.keys()],
  }
}
