import Fastify from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Channel, MediaError, SendError } from '../../src/channels/channel.ts'
import { withMediaLinks } from '../../src/channels/media-links.ts'
import { makeTelegram } from '../../src/channels/telegram.ts'
import type { Inbound, Outbound } from '../../src/domain/words.ts'
import type { FileIds } from '../../src/store/channel-files.ts'
import { openMedia } from '../harness/no-media.ts'
import { freshStore } from '../harness/store.ts'
import { type FakeTelegram, makePhone, startBare, startTelegram } from '../harness/telegram.ts'

const log = pino({ level: 'silent' })
const to = (chat: number) => ({ channel: 'telegram', account: '123456', externalId: String(chat) }) as const

describe('Telegram by polling', () => {
  let telegram: FakeTelegram
  const heard: Inbound[] = []
  let refuse = 0
  const open = () => makeTelegram({ token: telegram.token, apiRoot: telegram.apiRoot, log, openMedia, pollSeconds: 1 })
  let channel: ReturnType<typeof open>
  beforeEach(async () => {
    telegram = await startTelegram()
    heard.length = 0
    refuse = 0
    channel = open()
    await channel.start(async (message) => {
      if (refuse-- > 0) throw new Error('the database is down')
      heard.push(message)
    })
  })
  afterEach(async () => {
    await channel.stop()
    await telegram.stop()
  })

  it('an update that could not be stored is fetched again, and none behind it is lost', async () => {
    refuse = 1
    const phone = telegram.phone(7)
    for (let i = 0; i < 5; i++) await phone.says(`第${i}句`)
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(5)
    expect(heard.map((h) => (h.content.kind === 'text' ? h.content.text : ''))).toEqual([
      '第0句',
      '第1句',
      '第2句',
      '第3句',
      '第4句',
    ])
    expect(new Set(heard.map((h) => h.key)).size).toBe(5)
  })

  it('every kind of update is met calmly, media first or alone', async () => {
    const chat = { id: 9, type: 'private', first_name: '示例' }
    const from = { id: 9, is_bot: false, first_name: '示例', language_code: 'zh-hans' }
    const message = (part: Record<string, unknown>) => ({ message: { message_id: 1, date: 1, chat, from, ...part } })
    const album = Array.from({ length: 10 }, (_, i) => message({ media_group_id: 'a', photo: [{ file_id: `p${i}` }] }))
    for (const update of [
      message({ voice: { file_id: 'v', duration: 23 } }),
      message({ sticker: { emoji: '😀' } }),
      message({ location: { latitude: 24.5, longitude: 118.1 } }),
      message({ contact: { phone_number: '13800000000' } }),
      message({ poll: { id: 'x' } }),
      message({ forward_origin: {}, text: '转发的' }),
      message({ text: '/start AB' }),
      ...album,
      { edited_message: { message_id: 1, date: 1, chat, from, text: '改过的' } },
      { my_chat_member: { chat, from, date: 1, new_chat_member: { status: 'kicked' } } },
      { message: { message_id: 1, date: 1, chat: { id: -5, type: 'group' }, from, text: '群里的话' } },
      { channel_post: { message_id: 1 } },
      { edited_channel_post: { message_id: 1 } },
      { inline_query: { id: 'q', from, query: '社工' } },
      { poll: { id: 'p', question: '?' } },
      { poll_answer: { poll_id: 'p', user: from, option_ids: [0] } },
      { message_reaction: { chat, message_id: 1, user: from, date: 1, old_reaction: [], new_reaction: [] } },
      { chat_member: { chat, from, date: 1 } },
      { business_message: { message_id: 2, chat, from, text: '别处的话' } },
      { callback_query: { id: 'c1', from, data: 'q:a:b' } },
      { callback_query: { id: 'c2', from, game_short_name: 'g' } },
      { callback_query: { id: 'c3', from, inline_message_id: 'i', data: 'x'.repeat(64) } },
      message({ dice: { value: 3 } }),
      message({ video_note: { file_id: 'n', duration: 2 } }),
      message({ animation: { file_id: 'g' }, document: { file_id: 'g' } }),
      message({ venue: { title: '金尚社区' }, location: { latitude: 24.5, longitude: 118.1 } }),
      message({ pinned_message: { message_id: 1 } }),
      { something_new: { a: 1 } },
      { message: 'not even an object' },
    ]) {
      telegram.inject(update)
    }
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(27)
    expect(heard.map((h) => h.content.kind)).toEqual([
      'voice',
      'sticker',
      'location',
      'text',
      'unsupported',
      'text',
      'command',
      ...Array.from({ length: 10 }, () => 'picture'),
      'edited',
      'lifecycle',
      'choice',
      'unsupported',
      'choice',
      'unsupported',
      'video',
      'file',
      'location',
      'unsupported',
    ])
    expect(heard.every((h) => h.from.externalId === '9')).toBe(true)
  })

  it('each error of the Bot API is one of our kinds, and the token is in none', async () => {
    const cases = [
      [{ error_code: 429, description: 'Too Many Requests', retry_after: 10_072 }, 'rate-limited'],
      [{ error_code: 403, description: 'Forbidden: bot was blocked by the user' }, 'blocked'],
      [{ error_code: 403, description: 'Forbidden: user is deactivated' }, 'blocked'],
      [{ error_code: 403, description: 'Forbidden: bot was kicked from the group chat' }, 'blocked'],
      [{ error_code: 400, description: 'Bad Request: chat not found' }, 'gone'],
      [{ error_code: 400, description: 'Bad Request: message to be replied not found' }, 'invalid'],
      [{ error_code: 400, description: "Bad Request: can't parse entities: unsupported start tag" }, 'invalid'],
      [{ error_code: 400, description: 'Bad Request: message is too long' }, 'invalid'],
      [{ error_code: 404, description: 'Not Found' }, 'auth'],
      [{ error_code: 500, description: 'Internal Server Error' }, 'transient'],
      [{ error_code: 400, description: 'Bad Request: message text is empty' }, 'invalid'],
      [{ error_code: 401, description: 'Unauthorized' }, 'auth'],
      [{ error_code: 502, description: 'Bad Gateway' }, 'transient'],
      ['drop', 'transient'],
    ] as const
    for (const [fault, kind] of cases) {
      telegram.fault((method) => (method === 'sendMessage' ? fault : undefined))
      const error = await channel.send(to(7), { text: '您好' }, 'k').catch((e: unknown) => e)
      expect(error).toBeInstanceOf(SendError)
      if (!(error instanceof SendError)) continue
      expect(error.kind).toBe(kind)
      expect(JSON.stringify([error.message, error.stack])).not.toContain('TEST')
      if (kind === 'rate-limited') expect(error.retryAfterMs).toBe(10_072_000)
      if (kind === 'transient') expect(error.outcomeUnknown).toBe(true)
    }
  })

  it('a button carries at most 64 bytes, and a long text goes in parts', async () => {
    const long = { token: `x:${'岭'.repeat(21)}`, label: '太长' }
    await expect(channel.send(to(7), { text: '选', choices: [long] }, 'k')).rejects.toMatchObject({ kind: 'invalid' })
    await channel.send(to(7), { text: '很长的话。'.repeat(1_000), choices: [{ token: 'q:a:b', label: '好' }] }, 'k2')
    const shown = telegram.phone(7).screen()
    expect(shown.length).toBe(2)
    expect(shown.map((m) => m.text).join('')).toBe('很长的话。'.repeat(1_000))
    expect(shown.at(-1)?.buttons).toEqual([{ text: '好', callback_data: 'q:a:b' }])
  })

  it('a long text that was cut off in the middle goes on behind the parts that arrived', async () => {
    const long = '很长的话。'.repeat(1_700)
    let sends = 0
    telegram.fault((method) =>
      method === 'sendMessage' && ++sends === 2
        ? { error_code: 429, description: 'Too Many Requests', retry_after: 1 }
        : undefined,
    )
    await expect(channel.send(to(7), { text: long }, 'k3')).rejects.toMatchObject({ kind: 'rate-limited' })
    await channel.send(to(7), { text: long }, 'k3')
    const shown = telegram.phone(7).screen()
    expect(shown.map((m) => m.text).join('')).toBe(long)
  })

  it('an edit takes the buttons away, and one that comes too late is no error', async () => {
    const { externalId } = await channel.send(
      to(7),
      { text: '接不接', choices: [{ token: 'o:acc:1', label: '接' }] },
      'k',
    )
    await channel.edit?.(to(7), externalId ?? '', { text: '已由别人接下' })
    expect(telegram.phone(7).screen()).toMatchObject([{ text: '已由别人接下', buttons: [] }])
    telegram.fault(() => ({ error_code: 400, description: 'Bad Request: message is not modified' }))
    await channel.edit?.(to(7), externalId ?? '', { text: '已由别人接下' })
  })
})

