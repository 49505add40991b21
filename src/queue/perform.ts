import type { Bell } from './jobs.ts'

type Performers = { readonly [N in Bell['job']]: (ids: Extract<Bell, { job: N }>['ids']) => Promise<void> }

/** Does a bell's work here and now, in the room that answers it. */
export function performer(rooms: Performers): (bell: Bell) => Promise<void> {
  return (bell) => {
    switch (bell.job) {
      case 'conversation':
        return rooms.conversation(bell.ids)
      case 'dispatch':
        return rooms.dispatch(bell.ids)
      case 'deadline':
        return rooms.deadline(bell.ids)
      case 'deliver':
        return rooms.deliver(bell.ids)
      case 'bulk':
        return rooms.bulk(bell.ids)
      case 'summary':
        return rooms.summary(bell.ids)
      case 'media':
        return rooms.media(bell.ids)
      case 'transcribe':
        return rooms.transcribe(bell.ids)
    }
  }
}
