import Fastify from 'fastify'
import { pino } from 'pino'
import { makeTelegram } from '../../src/channels/telegram.ts'
import { openMedia } from '../harness/no-media.ts'
import { freePort } from '../harness/ports.ts'
import { startTelegram } from '../harness/telegram.ts'
import { type Rig, testChannel } from './contract.ts'

async function telegram(): Promise<Rig> {
  const [far, server, port] = [await startTelegram(), Fastify({ forceCloseConnections: true }), await freePort()]
  const log = pino({ level: 'silent' })
  const url = `http://127.0.0.1:${port}/telegram/webhook`
  const webhook = { secret: 'S3cret', url, server }
  const channel = makeTelegram({ token: far.token, apiRoot: far.apiRoot, log, openMedia, webhook })
  const phone = far.phone(7)
  const chat = { id: 7, type: 'private', first_name: '示例' }
  const from = { id: 7, is_bot: false, first_name: '示例' }
  let [lastUpdate, lastMessage] = [0, 0]
  const fail = (fault: Parameters<typeof far.fault>[0] extends (...a: never[]) => infer F ? F : never) => () =>
    far.fault((method) => (method === 'sendMessage' ? fault : undefined))
  return {
    channel: {
      ...channel,
      start: async (receive) => {
        await channel.start(receive)
        await server.listen({ port, host: '127.0.0.1' })
      },
    },
    to: { channel: 'telegram', account: '123456', externalId: '7' },
    says: async (text) => {
      lastMessage += 1
      const date = Math.floor(Date.now() / 1_000)
      lastUpdate = far.inject({ message: { message_id: lastMessage, date, chat, from, text } })
    },
    again: async () => void (await far.deliverAgain(lastUpdate)),
    taps: (label) => phone.taps(label),
    screen: async () => phone.screen().map(({ text }) => text),
    failures: {
      'rate-limited': fail({ error_code: 429, description: 'Too Many Requests', retry_after: 3 }),
      blocked: fail({ error_code: 403, description: 'Forbidden: bot was blocked by the user' }),
      gone: fail({ error_code: 400, description: 'Bad Request: chat not found' }),
      invalid: fail({ error_code: 400, description: 'Bad Request: message text is empty' }),
      auth: fail({ error_code: 401, description: 'Unauthorized' }),
      transient: fail('drop'),
    },
    secrets: ['TEST', 'S3cret'],
    idempotent: false,
    limitsChoices: true,
    stop: async () => {
      await server.close()
      await far.stop()
    },
  }
}

testChannel('Telegram', telegram)
