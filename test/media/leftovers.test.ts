import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeLeftovers } from '../../src/media/leftovers.ts'
import { type Blobs, blobKeyFor, folderBlobs, newBlobKey } from '../../src/store/blobs.ts'
import { s3Blobs } from '../../src/store/blobs-s3.ts'
import { transaction } from '../../src/store/db.ts'
import { addressOf, type Known, storeInbound } from '../../src/store/messages.ts'
import { freshStore, type Store } from '../harness/store.ts'

const day = 86_400_000
const log = pino({ level: 'silent' })

describe('contents that belong to nobody', () => {
  const dir = mkdtempSync(join(tmpdir(), 'linbang-test-'))
  const S3rver = createRequire(import.meta.url)('s3rver') as new (
    options: Record<string, unknown>,
  ) => { run(): Promise<AddressInfo>; close(): Promise<void> }
  let server: InstanceType<typeof S3rver>
  let store: Store
  let bucket: Blobs
  let known: Known
  const who = { channel: 'web', account: 'web', externalId: 'somebody' } as const
  beforeAll(async () => {
    store = await freshStore()
    server = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory: join(dir, 's3'),
      configureBuckets: [{ name: 'linbang', configs: [] }],
    })
    const { port } = await server.run()
    const url = `http://127.0.0.1:${port}/linbang`
    bucket = s3Blobs({ url, keyId: 'S3RVER', secret: 'S3RVER', region: 'us-east-1' })
    known = await transaction(store.db, (tx) => addressOf(tx, who, new Date()))
  })
  beforeEach(async () => {
    await store.db.attachment.deleteMany()
    await store.db.setting.deleteMany()
  })
  afterAll(async () => {
    await server.close()
    await store.drop()
    rmSync(dir, { recursive: true, force: true })
  })

  const row = async (more: object) => {
    const media = { id: 'x' }
    const heard = { key: randomUUID(), from: who, content: { kind: 'voice', media } } as const
    const inboundId = await transaction(store.db, (tx) => storeInbound(tx, store.seal, known, heard, new Date()))
    const at = { notBefore: new Date(), createdAt: new Date() }
    const made = { inboundId: inboundId ?? null, personId: known.personId, kind: 'voice', status: 'waiting', ...at }
    await store.db.attachment.create({ data: { ...made, ...more } })
  }
  const kept = (objectKey: string, playKey: string) =>
    row({
      status: 'ready',
      mime: 'audio/ogg',
      bytes: 4,
      sha256: 'a'.repeat(64),
      verdict: 'unknown',
      objectKey,
      playKey,
      playMime: 'audio/mpeg',
    })
  const namesIn = async (blobs: Blobs) => {
    const names: (string | undefined)[] = []
    for await (const { key } of blobs.list()) names.push(key)
    return names
  }
  const sweepAt = (blobs: Blobs, at: number, workDir = join(dir, 'work')) => {
    mkdirSync(workDir, { recursive: true })
    return makeLeftovers({ db: store.db, seal: store.seal, blobs, workDir, now: () => new Date(at), log })()
  }

  for (const where of ['a folder', 'a bucket'] as const) {
    it(`in ${where} are removed after a day; what a row names stays, however old; what is gone is counted`, async () => {
      const folder = mkdtempSync(join(dir, 'folder-'))
      const blobs = where === 'a folder' ? folderBlobs(folder) : bucket
      const [one, leftover, lost] = [newBlobKey('kept'), newBlobKey('kept'), newBlobKey('kept')]
      const [play, gone] = [newBlobKey('play'), newBlobKey('play')]
      const [sent, unsent] = [blobKeyFor('sent', 'waits'), blobKeyFor('sent', 'never told')]
      for (const key of [one, play, leftover, sent, unsent]) await blobs.put(key, randomBytes(40))
      await kept(one, play)
      await kept(lost, gone)
      const source = { id: sent, channel: 'web', account: 'web' } as const
      await row({ sourceSealed: store.seal.seal(source) })
      expect(await namesIn(blobs)).toHaveLength(5)
      const now = Date.now()
      expect(await sweepAt(blobs, now)).toEqual({ removed: 0, suspicious: 0, missing: 2 })
      expect(await namesIn(blobs)).toHaveLength(5)
      // Not twice on one day, whoever asks.
      expect(await sweepAt(blobs, now)).toBeUndefined()
      expect(await sweepAt(blobs, now + 2 * day)).toEqual({ removed: 2, suspicious: 0, missing: 2 })
      expect(new Set(await namesIn(blobs))).toEqual(new Set([one, play, sent]))
      for (const key of await namesIn(blobs)) if (key !== undefined) await blobs.remove(key)
    })
  }

  it('drafts and files of work that a killed process left are removed too, and nothing of others', async () => {
    const folder = mkdtempSync(join(dir, 'folder-'))
    const work = mkdtempSync(join(dir, 'work-'))
    const blobs = folderBlobs(folder)
    const key = newBlobKey('kept')
    await blobs.put(key, randomBytes(40))
    const shelf = readdirSync(folder, { recursive: true, withFileTypes: true }).find((entry) => entry.isFile())
    const draft = join(shelf?.parentPath ?? folder, `${key}.11111111-1111-4111-8111-111111111111`)
    const others = [join(folder, 'readme.txt'), join(work, 'somebody-elses'), join(work, 'linbang-data-x')]
    const ours = [draft, join(work, 'linbang-11111111-1111-4111-8111-111111111111.mp4')]
    for (const path of [...others, ...ours]) writeFileSync(path, 'x')
    mkdirSync(join(work, 'linbang-media-abc'))
    writeFileSync(join(work, 'linbang-media-abc', 'in'), 'x')
    const old = new Date(Date.now() - 2 * day)
    for (const path of [...others, ...ours, join(work, 'linbang-media-abc')]) utimesSync(path, old, old)
    expect(await sweepAt(blobs, Date.now(), work)).toEqual({ removed: 3, suspicious: 0, missing: 0 })
    expect(await namesIn(blobs)).toEqual([key]) // in no row, but of today
    expect(readdirSync(work).sort()).toEqual(['linbang-data-x', 'somebody-elses'])
    expect(readdirSync(folder)).toContain('readme.txt')
  })

  it('so many that the database must be another one are left alone, and reported', async () => {
    const blobs = folderBlobs(mkdtempSync(join(dir, 'folder-')))
    for (let i = 0; i < 60; i++) await blobs.put(newBlobKey('kept'), randomBytes(10))
    expect(await sweepAt(blobs, Date.now() + 2 * day)).toEqual({ removed: 0, suspicious: 60, missing: 0 })
    expect(await namesIn(blobs)).toHaveLength(60)
  })
})