describe('Telegram by webhook', () => {
  it('refuses a call without the secret, stores before it answers, and lets a failed store be brought again', async () => {
    const telegram = await startTelegram()
    const server = Fastify()
    const heard: Inbound[] = []
    let refuse = 1
    const url = 'http://127.0.0.1:9199/telegram/webhook'
    const channel = makeTelegram({
      token: telegram.token,
      apiRoot: telegram.apiRoot,
      log,
      openMedia,
      webhook: { secret: 'S3cret', url, server },
    })
    try {
      await channel.start(async (message) => {
        if (refuse-- > 0) throw new Error('the database is down')
        heard.push(message)
      })
      await server.listen({ port: 9199, host: '127.0.0.1' })
      const post = (headers: Record<string, string>, body: unknown) =>
        fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        })
      expect((await post({}, { update_id: 1 })).status).toBe(401)
      expect((await post({ 'x-telegram-bot-api-secret-token': 'wrong' }, { update_id: 1 })).status).toBe(401)
      expect((await post({ 'x-telegram-bot-api-secret-token': 'S3cret' }, { nothing: 1 })).status).toBe(400)
      expect(heard).toEqual([])
      await telegram.phone(7).says('我要求助')
      await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(1)
    } finally {
      await channel.stop()
      await server.close()
      await telegram.stop()
    }
  })
})

