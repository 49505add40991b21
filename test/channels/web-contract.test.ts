import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { makeWeb } from '../../src/channels/web.ts'
import { makeServer } from '../../src/http/server.ts'
import { addressOfSession } from '../../src/http/sessions.ts'
import { transaction } from '../../src/store/db.ts'
import { addressOf } from '../../src/store/messages.ts'
import { root } from '../harness/linbang.ts'
import { webMedia } from '../harness/no-media.ts'
import { type Phone, webPhone } from '../harness/phone.ts'
import { freshStore } from '../harness/store.ts'
import { type Rig, testChannel } from './contract.ts'

async function web(): Promise<Rig> {
  const store = await freshStore()
  const log = pino({ level: 'silent' })
  const now = () => new Date()
  const server = await makeServer({
    log,
    publicUrl: 'http://localhost',
    metrics: new Registry(),
    checks: [],
    missing: async () => [],
  })
  const built = { root, leaveUrl: 'https://weather.example/' }
  const serve = { server, secure: false, demo: false, urgent: () => false, ...built }
  const channel = makeWeb({ ...store, databaseUrl: store.url, now, log, account: 'web', media: webMedia, serve })
  const to = { channel: 'web', account: 'web', externalId: '' } as const
  const rig: { phone?: Phone; to: Rig['to'] } = { to }
  const phone = () => {
    if (!rig.phone) throw new Error('the page was not opened')
    return rig.phone
  }
  let last: unknown
  const posts = async (body: unknown) => {
    last = body
    // The page keeps what was not taken, and sends it again under its id.
    for (let attempt = 0; attempt < 3; attempt++) if ((await phone().post(body)).status === 202) return
  }
  return {
    channel: {
      ...channel,
      start: async (receive) => {
        // The address of a web chat is made by the inbox, in the store that the page reads.
        await channel.start(async (heard) => {
          await receive(heard)
          await transaction(store.db, (tx) => addressOf(tx, heard.from, now()))
        })
        rig.phone = await webPhone(await server.listen({ port: 0, host: '127.0.0.1' }))
        const session = decodeURIComponent(rig.phone.cookie.split('=')[1] ?? '')
        rig.to = { ...to, externalId: addressOfSession(session) }
      },
      stop: async () => {
        rig.phone?.hangUp()
        await channel.stop()
      },
    },
    get to() {
      return rig.to
    },
    says: (text) => posts({ id: randomUUID(), text }),
    again: () => posts(last),
    taps: async (label) => phone().taps(label),
    screen: async () =>
      phone()
        .screen()
        .filter(({ from }) => from === 'linbang')
        .map(({ text }) => text),
    failures: {
      gone: () => {
        rig.to = { ...to, externalId: 'nobody' }
      },
    },
    secrets: [],
    idempotent: true,
    limitsChoices: false,
    stop: async () => {
      await server.close()
      await store.drop()
    },
  }
}

testChannel('the web page', web)
