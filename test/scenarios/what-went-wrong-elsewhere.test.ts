import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFieldKey, makeSeal } from '../../src/store/secrets.ts'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { seal } from '../harness/store.ts'
import { type FakeTelegram, startTelegram } from '../harness/telegram.ts'

/** Failures that neighbouring systems had, each as the thing a person would have suffered. */
describe('what went wrong elsewhere does not here', () => {
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
  const requestsOf = (chat: number) =>
    linbang.db.helpRequest.findMany({ where: { requester: { addresses: { some: { externalId: String(chat) } } } } })
  const handled = () =>
    expect.poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 15_000 }).toBe(0)
  const from = (chat: number, part: object) => ({
    message: { message_id: 1, date: 1, chat: { id: chat, type: 'private' }, from: { id: chat }, ...part },
  })

  it('five recordings and pictures within a moment from somebody new are one request, not five', async () => {
    for (let i = 0; i < 5; i++) {
      telegram.inject(
        from(51, i % 2 === 0 ? { voice: { file_id: `v${i}`, duration: 3 } } : { photo: [{ file_id: `p${i}` }] }),
      )
    }
    await telegram.phone(51).sees('收到您')
    await handled()
    expect((await requestsOf(51)).length).toBe(1)
  })

  it('an album of ten pictures loses none and opens one request', async () => {
    for (let i = 0; i < 10; i++) telegram.inject(from(52, { media_group_id: 'album', photo: [{ file_id: `a${i}` }] }))
    await telegram.phone(52).sees('图片')
    await handled()
    expect((await requestsOf(52)).length).toBe(1)
    expect(await linbang.db.inboundMessage.count({ where: { kind: 'picture', address: { externalId: '52' } } })).toBe(
      10,
    )
  })

  it('a deadline bell that comes after the work was taken changes nothing, however late and often', async () => {
    const resident = await linbang.resident()
    const coordinator = await linbang.coordinator()
    await resident.says('人工')
    await resident.sees('已经转给')
    const before = await linbang.db.helpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })
    await coordinator.says(`接 ${before.number}`)
    await coordinator.sees('由您负责')
    const taken = await linbang.db.helpRequest.findUniqueOrThrow({ where: { id: before.id } })
    linbang.clock.forward({ minutes: 16 }) // past the deadline it had before it was taken
    await new Promise((done) => setTimeout(done, 800))
    const after = await linbang.db.helpRequest.findUniqueOrThrow({ where: { id: before.id } })
    expect([after.status, after.version, after.ownerId]).toEqual([taken.status, taken.version, taken.ownerId])
  })

  it('a worker’s reply to a message that belongs to nothing open is not sent to anybody', async () => {
    const coordinator = await linbang.coordinator()
    await coordinator.says('邀请 a1-sw-03')
    const code = /加入码：(\w+)/.exec((await coordinator.sees('加入码')).text)?.[1] ?? ''
    const worker = telegram.phone(53)
    await worker.says(`加入 ${code}`)
    await worker.sees('您已加入')
    const before = await linbang.db.outboundMessage.count({ where: { relayFrom: 'worker' } })
    telegram.inject(from(53, { text: '我马上过去', reply_to_message: { message_id: 4711 } }))
    await worker.sees(/没看懂|哪一位/)
    expect(await linbang.db.outboundMessage.count({ where: { relayFrom: 'worker' } })).toBe(before)
  })

  it('a person who blocked the bot does not stop it, and is heard again when they come back', async () => {
    telegram.fault((method, body) =>
      method === 'sendMessage' && String(body.chat_id) === '54'
        ? { error_code: 403, description: 'Forbidden: bot was blocked by the user' }
        : undefined,
    )
    await telegram.phone(54).says('你好')
    await expect.poll(() => linbang.db.address.count({ where: { externalId: '54', unreachable: 'blocked' } })).toBe(1)
    telegram.fault(() => undefined)
    await telegram.phone(54).says('你好')
    await telegram.phone(54).sees('是机器')
  })

  it('a key that does not fit what is stored is refused at the start, not at every message', async () => {
    await checkFieldKey(linbang.db, seal)
    await expect(checkFieldKey(linbang.db, makeSeal(new Uint8Array(32).fill(1)))).rejects.toThrow(/^FIELD_KEY/)
  })
})
