import type { Logger } from 'pino'
import { z } from 'zod'
import type { Db } from '../store/db.ts'
import { moveSetting, setting } from '../store/settings.ts'
import type { WechatApi } from './wechat-api.ts'

export interface SyncDeps {
  readonly db: Db
  readonly api: WechatApi
  readonly openKfId: string
  readonly cursorName: string
  readonly log: Logger
}

type Take = (entry: unknown) => Promise<void>

const Page = z.looseObject({
  next_cursor: z.string().default(''),
  has_more: z.number().default(0),
  msg_list: z.array(z.unknown()).default([]),
})
const pageSize = 1_000
const amr = 0

/**
 * Fetch what is new, store it, only then move the cursor, which all processes share. Two that fetch at once bring the same
 * messages; their keys make them one.
 */
export function makeSync({ db, api, openKfId, cursorName, log }: SyncDeps) {
  let stopped = false
  /** What a call said while fetching: look once more after this round. */
  let again: { ticket: string | undefined } | undefined
  let round: Promise<void> | undefined

  return {
    /** There may be news; returns at once. */
    wake: (take: Take, ticket: string | undefined): void => {
      if (round) {
        again = { ticket }
        return
      }
      round = rounds(take, ticket).finally(() => {
        round = undefined
      })
    },
    stop: async (): Promise<void> => {
      stopped = true
      await round
    },
  }

  async function rounds(take: Take, ticket: string | undefined): Promise<void> {
    for (let next: typeof again = { ticket }; next && !stopped; ) {
      again = undefined
      try {
        await fetchAll(take, next.ticket)
      } catch (error) {
        // Nothing is lost: the cursor stands, and the next call or the next look begins there.
        log.warn({ err: error }, 'messages of 微信客服 could not be fetched yet')
      }
      next = again
    }
  }

  async function fetchAll(take: Take, ticket: string | undefined): Promise<void> {
    for (let more = true; more && !stopped; ) {
      const cursor = await setting(db, cursorName)
      const page = Page.parse(
        await api.call('kf/sync_msg', {
          open_kfid: openKfId,
          limit: pageSize,
          voice_format: amr,
          ...(cursor === undefined ? {} : { cursor }),
          ...(ticket === undefined ? {} : { token: ticket }),
        }),
      )
      for (const entry of page.msg_list) await take(entry)
      const moves = page.next_cursor !== '' && page.next_cursor !== cursor
      if (moves) await moveSetting(db, cursorName, cursor, page.next_cursor)
      more = page.has_more === 1 && moves
    }
  }
}