describe('against the third-party server with nothing in front', () => {
  const token = '123456:TEST'
  /** Heard, answered, tapped, edited: the whole of what a talk needs, on a server nobody here wrote. */
  async function talk(bare: Awaited<ReturnType<typeof startBare>>, channel: Channel, heard: Inbound[]): Promise<void> {
    const phone = makePhone(bare, token, 5)
    await phone.says('您好')
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(1)
    expect(heard[0]?.content).toEqual({ kind: 'text', text: '您好' })
    const { externalId } = await channel.send(to(5), { text: '好', choices: [{ token: 'q:x:1', label: '行' }] }, 'k')
    await phone.taps('行')
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(2)
    expect(heard[1]?.content).toMatchObject({ kind: 'choice', token: 'q:x:1' })
    await phone.says('/start')
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(3)
    expect(heard[2]?.content).toMatchObject({ kind: 'command', name: 'start' })
    await channel.edit?.(to(5), externalId ?? '', { text: '完' })
    expect(phone.screen().at(-1)?.text).toBe('完')
    expect(new Set(heard.map((h) => h.key)).size).toBe(3)
  }

  it('polls, answers, and edits', async () => {
    const bare = await startBare()
    const heard: Inbound[] = []
    const channel = makeTelegram({ token, apiRoot: bare.config.apiURL, log, openMedia, pollSeconds: 1 })
    try {
      await channel.start(async (message) => {
        heard.push(message)
      })
      await talk(bare, channel, heard)
    } finally {
      await channel.stop()
      await bare.stop()
    }
  })

  it('is called by its webhook, answers, and edits; without the secret it hears nothing', async () => {
    const bare = await startBare()
    const server = Fastify()
    // The package has no secrets: where it calls with ?secret the header is put on as Telegram would.
    server.addHook('onRequest', async (request) => {
      if (request.url.endsWith('?secret')) request.headers['x-telegram-bot-api-secret-token'] = 'S3cret'
    })
    const heard: Inbound[] = []
    const url = 'http://127.0.0.1:9198/telegram/webhook'
    const webhook = { secret: 'S3cret', url: `${url}?secret`, server }
    const channel = makeTelegram({ token, apiRoot: bare.config.apiURL, log, openMedia, webhook })
    try {
      await channel.start(async (message) => {
        heard.push(message)
      })
      await server.listen({ port: 9198, host: '127.0.0.1' })
      await talk(bare, channel, heard)
      expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401)
      expect(heard.length).toBe(3)
    } finally {
      await channel.stop()
      await server.close()
      await bare.stop()
    }
  })
})

