import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from './db.ts'

/** Field encryption: what a resident said reaches the database only sealed. */
export interface Seal {
  seal(value: unknown): string
  /** The value as it was sealed; throws when the text was sealed with another key or was changed. */
  open(sealed: string): unknown
}

const version = 's1'
const ivBytes = 12
const tagBytes = 16

/** AES-256-GCM over JSON; the text form is `s1.<base64url of iv, tag and ciphertext>`. */
export function makeSeal(key: Uint8Array): Seal {
  if (key.length !== 32) throw new Error('FIELD_KEY must be 32 bytes')
  return {
    seal(value) {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const body = Buffer.concat([cipher.update(JSON.stringify(value ?? null), 'utf8'), cipher.final()])
      return `${version}.${Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed) {
      const [prefix, packed] = sealed.split('.')
      if (prefix !== version || packed === undefined) throw new Error('a sealed field of an unknown form')
      const bytes = Buffer.from(packed, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes))
      decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
      const body = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()])
      return JSON.parse(body.toString('utf8')) as unknown
    },
  }
}

/**
 * The key from the setting, or from a file made once in the data directory (readable by its owner only).
 * @throws when the file is there and holds no key: a new one would leave all that was sealed unreadable.
 */
export function loadFieldKey({ fieldKey, dataDir }: { fieldKey?: string; dataDir: string }): Uint8Array {
  if (fieldKey !== undefined) return decodeFieldKey(fieldKey)
  const file = join(dataDir, 'field.key')
  if (!existsSync(file)) makeKeyFile(file, dataDir)
  try {
    return decodeFieldKey(readFileSync(file, 'utf8').trim())
  } catch (cause) {
    throw new Error(`${file} holds no key: put it back from a backup`, { cause })
  }
}

/** The file appears whole (a link), so that neither a crash nor another process meets half a key. */
function makeKeyFile(file: string, dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(draft, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!existsSync(file)) throw error // else another process made it first
  } finally {
    rmSync(draft, { force: true })
  }
}

/** 32 bytes as 64 hex digits or as base64. */
export function decodeFieldKey(text: string): Uint8Array {
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (key.length !== 32) throw new Error('FIELD_KEY must be 32 bytes, written as 64 hex digits or as base64')
  return key
}

const checkName = 'field.check'

/**
 * Refuse a key that does not fit what is stored: with it every turn would fail, one message after the other.
 * @throws one clear line.
 */
export async function checkFieldKey(db: Db, seal: Seal): Promise<void> {
  await db.setting.createMany({ data: [{ key: checkName, value: seal.seal(checkName) }], skipDuplicates: true })
  const { value } = await db.setting.findUniqueOrThrow({ where: { key: checkName } })
  try {
    if (seal.open(value) === checkName) return
  } catch {
    // told below
  }
  throw new Error('FIELD_KEY: this key does not open what is stored in this database; set the key it was begun with')
}
