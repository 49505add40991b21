import Fastify from 'fastify'
import { pino } from 'pino'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Channel, type OpenedMedia, SendError } from '../../src/channels/channel.ts'
import { withMediaLinks } from '../../src/channels/media-links.ts'
import { makeWechat, wechatPath } from '../../src/channels/wechat.ts'
import { makeWecom, wecomPath } from '../../src/channels/wecom.ts'
import type { Outbound } from '../../src/domain/words.ts'
import { converted } from '../../src/media/convert.ts'
import { transaction } from '../../src/store/db.ts'
import { addressOf } from '../../src/store/messages.ts'
import { lengthOf, type Recordings, recordings, withoutPrograms } from '../harness/recordings.ts'
import { freshStore, type Store } from '../harness/store.ts'
import { type FakeWechat, startWechat } from '../harness/wechat.ts'
import { type FakeWecom, startWecom } from '../harness/wecom.ts'

const log = pino({ level: process.env.TEST_LOG ?? 'silent' })
const tools = { ffmpeg: true, sox: true, espeak: true }
const [voice, picture, long, webp, huge, sheet] = [1, 2, 3, 4, 5, 6]

/** Recordings and pictures on the two official accounts, against far ends that keep the official rules. */
describe.skipIf(withoutPrograms)('what is not words', () => {
  let sound: Recordings
  let store: Store
  let wechat: FakeWechat
  let wecom: FakeWecom
  let clock = Date.now()
  const now = () => new Date(clock)
  const server = Fastify()
  let official: Channel
  let kf: Channel
  const kept = new Map<number, OpenedMedia>()
  /** As the media room does it: what does not fit is made anew where it can be. */
  const openMedia = async ({ attachment }: { attachment: number }, accepts: readonly string[]) => {
    const content = kept.get(attachment)
    if (!content) throw new SendError('invalid', 'not there')
    if (accepts.length === 0 || accepts.includes(content.mime)) return content
    return { ...content, ...(await converted(content, accepts, tools)) }
  }
  const message = (attachment: number, kind: 'voice' | 'picture' | 'file' = 'voice'): Outbound => ({
    text: '李社工：语音',
    media: { attachment, kind },
  })

  beforeAll(async () => {
    sound = await recordings()
    ;[store, wechat, wecom] = [await freshStore(), await startWechat({ now }), await startWecom({ now })]
    const links = { db: store.db, now, link: (id: number) => `https://linbang.example/media/${id}` }
    const edge = { ...store, openMedia, server, now, log }
    const { token, aesKey, receiver } = wechat.keys
    const account = { appId: receiver, appSecret: wechat.secret, token, aesKey, apiBase: wechat.apiBase, menus: false }
    official = withMediaLinks(makeWechat({ ...edge, ...account }), links)
    const { secret, openKfId, apiBase, keys } = wecom
    const { token: kfToken, aesKey: kfKey, receiver: corpId } = keys
    const kfAccount = { corpId, secret, openKfId, token: kfToken, aesKey: kfKey, apiBase, pollEveryMs: 60_000 }
    kf = withMediaLinks(makeWecom({ ...edge, ...kfAccount }), links)
    for (const channel of [official, kf]) {
      await channel.start(async ({ from }) => void (await transaction(store.db, (tx) => addressOf(tx, from, now()))))
    }
    const base = await server.listen({ port: 0, host: '127.0.0.1' })
    wechat.callback = base + wechatPath
    wecom.callback = base + wecomPath
    const jpeg = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    kept.set(voice, { data: sound.webm, mime: 'audio/webm', fileName: 'v.webm', seconds: 3 })
    kept.set(picture, { data: jpeg, mime: 'image/jpeg', fileName: 'p.jpg' })
    kept.set(long, { data: sound.webm, mime: 'audio/webm', fileName: 'v.webm', seconds: 75 })
    kept.set(webp, { data: await sharp(jpeg).webp().toBuffer(), mime: 'image/webp', fileName: 'p.webp' })
    kept.set(huge, { data: Buffer.concat([jpeg, Buffer.alloc(11e6)]), mime: 'image/jpeg', fileName: 'p.jpg' })
    kept.set(sheet, { data: Buffer.from('%PDF-1.7 what to bring'), mime: 'application/pdf', fileName: 'f.pdf' })
  })
  afterEach(() => {
    wechat.fault(() => undefined)
    wecom.fault(() => undefined)
  })
  afterAll(async () => {
    await kf.stop()
    await server.close()
    await wechat.stop()
    await wecom.stop()
    await store.drop()
  })

  const at = (externalId: string) => ({ channel: 'wechat', account: official.account, externalId }) as const
  const atKf = (externalId: string) => ({ channel: 'wechat', account: kf.account, externalId }) as const
  const writes = (customer: string) => wecom.writes(customer, { msgtype: 'text', text: { content: '你好' } })

  it('a worker’s recording is a voice that plays, behind the words that say whose it is', async () => {
    const phone = wechat.phone('oA')
    await phone.says('你好')
    expect(await official.send(at('oA'), message(voice), 'k1')).toMatchObject({ replies: 2 })
    const [words, played] = phone.screen()
    expect([words?.text, played?.kind]).toEqual(['李社工：语音', 'voice'])
    expect(lengthOf(played?.media?.data ?? Buffer.alloc(0))).toBeCloseTo(lengthOf(sound.webm), 0)

    await writes('wmA')
    const sent = await kf.send(atKf('wmA'), message(voice), 'k1')
    const [kfWords, kfPlayed] = wecom.screen('wmA')
    expect([kfWords?.text, kfPlayed?.kind]).toEqual(['李社工：语音', 'voice'])
    expect(kfPlayed?.media?.data.subarray(0, 6).toString()).toBe('#!AMR\n')
    expect(lengthOf(kfPlayed?.media?.data ?? Buffer.alloc(0))).toBeCloseTo(lengthOf(sound.webm), 0)
    expect(sent).toMatchObject({ replies: 2, externalId: kfPlayed?.msgid })
    await kf.send(atKf('wmA'), message(voice), 'k1')
    expect(wecom.screen('wmA')).toHaveLength(2)
  })

  it('pictures and, at 微信客服, files arrive as they are; another form of picture is made one that is taken', async () => {
    const phone = wechat.phone('oB')
    await phone.says('你好')
    await official.send(at('oB'), message(picture, 'picture'), 'k1')
    await official.send(at('oB'), message(webp, 'picture'), 'k2')
    expect(phone.screen().map(({ kind }) => kind)).toEqual(['text', 'image', 'text', 'image'])
    await writes('wmB')
    await kf.send(atKf('wmB'), message(webp, 'picture'), 'k1')
    await kf.send(atKf('wmB'), message(sheet, 'file'), 'k2')
    expect(wecom.screen('wmB').map(({ kind }) => kind)).toEqual(['text', 'image', 'text', 'file'])
  })

  it.each([
    ['a voice of more than a minute', long, 'voice'],
    ['a picture of more than ten megabytes', huge, 'picture'],
    ['a file, which a 服务号 does not take', sheet, 'file'],
  ] as const)('%s goes as a link in one message, and nothing of it before', async (_what, attachment, kind) => {
    const phone = wechat.phone(`oC${attachment}`)
    await phone.says('你好')
    const sent = await official.send(at(`oC${attachment}`), message(attachment, kind), 'k1')
    expect(sent).toMatchObject({ replies: 1 })
    const [only, ...more] = phone.screen()
    expect(more).toEqual([])
    expect(only?.text).toContain('李社工：语音')
    expect(only?.text).toContain(`https://linbang.example/media/${attachment}`)
  })

  it('what WeChat alone finds unfit (45007, 40005) goes as a link too', async () => {
    const phone = wechat.phone('oD')
    await phone.says('你好')
    for (const errcode of [45007, 40005]) {
      wechat.fault((path) => (path === 'media/upload' ? { errcode } : undefined))
      wechat.dropMaterials()
      clock += 4 * 24 * 3_600_000
      await phone.says('你好')
      await official.send(at('oD'), message(voice), `k${errcode}`)
      expect(phone.screen().at(-1)?.text).toContain('https://linbang.example/media/')
    }
  })

  it('an upload is used again for three days, made anew after them, and anew when WeChat has lost it (40007)', async () => {
    const phone = wechat.phone('oE')
    await phone.says('你好')
    const uploads = () => wechat.calls('media/upload').length
    await official.send(at('oE'), message(voice), 'k0')
    const before = uploads()
    await official.send(at('oE'), message(voice), 'k1')
    expect(uploads()).toBe(before)
    clock += 3 * 24 * 3_600_000
    await phone.says('你好')
    await official.send(at('oE'), message(voice), 'k2')
    expect(uploads()).toBe(before + 1)
    wechat.dropMaterials()
    await official.send(at('oE'), message(voice), 'k3')
    expect(uploads()).toBe(before + 2)
    expect(phone.screen().filter(({ kind }) => kind === 'voice')).toHaveLength(4)
    // Whatever id it is given is refused: the words are there once, and the link follows them.
    await phone.says('你好')
    wechat.fault((path, { body }) =>
      path === 'message/custom/send' && body.msgtype === 'voice' ? { errcode: 40007 } : undefined,
    )
    const shown = phone.screen().length
    await official.send(at('oE'), message(voice), 'k4')
    const [words, link, ...more] = phone.screen().slice(shown)
    expect(more).toEqual([])
    expect(words?.text).toBe('李社工：语音')
    expect(link?.text).toMatch(/^点这里打开.*https:\/\/linbang\.example/)
  })

  it('what goes to many at once is uploaded once', async () => {
    const many = Array.from({ length: 12 }, (_, i) => `oM${i}`)
    for (const openid of many) await wechat.phone(openid).says('你好')
    wechat.dropMaterials()
    clock += 4 * 24 * 3_600_000
    for (const openid of many) await wechat.phone(openid).says('你好')
    const before = wechat.calls('media/upload').length
    await Promise.all(many.map((openid) => official.send(at(openid), message(picture, 'picture'), openid)))
    expect(wechat.calls('media/upload').length - before).toBe(1)
    expect(many.every((openid) => wechat.phone(openid).screen().at(-1)?.kind === 'image')).toBe(true)
  })

  it('an upload that fails for a moment is tried again later, and nothing was said before it', async () => {
    const phone = wechat.phone('oF')
    await phone.says('你好')
    wechat.dropMaterials()
    clock += 4 * 24 * 3_600_000
    await phone.says('你好')
    wechat.fault((path) => (path === 'media/upload' ? { status: 502 } : undefined))
    const failed = await official.send(at('oF'), message(voice), 'k1').catch((error: unknown) => error)
    expect(failed).toMatchObject({ name: 'SendError', kind: 'transient', outcomeUnknown: false })
    expect(phone.screen()).toEqual([])
  })
})
