import type { ChannelName } from '../domain/words.ts'
import type { Db } from './db.ts'

/** What an account of a channel calls something it was given once, so that it need not be given again. */
export interface FileIds {
  recall(channel: ChannelName, account: string, attachmentId: number): Promise<string | undefined>
  keep(channel: ChannelName, account: string, attachmentId: number, fileId: string): Promise<void>
}

export const makeFileIds = (db: Db): FileIds => ({
  recall: async (channel, account, attachmentId) => {
    const [row] = await db.sql<{ fileId: string }>`
      SELECT "fileId" FROM "ChannelFile"
      WHERE channel = ${channel} AND account = ${account} AND "attachmentId" = ${attachmentId}`
    return row?.fileId
  },
  keep: async (channel, account, attachmentId, fileId) => {
    await db.$executeRaw`
      INSERT INTO "ChannelFile" (channel, account, "attachmentId", "fileId")
      VALUES (${channel}, ${account}, ${attachmentId}, ${fileId})
      ON CONFLICT (channel, account, "attachmentId") DO UPDATE SET "fileId" = EXCLUDED."fileId"`
  },
})
