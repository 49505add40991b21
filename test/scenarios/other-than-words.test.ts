import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { seal } from '../harness/store.ts'
import { type FakeTelegram, startTelegram } from '../harness/telegram.ts'

describe('what is not words', () => {
  let telegram: FakeTelegram
  let linbang: Linbang
  beforeAll(async () => {
    telegram = await startTelegram()
    linbang = await startLinbang({ env: { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot } })
  })
  afterAll(async () => {
    await linbang.stop()
    await telegram.stop()
  })
  const sends = (chat: number, part: object) =>
    telegram.inject({
      message: { message_id: 1, date: 1, chat: { id: chat, type: 'private' }, from: { id: chat }, ...part },
    })
  const location = { location: { latitude: 24.50012, longitude: 118.10034 } }
  const requestOf = (chat: number) =>
    linbang.db.helpRequest.findFirstOrThrow({
      where: { requester: { addresses: { some: { externalId: String(chat) } } } },
      orderBy: { id: 'desc' },
    })
  /** A plea of this chat that the coordinator has taken. */
  async function taken(chat: number) {
    const coordinator = await linbang.coordinator()
    const phone = telegram.phone(chat)
    await phone.says('人工')
    await phone.sees('已经转给')
    const { number } = await requestOf(chat)
    await coordinator.says(`接 ${number}`)
    await coordinator.sees('由您负责')
    await phone.sees('已经接下')
    return { coordinator, phone, number }
  }

  it('a place sent to a worker arrives there, to the metre, before the resident is told so', async () => {
    const { coordinator, phone, number } = await taken(61)
    sends(61, location)
    await phone.sees('已经转给工作人员')
    const relayed = await coordinator.sees('位置(24.50012,118.10034)')
    expect(relayed.text).toContain(String(number))
  })

  it('a place sent while nobody has it is kept with the plea, and nothing else is claimed', async () => {
    const phone = telegram.phone(62)
    await phone.says('人工')
    await phone.sees('已经转给')
    sends(62, location)
    expect((await phone.sees('收到您的位置')).text).not.toContain('转给')
    expect(JSON.stringify(seal.open((await requestOf(62)).detailsSealed))).toContain('24.50012')
  })

  it('in a crisis a place reaches people at once, and a sticker gets no receipt as if nothing were wrong', async () => {
    const coordinator = await linbang.coordinator()
    const phone = telegram.phone(63)
    await phone.says('我不想活了')
    await phone.sees('很担心您')
    sends(63, location)
    await coordinator.sees('位置(24.50012,118.10034)')
    await phone.sees('我一直在')
    sends(63, { sticker: { emoji: '😢' } })
    await phone.sees('我一直在')
    await phone.says('/start')
    await phone.sees('我一直在')
    expect(phone.screen().filter((m) => /正在办|小助手/.test(m.text))).toEqual([])
    // A named person has it now: from here on the bot is silent, and everything is only carried.
    const { number } = await requestOf(63)
    await coordinator.says(`接 ${number}`)
    await phone.sees('已经看到您的话')
    const before = phone.screen().length
    sends(63, { sticker: { emoji: '😢' } })
    sends(63, location)
    sends(63, { voice: { file_id: 'v', duration: 4 } })
    await phone.says('/start')
    await coordinator.sees('语音')
    await phone.says('我在阳台')
    await coordinator.sees('我在阳台')
    expect(phone.screen().slice(before)).toEqual([])
  })

  it.each([
    ['voice', { voice: { file_id: 'v', duration: 23 } }, '收到您的语音23秒'],
    ['photo', { photo: [{ file_id: 'p' }] }, '收到您发的图片'],
    ['video', { video: { file_id: 'f', duration: 3 } }, '收到您发的视频'],
    ['file', { document: { file_id: 'd' } }, '收到您发的文件'],
    ['location', location, '是真人'],
  ])(
    'a %s as the very first message is not dropped until text follows: a person gets it',
    async (kind, part, words) => {
      const chat = 70 + ['voice', 'photo', 'video', 'file', 'location'].indexOf(kind)
      sends(chat, part)
      await telegram.phone(chat).sees(words)
      const request = await requestOf(chat)
      expect(request.status).toBe('triage')
      expect(request.nextDeadline).not.toBeNull()
    },
  )

  it('a sticker as the very first message is greeted', async () => {
    sends(79, { sticker: { emoji: '👍' } })
    await telegram.phone(79).sees('是机器')
  })

  it('a coordinator who has taken a plea can send a recording to the resident, and only to that one', async () => {
    const coordinator = await linbang.coordinator()
    await coordinator.says('邀请 c-02')
    const code = /加入码：(\w+)/.exec((await coordinator.sees('加入码')).text)?.[1] ?? ''
    const second = telegram.phone(80)
    await second.says(`加入 ${code}`)
    await second.sees('您已加入')
    const resident = telegram.phone(81)
    await resident.says('人工')
    await resident.sees('已经转给')
    sends(80, { voice: { file_id: 'mine', duration: 2 } })
    await second.sees('没有转给任何人')
    await second.says(`接 ${(await requestOf(81)).number}`)
    await second.sees('由您负责')
    sends(80, { voice: { file_id: 'mine', duration: 2 } })
    await resident.sees('发来语音')
  })
})
