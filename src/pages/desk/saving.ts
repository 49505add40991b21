import type { DraftSent, NoticeShown } from '../../domain/desk-shown.ts'
import { post } from './api.ts'

/** Keeps a draft as it is typed: soon, in order, and never over what was changed elsewhere. */

type Change = Omit<DraftSent, 'version'>

export interface SavingParts {
  readonly saved: (notice: NoticeShown, change: Change) => void
  /** Somebody (oneself, elsewhere) was quicker: `theirs` stands there now, `mine` was not stored. */
  readonly conflict: (theirs: NoticeShown, mine: Change) => void
  readonly refused: (message: string, change: Change) => void
  readonly state: (name: 'saving' | 'saved' | 'offline') => void
}

/** Between two words of somebody who types. */
const pauseMs = 600
const againMs = 4_000

export function makeSaving(id: number, seen: number, parts: SavingParts) {
  let version = seen
  let waiting: Change = {}
  let held = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined

  const later = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), ms)
  }

  async function send(): Promise<void> {
    while (!held && Object.keys(waiting).length > 0) {
      const change = waiting
      waiting = {}
      parts.state('saving')
      const answered = await post<NoticeShown>(`notices/${id}/draft`, { ...change, version })
      if (answered.ok) {
        version = answered.body.version
        parts.saved(answered.body, change)
        parts.state('saved')
      } else if (answered.code === 409) {
        const { notice } = answered.body as { notice: NoticeShown }
        held = true
        waiting = { ...change, ...waiting }
        parts.conflict(notice, waiting)
      } else if (answered.code === 0 || answered.code >= 500 || answered.code === 401) {
        waiting = { ...change, ...waiting }
        parts.refused(answered.message, {})
        if (answered.code === 401) held = true
        else later(againMs)
        return
      } else parts.refused(answered.message, change)
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    running = (running ?? Promise.resolve()).then(send)
    return running
  }

  return {
    change: (change: Change) => {
      waiting = { ...waiting, ...change }
      if (!held) later(pauseMs)
    },
    /** Everything typed so far is stored; false: it is not. */
    flush: async (): Promise<boolean> => {
      await flush()
      return !held && Object.keys(waiting).length === 0
    },
    version: () => version,
    /** Go on from what stands there, with or without what was not stored. */
    goOn: (from: number, keepMine: boolean) => {
      version = from
      held = false
      if (!keepMine) waiting = {}
      void flush()
    },
  }
}
