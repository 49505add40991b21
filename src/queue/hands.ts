import type { Bell, JobName, Jobs } from './jobs.ts'

/** The free hands of this process: who rings a bell that is due here answers it here, while there is one. */
export interface Hands {
  /** @param work never rejects: what fails is rung again through the queue. */
  offer<N extends JobName>(job: N, count: number, work: (ids: Jobs[N]) => Promise<void>): void
  /** True when a free hand has taken it. A bell for later, or for a job of other processes, is never taken. */
  take(bell: Bell): boolean
  /** Take nothing more; resolves when all hands are empty. */
  lay(): Promise<void>
}

interface Post {
  free: number
  readonly work: (ids: Bell['ids']) => Promise<void>
}

export function makeHands(): Hands {
  const posts = new Map<JobName, Post>()
  const busy = new Set<Promise<void>>()
  let laid = false

  async function answer(post: Post, ids: Bell['ids']): Promise<void> {
    // Whoever rang goes on first: a channel is answered before the turn begins.
    await new Promise((resume) => setImmediate(resume))
    await post.work(ids)
    post.free++
  }

  return {
    offer: (job, count, work) => {
      posts.set(job, { free: count, work: (ids) => work(ids as Jobs[typeof job]) })
    },
    take: ({ job, ids, at }) => {
      const post = posts.get(job)
      if (laid || post === undefined || post.free === 0 || (at && at.getTime() > Date.now())) return false
      post.free--
      const answered = answer(post, ids)
      busy.add(answered)
      void answered.finally(() => busy.delete(answered))
      return true
    },
    lay: async () => {
      laid = true
      while (busy.size > 0) await Promise.all(busy)
    },
  }
}
