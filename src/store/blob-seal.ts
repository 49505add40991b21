import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Blobs } from './blobs.ts'

const magic = Buffer.from('LB1')
const ivBytes = 12
const tagBytes = 16

/** A key of its own for each use of the field key. */
export const subkey = (fieldKey: Uint8Array, use: 'media content' | 'media links'): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', fieldKey, new Uint8Array(0), `linbang ${use}`, 32))

/**
 * AES-256-GCM over whatever is put into `raw`, under a key derived from the field key. The name is part of what is sealed:
 * one content put in the place of another does not open.
 */
export function sealedBlobs(raw: Blobs, fieldKey: Uint8Array): Blobs {
  const key = subkey(fieldKey, 'media content')
  return {
    put: (name, data) => {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
      const body = Buffer.concat([cipher.update(data), cipher.final()])
      return raw.put(name, Buffer.concat([magic, iv, cipher.getAuthTag(), body]))
    },
    get: async (name) => {
      const stored = await raw.get(name)
      if (stored === undefined) return undefined
      const bytes = Buffer.from(stored)
      if (!bytes.subarray(0, magic.length).equals(magic)) throw new Error('a stored content of an unknown form')
      const [ivAt, tagAt, bodyAt] = [magic.length, magic.length + ivBytes, magic.length + ivBytes + tagBytes]
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(ivAt, tagAt)).setAAD(Buffer.from(name))
      decipher.setAuthTag(bytes.subarray(tagAt, bodyAt))
      return Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()])
    },
    remove: (name) => raw.remove(name),
    list: () => raw.list(),
  }
}
