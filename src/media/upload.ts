import { MediaError } from '../channels/channel.ts'
import { type MediaKind, mostBytes } from '../domain/media.ts'
import type { MediaRef } from '../domain/words.ts'
import { type Blobs, blobKeyFor, checkBlobKey } from '../store/blobs.ts'
import { sniff } from './sniff.ts'

/** What a web page sends lies in our own store until it is settled: for the web, the store is the channel's keeping place. */
export interface Uploads {
  /**
   * Keep it, unless it is too large or nothing that may be sent. Rejects when the store does not take it.
   * @param name names this very thing: sent again it lies in the same place.
   */
  keep(name: string, data: Uint8Array, declared: string | undefined): Promise<Uploaded>
  fetch(media: MediaRef): Promise<Uint8Array>
  forget(media: MediaRef): Promise<void>
}

export type Uploaded =
  | { readonly is: 'kept'; readonly kind: MediaKind; readonly media: MediaRef }
  | { readonly is: 'refused'; readonly why: 'too_large' | 'type' }

export function makeUploads(blobs: Blobs): Uploads {
  return {
    keep: async (name, data, declared) => {
      const type = await sniff(data, declared)
      if (!type) return { is: 'refused', why: 'type' }
      if (data.length > mostBytes[type.kind]) return { is: 'refused', why: 'too_large' }
      const id = blobKeyFor('sent', name)
      await blobs.put(id, data)
      return { is: 'kept', kind: type.kind, media: { id, mime: type.mime, bytes: data.length } }
    },
    fetch: async ({ id }) => {
      try {
        const data = await blobs.get(checkBlobKey(id))
        if (data) return data
      } catch (cause) {
        throw new MediaError('transient', 'the store did not give it', { cause })
      }
      throw new MediaError('gone', 'it is not in the store any more')
    },
    forget: ({ id }) => blobs.remove(checkBlobKey(id)),
  }
}
