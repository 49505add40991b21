import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { lengthOf, type Recordings, recordings, withoutPrograms } from '../harness/recordings.ts'
import { type FakeTelegram, startTelegram } from '../harness/telegram.ts'

describe.skipIf(withoutPrograms)('a notice with a picture and a recording', () => {
  let telegram: FakeTelegram
  let linbang: Linbang
  let author: Phone
  let second: Phone
  let sound: Recordings
  beforeAll(async () => {
    sound = await recordings()
    telegram = await startTelegram()
    linbang = await startLinbang({ env: { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot } })
    author = await linbang.coordinator()
    second = await linbang.colleague('c-02')
  }, 60_000)
  afterAll(async () => {
    await linbang.stop()
    await telegram.stop()
  })

  const drawing = (background: string) =>
    sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .withExifMerge({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '24/1 30/1 0/1' } })
      .jpeg()
      .toBuffer()
  const newest = () => linbang.db.broadcast.findFirstOrThrow({ orderBy: { id: 'desc' } })
  const kept = (which: 'pictureId' | 'voiceId') =>
    expect
      .poll(
        async () => {
          const id = (await newest())[which]
          return id === null ? undefined : (await linbang.db.attachment.findUnique({ where: { id } }))?.status
        },
        { timeout: 15_000 },
      )
      .toBe('ready')
  async function onTelegram(chat: number, community: string) {
    const phone = telegram.phone(chat)
    await phone.says(`社区：${community}`)
    await phone.sees(`以后按${community}`)
    return phone
  }
  async function onTheWeb(community: string) {
    const phone = await linbang.resident()
    await phone.says(`社区：${community}`)
    await phone.sees(`以后按${community}`)
    return phone
  }
  async function written(community: string, words: string) {
    await author.says('通知')
    await author.sees('请写通知正文')
    await author.says(words)
    await author.sees('这是哪一种')
    await author.taps('一般通知')
    await author.sees('发给谁')
    await author.says(community)
    await author.sees('预览 通知')
  }

  it('is shown to both coordinators, described, approved as a whole, and each person gets one message', async () => {
    const web = await onTheWeb('康乐社区')
    for (const chat of [201, 202, 203]) await onTelegram(chat, '康乐社区')
    await written('康乐社区', '康乐社区居民：明天上午9点停水，请先接好水。有事打0592-5550000。')
    await author.sends(await drawing('red'), 'image/jpeg')
    await author.sees('请用一句话写图片里是什么')
    await kept('pictureId')
    // Words for those who cannot see it are held to the same rules.
    await author.says('扫二维码领补贴')
    const bad = await author.sees('必须改')
    expect(bad.text).toContain('二维码')
    await author.says('图片说明 停水的楼：1号到6号楼')
    const preview = await author.sees('预览 通知')
    expect(preview.text).toContain('图片里是：停水的楼')
    expect(preview.text).toContain('带图片')
    const shown = author.screen().find(({ media }) => media?.kind === 'picture' && media.url !== undefined)
    expect(shown).toBeDefined()
    await author.sends(sound.webm, 'audio/webm;codecs=opus')
    await author.sees('录音放进通知')
    await kept('voiceId')
    await author.taps('请另一位核对')
    const picture = await second.sees(/通知\d+的图片/)
    const recording = await second.sees(/通知\d+的录音/)
    const asked = await second.sees('您同意发吗')
    expect(asked.text).toContain('请听一遍')
    const seen = await second.opens(picture)
    const clean = Buffer.from(await seen.arrayBuffer())
    expect((await sharp(clean).metadata()).exif).toBeUndefined()
    expect((await second.opens(recording)).status).toBe(200)
    // What the second person looks at cannot be changed under their hands.
    const { id, pictureId, voiceId } = await newest()
    await expect(linbang.db.broadcast.update({ where: { id }, data: { pictureId: voiceId } })).rejects.toThrow(
      /stand still/,
    )
    await author.says('去掉图片')
    await author.sees('没有正在写的通知')
    expect((await newest()).pictureId).toBe(pictureId)
    const stranger = await linbang.resident()
    expect((await stranger.gets(`/chat/media/${pictureId}`)).status).toBe(404)
    await second.taps('同意发')

    const got = await web.sees('【通知】康乐社区居民')
    expect(got.text).toContain('图片里是：停水的楼')
    expect(got.choices.map(({ label }) => label)).toEqual(['听录音', '谁发的', '不再收这类'])
    expect((await web.opens(got)).headers.get('content-type')).toBe('image/jpeg')
    await author.sees('一共4人')
    const photos = telegram.calls('sendPhoto')
    expect(photos.map((call) => String(call.chat_id)).sort()).toEqual(['201', '202', '203'])
    expect(photos.every(({ caption }) => String(caption).startsWith('【通知】康乐社区居民'))).toBe(true)
    // Given to Telegram once; for the others its own id was enough. The words stand below: no message more.
    expect(photos.filter(({ photo }) => typeof photo !== 'string').length).toBe(1)
    const words = telegram.calls('sendMessage').filter(({ text }) => String(text).includes('停水'))
    expect(words).toEqual([])
    expect(await linbang.db.broadcastRecipient.count({ where: { broadcastId: id, outcome: 'sent' } })).toBe(4)

    await web.taps('听录音')
    const heard = await web.sees('【录音】康乐社区居民')
    expect(lengthOf(Buffer.from(await (await web.opens(heard)).arrayBuffer()))).toBeCloseTo(lengthOf(sound.webm), 0)
    const phone = telegram.phone(201)
    await phone.says('听录音')
    await expect.poll(() => telegram.calls('sendVoice').length).toBe(1)

    // 念给我听: the voice of the person, never the machine's beside it.
    await web.says('念给我听')
    const aloud = await web.sees('这条通知是人念的')
    expect(aloud.media?.kind).toBe('voice')
    const sent = await linbang.db.broadcastRecipient.findMany({ where: { broadcastId: id } })
    const outbound = sent.flatMap(({ outboundId }) => (outboundId === null ? [] : [outboundId]))
    expect(outbound.length).toBe(4)
    expect(await linbang.db.attachment.count({ where: { spokenOfId: { in: outbound } } })).toBe(0)

    // Taken back: whoever was told is told so, and the picture opens no longer.
    await author.says(`撤回通知 ${id}`)
    await author.sees('预览 通知')
    await author.taps('请另一位核对')
    await second.sees('您同意发吗')
    await second.taps('同意发')
    await web.sees('不算数了')
    expect((await web.opens(got)).status).toBe(404)
    await web.says('听录音')
    await web.sees(/撤回|没有录音/)
  }, 90_000)

  it('without a picture the recording itself carries the words; a picture without its line stops it', async () => {
    const web = await onTheWeb('吕岭社区')
    await onTelegram(211, '吕岭社区')
    await written('吕岭社区', '吕岭社区居民：明天下午3点在社区中心义诊。有事打0592-5550000。')
    await author.sends(sound.ogg, 'audio/ogg')
    await author.sees('录音放进通知')
    await kept('voiceId')
    const { id } = await newest()
    const voices = telegram.calls('sendVoice').length
    await author.sends(await drawing('blue'), 'image/jpeg')
    await author.sees('请用一句话写图片里是什么')
    await author.taps('请另一位核对')
    await author.sees('请用一句话写图片里是什么')
    expect((await newest()).status).toBe('draft')
    await author.says('去掉图片')
    await author.sees('里的图片去掉了')
    await author.taps('请另一位核对')
    await second.sees('您同意发吗')
    await second.taps('同意发')
    const got = await web.sees('【通知】吕岭社区居民')
    expect(got.media?.kind).toBe('voice')
    expect(got.choices.map(({ label }) => label)).toEqual(['谁发的', '不再收这类'])
    await expect.poll(() => telegram.calls('sendVoice').length).toBe(voices + 1)
    expect(telegram.calls('sendVoice').at(-1)).toMatchObject({ chat_id: '211' })
    expect(String(telegram.calls('sendVoice').at(-1)?.caption)).toContain('义诊')
    await author.sees(`通知${id} 发完了。一共2人`)
  }, 60_000)
})
