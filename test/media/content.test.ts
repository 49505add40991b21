import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cleanPicture } from '../../src/media/clean.ts'
import { makeLinks } from '../../src/media/links.ts'
import { makeScan } from '../../src/media/scan.ts'
import { sniff } from '../../src/media/sniff.ts'
import { playable, toWav } from '../../src/media/sound.ts'
import { findTools } from '../../src/media/tools.ts'
import { sealedBlobs, subkey } from '../../src/store/blob-seal.ts'
import { type Blobs, folderBlobs, newBlobKey } from '../../src/store/blobs.ts'
import { s3Blobs } from '../../src/store/blobs-s3.ts'
import { lengthOf, type Recordings, recordings, withoutPrograms } from '../harness/recordings.ts'

const log = pino({ level: 'silent' })

describe.skipIf(withoutPrograms)('what a recording is', () => {
  let sound: Recordings
  beforeAll(async () => {
    sound = await recordings()
  })
  const kinds = { wav: 'wav', ogg: 'ogg', webm: 'webm', m4a: 'mp4', amr: 'amr', mp3: 'mpeg', silk: 'silk' } as const

  for (const [name, type] of Object.entries(kinds)) {
    it(`${name} is known by its bytes, can be played everywhere and read by a recogniser`, async () => {
      const data = sound[name as keyof Recordings]
      expect(await sniff(data, 'audio/whatever')).toEqual({ kind: 'voice', mime: `audio/${type}` })
      const recording = { data, mime: `audio/${type}` }
      const tools = await findTools()
      const play = await playable(recording, tools)
      const seconds = lengthOf(sound.wav)
      expect(play?.mime).toBe('audio/mpeg')
      expect(lengthOf(play?.data ?? Buffer.alloc(0))).toBeCloseTo(seconds, 0)
      expect(Math.abs((play?.seconds ?? 0) - seconds)).toBeLessThan(1)
      const wav = Buffer.from((await toWav(recording, tools)) ?? [])
      expect([wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual([1, 16_000])
      expect(lengthOf(wav)).toBeCloseTo(seconds, 0)
      // There is speech in it, not silence.
      const samples = Array.from({ length: (wav.length - 100) >> 1 }, (_, n) => Math.abs(wav.readInt16LE(100 + 2 * n)))
      const loudest = samples.reduce((most, sample) => Math.max(most, sample), 0)
      expect(loudest).toBeGreaterThan(2_000)
    })
  }

  it('without any program of the machine it is passed on as it is, and only what must be decoded cannot be', async () => {
    const bare = { ffmpeg: false, sox: false, espeak: false }
    expect(await playable({ data: sound.ogg, mime: 'audio/ogg' }, bare)).toBeUndefined()
    expect(await toWav({ data: sound.ogg, mime: 'audio/ogg' }, bare)).toBeUndefined()
    expect(await toWav({ data: sound.silk, mime: 'audio/silk' }, bare)).toBeDefined()
  })

  it('a film is none, a program called a picture is nothing, broken sound is told', async () => {
    expect(await sniff(sound.webm, 'video/webm')).toMatchObject({ kind: 'video' })
    expect(await sniff(Buffer.concat([Buffer.from('MZ'), randomBytes(300)]), 'image/jpeg')).toBeUndefined()
    expect(await sniff(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml')).toBeUndefined()
    expect(await sniff(Buffer.from([0xc3, 0x28, 0x41]), 'text/plain')).toBeUndefined()
    expect(await sniff(new Uint8Array(0), 'audio/ogg')).toBeUndefined()
    const broken = { data: Buffer.concat([sound.ogg.subarray(0, 40), randomBytes(500)]), mime: 'audio/ogg' }
    await expect(playable(broken, await findTools())).rejects.toThrow('no sound')
  })
})

describe('a picture', () => {
  it('of every kind loses its notes and keeps its look; what is none or a bomb is refused', async () => {
    const blank = sharp({ create: { width: 40, height: 30, channels: 3, background: 'green' } })
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const noted = await blank
        .clone()
        .withExif({ IFD0: { Copyright: 'Zhang San' } })
        .toFormat(format)
        .toBuffer()
      expect(noted.includes('Zhang San')).toBe(true)
      const clean = Buffer.from(await cleanPicture(noted, `image/${format}`))
      expect(clean.includes('Zhang San')).toBe(false)
      expect(await sharp(clean).metadata()).toMatchObject({ format, width: 40, height: 30 })
    }
    const wide = await sharp({ create: { width: 6_000, height: 100, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    expect((await sharp(Buffer.from(await cleanPicture(wide, 'image/jpeg'))).metadata()).width).toBe(4_096)
    const bomb = await sharp({ create: { width: 16_000, height: 16_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    await expect(cleanPicture(bomb, 'image/png')).rejects.toThrow('pixel limit')
    await expect(cleanPicture(randomBytes(500), 'image/jpeg')).rejects.toThrow()
  })
})

describe('the scanner', () => {
  const data = Buffer.from('content')
  const command = (...words: string[]) => makeScan({ kind: 'command', command: words }, log)(data)

  it('a command answers by its exit code; one that cannot run or hangs says nothing', async () => {
    expect(await command('sh', '-c', 'grep -q content && exit 0')).toBe('clean')
    expect(await command('sh', '-c', 'grep -q content && exit 1')).toBe('infected')
    expect(await command('sh', '-c', 'exit 2')).toBe('unknown')
    expect(await command('no-such-program-at-all')).toBe('unknown')
    expect(await makeScan(undefined, log)(data)).toBe('unknown')
  })

  it('a service answers in JSON; anything else it says is no answer', async () => {
    let answer = { status: 200, body: '{"verdict":"infected"}' }
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(answer.status).end(answer.body))
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    try {
      const scan = makeScan({ kind: 'url', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }, log)
      expect(await scan(data)).toBe('infected')
      answer = { status: 200, body: '{"verdict":"clean"}' }
      expect(await scan(data)).toBe('clean')
      answer = { status: 200, body: '{"verdict":"perhaps"}' }
      expect(await scan(data)).toBe('unknown')
      answer = { status: 500, body: '' }
      expect(await scan(data)).toBe('unknown')
    } finally {
      server.close()
    }
  })
})

describe('a link', () => {
  it('says only what it was made for, to the second, under its own key', () => {
    const key = subkey(new Uint8Array(32).fill(1), 'media links')
    const links = makeLinks(key)
    const until = new Date('2026-11-23T10:00:00Z')
    const token = links.mint(7, 9, until).replace('/media/', '')
    expect(links.read(token, until)).toEqual({ attachmentId: 7, viewerPersonId: 9 })
    expect(links.read(token, new Date(until.getTime() + 1_000))).toBeUndefined()
    for (let i = 0; i < token.length; i++) {
      const other = `${token.slice(0, i)}${token[i] === 'x' ? 'y' : 'x'}${token.slice(i + 1)}`
      expect(links.read(other, new Date(0))).toBeUndefined()
    }
    expect(makeLinks(subkey(new Uint8Array(32).fill(2), 'media links')).read(token, until)).toBeUndefined()
    for (const junk of ['', 'a', '../../etc/passwd', 'A'.repeat(48)]) expect(links.read(junk, until)).toBeUndefined()
  })
})

describe('where contents lie', () => {
  const dir = join(tmpdir(), `linbang-blobs-${process.pid}`)
  const S3rver = createRequire(import.meta.url)('s3rver') as new (
    options: Record<string, unknown>,
  ) => { run(): Promise<AddressInfo>; close(): Promise<void> }
  let server: InstanceType<typeof S3rver>
  let s3: Blobs
  let s3Url = ''
  beforeAll(async () => {
    server = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory: join(dir, 's3'),
      configureBuckets: [{ name: 'linbang', configs: [] }],
    })
    const { port } = await server.run()
    s3Url = `http://127.0.0.1:${port}/linbang`
    s3 = s3Blobs({ url: s3Url, keyId: 'S3RVER', secret: 'S3RVER', region: 'us-east-1' })
  })
  afterAll(async () => {
    await server.close()
    rmSync(dir, { recursive: true, force: true })
  })

  for (const where of ['a folder', 'an S3-compatible bucket'] as const) {
    it(`${where} gives back what it was given, whole, and nothing under a name it does not know`, async () => {
      const blobs = where === 'a folder' ? folderBlobs(join(dir, 'folder')) : s3
      const sealed = sealedBlobs(blobs, new Uint8Array(32).fill(3))
      const data = randomBytes(300_000)
      const [one, two] = [newBlobKey('kept'), newBlobKey('kept')]
      await sealed.put(one, data)
      await sealed.put(two, Buffer.from('another'))
      expect(Buffer.from((await sealed.get(one)) ?? []).equals(data)).toBe(true)
      expect(Buffer.from((await blobs.get(one)) ?? []).includes(data.subarray(0, 50))).toBe(false)
      expect(await sealed.get(newBlobKey('kept'))).toBeUndefined()
      // Put in the place of another, or changed by one bit, it does not open.
      await blobs.put(two, (await blobs.get(one)) ?? Buffer.alloc(0))
      await expect(sealed.get(two)).rejects.toThrow()
      const bent = Buffer.from((await blobs.get(one)) ?? [])
      bent[bent.length - 1] = (bent.at(-1) ?? 0) ^ 1
      await blobs.put(one, bent)
      await expect(sealed.get(one)).rejects.toThrow()
      await sealed.remove(one)
      await sealed.remove(one)
      expect(await sealed.get(one)).toBeUndefined()
      await expect(async () => blobs.get('../../etc/passwd')).rejects.toThrow(RangeError)
    })
  }

  it('a folder never shows half of what is being written', async () => {
    const blobs = folderBlobs(join(dir, 'halves'))
    const key = newBlobKey('kept')
    await Promise.all([1, 2, 3].map((fill) => blobs.put(key, Buffer.alloc(2_000_000, fill))))
    expect(new Set(await blobs.get(key)).size).toBe(1)
    const files = readdirSync(join(dir, 'halves'), { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
    expect(files.length).toBe(1)
  })

  it('a wrong key or bucket is one clear line without the secret', async () => {
    const key = newBlobKey('kept')
    const wrong = s3Blobs({ url: s3Url, keyId: 'NOBODY', secret: 'wrong', region: 'us-east-1' })
    await expect(wrong.put(key, Buffer.from('x'))).rejects.toThrow(/^the object store answered 403 to PUT$/)
    const nowhere = s3Blobs({ url: `${s3Url}x`, keyId: 'S3RVER', secret: 'S3RVER', region: 'us-east-1' })
    await expect(nowhere.put(key, Buffer.from('x'))).rejects.toThrow('no such bucket')
  })
})