describe('files over Telegram', () => {
  let telegram: FakeTelegram
  let content: { data: Uint8Array; mime: string; fileName: string }
  const open = (fileIds?: FileIds) =>
    makeTelegram({
      token: telegram.token,
      apiRoot: telegram.apiRoot,
      log,
      openMedia: async () => content,
      ...(fileIds ? { fileIds } : {}),
      pollSeconds: 1,
    })
  beforeEach(async () => {
    telegram = await startTelegram()
  })
  afterEach(() => telegram.stop())

  it('come whole, within their limits of size and time, and an error never names where they lie', async () => {
    const fetched = (id: string, limit = { bytes: 1_000, ms: 2_000 }) =>
      open()
        .fetchMedia?.({ id }, limit)
        .catch((error: unknown) => error)
    telegram.keep('good', Buffer.alloc(1_000, 7))
    expect(await fetched('good')).toEqual({ data: Buffer.alloc(1_000, 7) })
    telegram.keep('long', Buffer.alloc(1_001, 7))
    telegram.keep('liar', Buffer.alloc(5_000_000, 7), 'lies about its size')
    telegram.keep('slow', Buffer.alloc(500, 7), 'hangs')
    const failures = {
      long: await fetched('long'),
      liar: await fetched('liar'),
      slow: await fetched('slow', { bytes: 1_000, ms: 300 }),
      none: await fetched('none'),
    }
    telegram.fault((method) => (method === 'getFile' ? { error_code: 400, description: 'file is too big' } : undefined))
    const big = await fetched('good')
    telegram.fault((method) => (method === 'getFile' ? 'drop' : undefined))
    const dropped = await fetched('good')
    const kinds = [...Object.values(failures), big, dropped].map((error) => error instanceof MediaError && error.kind)
    expect(kinds).toEqual(['too-large', 'too-large', 'transient', 'gone', 'too-large', 'transient'])
    for (const error of [...Object.values(failures), big, dropped]) {
      expect(`${String(error)} ${(error as Error).stack} ${JSON.stringify((error as Error).cause)}`).not.toMatch(
        /TEST|kept\//,
      )
    }
  })

  it('go out as what they are, with their words whole and their buttons beneath', async () => {
    const channel = open()
    const buttons = [{ token: 'q:x:1', label: '行' }]
    content = { data: Buffer.from('voice'), mime: 'audio/ogg', fileName: 'linbang-1.ogg' }
    const voice = { attachment: 1, kind: 'voice', seconds: 3 } as const
    await channel.send(to(5), { text: '一段语音', media: voice, choices: buttons }, 'k1')
    expect(telegram.calls('sendVoice')[0]).toMatchObject({
      caption: '一段语音',
      duration: '3',
      voice: { name: 'linbang-1.ogg', data: Buffer.from('voice') },
      reply_markup: { inline_keyboard: [[{ text: '行', callback_data: 'q:x:1' }]] },
    })
    // Longer than what may stand under a recording: said first, nothing cut off.
    await channel.send(to(5), { text: '字'.repeat(2_000), media: voice }, 'k2')
    expect(String(telegram.calls('sendMessage')[0]?.text).length).toBe(2_000)
    expect(telegram.calls('sendVoice')[1]).not.toHaveProperty('caption')
    // What no bubble can play is a file.
    content = { data: Buffer.from('webm'), mime: 'audio/webm', fileName: 'linbang-1.webm' }
    await channel.send(to(5), { text: '录音', media: voice }, 'k3')
    expect(telegram.calls('sendDocument')[0]).toMatchObject({ document: { name: 'linbang-1.webm' } })
    content = { data: Buffer.from('jpeg'), mime: 'image/jpeg', fileName: 'linbang-2.jpg' }
    await channel.send(to(5), { text: '', media: { attachment: 2, kind: 'picture' } }, 'k4')
    expect(telegram.calls('sendPhoto')[0]).toMatchObject({ photo: { name: 'linbang-2.jpg' } })
    telegram.fault(() => ({ error_code: 413, description: 'Request Entity Too Large' }))
    const failed = await channel.send(to(5), { text: '', media: voice }, 'k5').catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(SendError)
  })

  it('is uploaded once for many: from then on Telegram’s own id is enough, and one it forgot is uploaded anew', async () => {
    const ids = new Map<number, string>()
    const channel = open({
      recall: async (_channel, _account, attachment) => ids.get(attachment),
      keep: async (_channel, _account, attachment, id) => void ids.set(attachment, id),
    })
    content = { data: Buffer.from('jpeg'), mime: 'image/jpeg', fileName: 'linbang-2.jpg' }
    const picture = { attachment: 2, kind: 'picture' } as const
    const send = (chat: number) => channel.send(to(chat), { text: '停水', media: picture }, `n${chat}`)
    await Promise.all([11, 12, 13, 14, 15].map(send))
    const sent = telegram.calls('sendPhoto')
    expect(sent.length).toBe(5)
    // One upload, four by its id, and each with its words below it: one message a person.
    expect(sent.filter(({ photo }) => typeof photo !== 'string').length).toBe(1)
    expect(sent.every(({ caption }) => caption === '停水')).toBe(true)
    expect(telegram.calls('sendMessage').length).toBe(0)
    ids.set(2, 'picture:lost')
    telegram.fault((method, body) =>
      method === 'sendPhoto' && body.photo === 'lost'
        ? { error_code: 400, description: 'Bad Request: wrong file identifier/HTTP URL specified' }
        : undefined,
    )
    await send(16)
    expect(telegram.calls('sendPhoto').at(-1)).toMatchObject({ chat_id: '16', photo: { name: 'linbang-2.jpg' } })
    expect(ids.get(2)).not.toBe('picture:lost')
    // Who has blocked the bot is not the file's fault: nothing is uploaded for them.
    const before = telegram.calls('sendPhoto').length
    telegram.fault(() => ({ error_code: 403, description: 'Forbidden: bot was blocked by the user' }))
    await expect(send(17)).rejects.toThrow(SendError)
    expect(telegram.calls('sendPhoto').length).toBe(before + 1)
  })
})

