import { createHmac, timingSafeEqual } from 'node:crypto'

/** A link that lets one viewer open one attachment for a while. */
export interface Links {
  /** The path of the link, from the root of the site. */
  mint(attachmentId: number, viewerPersonId: number, until: Date): string
  /** What a token says, if it is ours and its time has not passed. */
  read(token: string, now: Date): { readonly attachmentId: number; readonly viewerPersonId: number } | undefined
}

const macBytes = 24
const bodyBytes = 12

/** @param key from the field key, used for nothing else. */
export function makeLinks(key: Uint8Array): Links {
  const mac = (body: Buffer) => createHmac('sha256', key).update(body).digest().subarray(0, macBytes)
  return {
    mint: (attachmentId, viewerPersonId, until) => {
      const body = Buffer.alloc(bodyBytes)
      body.writeUInt32BE(attachmentId, 0)
      body.writeUInt32BE(viewerPersonId, 4)
      body.writeUInt32BE(Math.floor(until.getTime() / 1000), 8)
      return `/media/${Buffer.concat([body, mac(body)]).toString('base64url')}`
    },
    read: (token, now) => {
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length !== bodyBytes + macBytes) return undefined
      const body = bytes.subarray(0, bodyBytes)
      if (!timingSafeEqual(bytes.subarray(bodyBytes), mac(body))) return undefined
      if (body.readUInt32BE(8) * 1000 < now.getTime()) return undefined
      return { attachmentId: body.readUInt32BE(0), viewerPersonId: body.readUInt32BE(4) }
    },
  }
}
