import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SendError } from '../../src/channels/channel.ts'
import { makeUploads } from '../../src/media/upload.ts'
import { folderBlobs } from '../../src/store/blobs.ts'

/** For a channel under test that sends nothing to open. */
export const openMedia = () => Promise.reject(new SendError('invalid', 'nothing is kept here'))

export const webMedia = {
  uploads: makeUploads(folderBlobs(join(tmpdir(), `linbang-uploads-${process.pid}`))),
  link: (attachmentId: number) => `/media/${attachmentId}`,
}
