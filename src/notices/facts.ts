import type { GazetteerEntry } from '../classify/classifier.ts'
import type { Lane } from '../domain/notice.ts'

/** What a notice needs to know of the house. */
export interface NoticeFacts {
  /** The accounts that are in service. */
  readonly lanes: readonly Lane[]
  readonly places: readonly GazetteerEntry[]
  /** Where the list of those who were not reached can be fetched, and until when; absent: no page is served. */
  readonly listUrl?: ((broadcastId: number, now: Date) => { url: string; until: Date }) | undefined
}