describe('what a channel cannot carry', () => {
  it('becomes a link that its reader alone can open', async () => {
    const store = await freshStore()
    try {
      const { id: personId } = await store.db.person.create({ data: {} })
      await store.db.address.create({ data: { personId, ...to(5) } })
      const said: Outbound[] = []
      const bare: Channel = {
        name: 'telegram',
        account: '123456',
        capabilities: {
          choices: 'numbers',
          edit: false,
          maxTextChars: 600,
          proactive: 'window',
          media: ['picture'],
          pace: 'unlimited',
        },
        start: async () => undefined,
        stop: async () => undefined,
        send: async (_to, message) => {
          said.push(message)
          return {}
        },
      }
      const at = new Date('2026-11-23T09:00:00Z')
      const asked: unknown[] = []
      const link = (...of: unknown[]) => {
        asked.push(of)
        return 'https://linbang.example/media/x'
      }
      const channel = withMediaLinks(bare, { db: store.db, link, now: () => at })
      await channel.send(to(5), { text: '语音', media: { attachment: 7, kind: 'voice' } }, 'k1')
      await channel.send(to(5), { text: '图片', media: { attachment: 8, kind: 'picture' } }, 'k2')
      expect(said[0]?.media).toBeUndefined()
      expect(said[0]?.text).toContain('https://linbang.example/media/x')
      expect(said[1]?.media?.attachment).toBe(8)
      expect(asked).toEqual([[7, personId, new Date('2026-11-24T09:00:00Z')]])
    } finally {
      await store.drop()
    }
  })
})
