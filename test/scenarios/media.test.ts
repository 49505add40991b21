import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { lengthOf, type Recordings, recordings, withoutPrograms } from '../harness/recordings.ts'
import { type FakeTelegram, startTelegram, type TelegramFile, type TelegramPhone } from '../harness/telegram.ts'

/** Recordings, pictures and files from one channel to the other, without any speech service. */
describe.skipIf(withoutPrograms)('what is sent besides words', () => {
  let telegram: FakeTelegram
  let linbang: Linbang
  let sound: Recordings
  let coordinator: Phone
  beforeAll(async () => {
    sound = await recordings()
    telegram = await startTelegram()
    linbang = await startLinbang({ env: { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot } })
    coordinator = await linbang.coordinator()
  })
  afterAll(async () => {
    await linbang.stop()
    await telegram.stop()
  })

  const joined = async (chat: number, code: string): Promise<TelegramPhone> => {
    await coordinator.says(`邀请 ${code}`)
    const word = /加入码：(\w+)/.exec((await coordinator.sees('加入码')).text)?.[1] ?? ''
    const phone = telegram.phone(chat)
    await phone.says(`加入 ${word}`)
    await phone.sees('您已加入')
    await sleep(600) // a colleague is known everywhere only when the directory was read anew
    return phone
  }
  /** The recording that a worker on Telegram got with a request. */
  const voiceOf = async (number: number) => {
    const find = () => telegram.calls('sendVoice').find((call) => String(call.caption).includes(`求助${number}`))
    await expect.poll(find, { timeout: 15_000 }).toBeDefined()
    return find() ?? {}
  }
  const requestOf = async (chat: number) =>
    linbang.db.helpRequest.findFirstOrThrow({
      where: { requester: { addresses: { some: { externalId: String(chat) } } } },
    })

  it('an elder’s recording on Telegram is heard by the worker on the web, before and after somebody has taken it', async () => {
    const elder = telegram.phone(101)
    telegram.keep('voice-101', sound.ogg)
    await elder.sends({ voice: { file_id: 'voice-101', duration: 3, mime_type: 'audio/ogg' } })
    await elder.sees('收到您的语音3秒')
    const shown = await coordinator.sees(/^语音$/)
    const asIs = await coordinator.opens(shown, 'as=recorded')
    expect(asIs.headers.get('content-type')).toBe('audio/ogg')
    expect(Buffer.from(await asIs.arrayBuffer()).equals(sound.ogg)).toBe(true)
    const playable = await coordinator.opens(shown)
    expect(playable.headers.get('content-type')).toBe('audio/mpeg')
    expect(lengthOf(Buffer.from(await playable.arrayBuffer()))).toBeCloseTo(lengthOf(sound.ogg), 0)

    const { number, nextDeadline } = await requestOf(101)
    expect(nextDeadline).not.toBeNull()
    const nurse = await joined(102, 'a3-sw-03')
    await coordinator.says(`指派 ${number} a3-sw-03`)
    await nurse.taps('接')
    const sent = await voiceOf(number)
    expect(sent.chat_id).toBe('102')
    expect((sent.voice as TelegramFile).data.equals(sound.ogg)).toBe(true)

    // Who has let go of it can open it no longer: neither the old link nor a new one.
    expect((await coordinator.opens(shown)).status).toBe(404)
    // The worker answers by voice, as phones of the other make record it.
    telegram.keep('voice-102', sound.ogg)
    await nurse.sends({ voice: { file_id: 'voice-102', duration: 3, mime_type: 'audio/ogg' } })
    await elder.sees('发来语音')
    expect(telegram.calls('sendVoice').at(-1)?.chat_id).toBe('101')
  })

  it('a recording made on the web page reaches a worker on Telegram as a recording, and the answer comes back', async () => {
    const nurse = telegram.phone(102)
    const resident = await linbang.resident()
    expect((await resident.sends(sound.webm, 'audio/webm;codecs=opus')).status).toBe(202)
    await resident.sees('收到您的语音')
    const { number } = await linbang.db.helpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })
    await coordinator.says(`指派 ${number} a3-sw-03`)
    await nurse.taps('接')
    const sent = (await voiceOf(number)).voice as TelegramFile
    // webm cannot be played in a bubble of Telegram: it comes in a form that can, and it is the same speech.
    expect(sent.name).toMatch(/\.mp3$/)
    expect(lengthOf(sent.data)).toBeCloseTo(lengthOf(sound.webm), 0)
    telegram.keep('voice-103', sound.ogg)
    telegram.inject({
      message: {
        message_id: 900,
        date: 1,
        chat: { id: 102, type: 'private' },
        from: { id: 102 },
        voice: { file_id: 'voice-103', duration: 3 },
        reply_to_message: { message_id: nurse.screen().at(-1)?.messageId ?? 0 },
      },
    })
    const heard = await resident.sees('发来语音')
    const opened = await resident.opens(heard)
    expect(opened.status).toBe(200)
    expect(lengthOf(Buffer.from(await opened.arrayBuffer()))).toBeCloseTo(lengthOf(sound.ogg), 0)
  })

  it('a photo of a hand-written note (39) is shown to the person who reads it, without where it was taken', async () => {
    const where = { IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '24/1 30/1 0/1' } }
    const photo = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'white' } })
      .withMetadata({ orientation: 6 })
      .withExifMerge({ IFD0: { Make: '手机' }, ...where })
      .jpeg()
      .toBuffer()
    expect((await sharp(photo).metadata()).exif?.length).toBeGreaterThan(50)
    const resident = await linbang.resident()
    await resident.sends(photo, 'image/jpeg')
    await resident.sees('收到您发的图片')
    const shown = await coordinator.sees('图片')
    const opened = await coordinator.opens(shown)
    expect(opened.headers.get('content-type')).toBe('image/jpeg')
    expect(opened.headers.get('content-disposition')).toMatch(/^inline/)
    const clean = Buffer.from(await opened.arrayBuffer())
    const { exif, xmp, iptc, width, height } = await sharp(clean).metadata()
    expect([exif, xmp, iptc]).toEqual([undefined, undefined, undefined])
    expect([width, height]).toEqual([48, 64]) // it stands upright without its note which side is up
  })

  it('a link serves only who is on the request, for a while, in pieces, and never as a page', async () => {
    const resident = await linbang.resident()
    const stranger = await linbang.resident()
    await stranger.says('你好')
    await stranger.sees('机器')
    const secret = Buffer.from('只给办这件事的人看')
    await resident.sends(secret, 'text/plain')
    await resident.sees('收到您发的文件')
    const shown = await coordinator.sees('文件')
    const url = shown.media?.url ?? ''
    expect((await stranger.gets(url.split('?')[0] ?? '')).status).toBe(404)
    expect((await fetch(`${linbang.url}${url.split('?')[0]}`)).status).toBe(404)

    const redirected = await fetch(`${linbang.url}${url}`, { redirect: 'manual' })
    const link = redirected.headers.get('location') ?? ''
    expect(link).toMatch(/^\/media\/[\w-]{48}$/)
    const opened = await fetch(`${linbang.url}${link}`)
    const headers = Object.fromEntries(opened.headers)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': expect.stringMatching(/^attachment; filename="linbang-\d+\.txt"$/),
    })
    expect(Buffer.from(await opened.arrayBuffer()).equals(secret)).toBe(true)
    const part = await fetch(`${linbang.url}${link}`, { headers: { range: 'bytes=0-5' } })
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 0-5/${secret.length}`])
    expect((await fetch(`${linbang.url}${link}`, { headers: { range: 'bytes=999-' } })).status).toBe(416)
    const forged = `${link.slice(0, -1)}${link.endsWith('A') ? 'B' : 'A'}`
    expect((await fetch(`${linbang.url}${forged}`)).status).toBe(404)
    linbang.clock.forward({ minutes: 11 })
    expect((await fetch(`${linbang.url}${link}`)).status).toBe(404)
    // Staff who looked have left a row.
    expect(await linbang.db.accessLog.count({ where: { what: 'media' } })).toBeGreaterThan(0)
  })

  it('nothing of it can be read where it lies, and the database holds none of it', async () => {
    const resident = await linbang.resident()
    const secret = `不能让别人看到 ${Math.random()}`
    await resident.sends(Buffer.from(secret), 'text/plain')
    await resident.sees('收到您发的文件')
    await expect.poll(() => linbang.db.attachment.count({ where: { status: 'waiting' } })).toBe(0)
    const folder = join(linbang.dataDir, 'media')
    const lying = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(lying.length).toBeGreaterThan(3)
    for (const entry of lying) {
      const stored = readFileSync(join(entry.parentPath, entry.name))
      expect(stored.subarray(0, 3).toString()).toBe('LB1')
      expect(stored.includes(secret)).toBe(false)
      expect(stored.includes('OggS')).toBe(false)
    }
    // What was only kept on the way is gone.
    expect(lying.filter((entry) => entry.name.startsWith('sent-'))).toEqual([])
    const [row] = await linbang.db.$queryRaw<
      { all: string }[]
    >`SELECT string_agg(a::text, ' ') AS all FROM "Attachment" a`
    expect(row?.all).not.toContain('voice-10')
  })

  it('an album of ten pictures arrives whole with whoever takes it, each once', async () => {
    for (let i = 0; i < 10; i++) {
      const color = { r: 20 * i, g: 0, b: 0 }
      telegram.keep(
        `album-${i}`,
        await sharp({ create: { width: 8, height: 8, channels: 3, background: color } })
          .jpeg()
          .toBuffer(),
      )
      telegram.inject({
        message: {
          message_id: 100 + i,
          date: 1,
          chat: { id: 110, type: 'private' },
          from: { id: 110 },
          media_group_id: 'album',
          photo: [{ file_id: `album-${i}` }],
        },
      })
    }
    await expect
      .poll(
        () =>
          linbang.db.attachment.count({
            where: { kind: 'picture', status: 'ready', person: { addresses: { some: { externalId: '110' } } } },
          }),
        { timeout: 15_000 },
      )
      .toBe(10)
    await expect
      .poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 15_000 })
      .toBe(0)
    expect(
      await linbang.db.helpRequest.count({ where: { requester: { addresses: { some: { externalId: '110' } } } } }),
    ).toBe(1)
    const { number } = await requestOf(110)
    const nurse = telegram.phone(102)
    const before = telegram.calls('sendPhoto').length
    await coordinator.says(`指派 ${number} a3-sw-03`)
    await nurse.taps('接')
    await expect.poll(() => telegram.calls('sendPhoto').length - before, { timeout: 30_000 }).toBe(10)
    const prints = telegram
      .calls('sendPhoto')
      .slice(before)
      .map((call) => (call.photo as TelegramFile).data.toString('base64'))
    expect(new Set(prints).size).toBe(10)
  })

  it('a voice, a photo, a sticker or a place as the very first message is never without an answer', async () => {
    telegram.keep(
      'first-photo',
      await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer(),
    )
    telegram.keep('first-voice', sound.ogg)
    const parts = {
      121: { voice: { file_id: 'first-voice', duration: 3 } },
      122: { photo: [{ file_id: 'first-photo' }] },
      123: { sticker: { emoji: '🙏' } },
      124: { location: { latitude: 24.505, longitude: 118.153 } },
    }
    for (const [chat, part] of Object.entries(parts)) await telegram.phone(Number(chat)).sends(part)
    for (const chat of [121, 122, 124]) {
      await telegram.phone(chat).sees(/已经转给/)
      expect((await requestOf(chat)).nextDeadline).not.toBeNull()
    }
    await telegram.phone(123).sees('直接说您遇到的困难')
  })

  it('a file that Telegram never finishes to give, or that is larger than it said, is told to both sides', async () => {
    const resident = telegram.phone(130)
    telegram.keep('liar', Buffer.concat([sound.ogg, Buffer.alloc(11_000_000, 1)]), 'lies about its size')
    await resident.sends({ voice: { file_id: 'liar', duration: 3 } })
    await resident.sees('太大')
    await coordinator.sees('太大，没有收下')
    await resident.sends({ voice: { file_id: 'not there at all', duration: 3 } })
    await resident.sees('没有收到')
    await coordinator.sees('没有取到')
    expect(await linbang.orphans()).toBe(0)
  })

  it('an upload sent again after a lost answer counts once; what is too large or of no use is refused in words', async () => {
    const resident = await linbang.resident()
    const id = crypto.randomUUID()
    const both = await Promise.all([
      resident.sends(sound.m4a, 'audio/mp4', id),
      resident.sends(sound.m4a, 'audio/mp4', id),
    ])
    expect(both.map((response) => response.status)).toEqual([202, 202])
    expect((await resident.sends(sound.m4a, 'audio/mp4', id)).status).toBe(202)
    expect(await linbang.db.inboundMessage.count({ where: { key: id } })).toBe(1)
    const plain = id.replaceAll('-', '').split('').reverse().join('')
    expect((await resident.sends(sound.m4a, 'audio/mp4', plain)).status).toBe(202)
    const huge = await resident.sends(Buffer.alloc(20_000_001), 'audio/webm')
    expect([huge.status, ((await huge.json()) as { message: string }).message]).toEqual([
      413,
      expect.stringContaining('太大'),
    ])
    const page = await resident.sends(Buffer.from('<html><script>1</script>'), 'text/plain')
    expect([page.status, ((await page.json()) as { message: string }).message]).toEqual([
      415,
      expect.stringContaining('发不了'),
    ])
    const program = await resident.sends(Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)]), 'image/jpeg')
    expect(program.status).toBe(415)
    expect((await resident.sends(Buffer.alloc(0), 'audio/webm')).status).toBe(400)
    expect((await resident.sends(sound.ogg, 'audio/ogg', 'not-a-uuid')).status).toBe(400)
    expect(await (await resident.gets('/chat/settings')).json()).toMatchObject({ media: true })
  })
})
