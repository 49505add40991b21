import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { startApp } from '../src/app.ts'
import type { Channel, Receive } from '../src/channels/channel.ts'
import { readConfig } from '../src/config.ts'
import type { QueueBackend } from '../src/queue/bells.ts'
import { openRequest } from '../src/requests/apply.ts'
import { workingCalendar } from '../src/store/calendar.ts'
import { openDb, transaction } from '../src/store/db.ts'
import { addressOf, saveConversation } from '../src/store/messages.ts'
import { recordConsent } from '../src/store/people.ts'
import { makeSeal } from '../src/store/secrets.ts'
import { dutyFacts } from '../src/store/staff.ts'
import type { Pipeline } from './measure.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const key = new Uint8Array(32).fill(7)
const account = 'bench'
const answerEveryMs = 500

/** The whole of Linbang with a far end that answers at once; what goes in is a resident's "yes, send it". */
export async function openLinbang(
  databaseUrl: string,
  backend: QueueBackend,
  ready: number,
): Promise<Pipeline & { close(): Promise<void> }> {
  // A working morning that lies ahead, so that no deadline of these requests comes while they are measured.
  const offsetMs = nextMondayMorning() - Date.now()
  const now = () => new Date(Date.now() + offsetMs)
  let receive: Receive = async () => undefined
  const offered: number[] = []
  const channel: Channel = {
    name: 'wechat',
    account,
    capabilities: {
      choices: 'buttons',
      edit: true,
      maxTextChars: 4096,
      proactive: 'always',
      media: [],
      pace: 'unlimited',
    },
    start: async (given) => {
      receive = given
    },
    stop: async () => undefined,
    send: async (_to, message) => {
      const number = /求助(\d+)/.exec(message.text)?.[1]
      const isOffer = message.choices?.some((choice) => choice.token.startsWith('o:acc')) === true
      const index = isOffer && number !== undefined ? numbers.get(Number(number)) : undefined
      if (index !== undefined) {
        offered.push(index)
        pipeline.onOut(index)
      }
      return { externalId: `x${offered.length}` }
    },
    edit: async () => undefined,
  }
  const config = readConfig(
    {
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      FIELD_KEY: Buffer.from(key).toString('hex'),
      DEMO: '1',
      LOG_LEVEL: 'error',
      ...(backend.kind === 'redis' ? { REDIS_URL: backend.url } : {}),
    },
    root,
  )
  const districtFile = readFileSync(`${root}/prisma/seed/huli.yaml`, 'utf8')
  const app = await startApp(config, pino({ level: config.logLevel }), { now, extraChannels: [channel], districtFile })
  const numbers = await prepare(databaseUrl, ready, now)
  const pipeline: Pipeline = {
    ready,
    push: (index) =>
      receive({
        key: `submit:${index}`,
        from: { channel: 'wechat', account, externalId: `r${index}` },
        content: { kind: 'choice', token: 'q:confirm:yes', label: '对' },
      }),
    onOut: () => undefined,
  }
  // Workers answer: without it each would carry hundreds of open offers after a minute, which no worker ever does.
  const answering = setInterval(
    () => void app.db.run`UPDATE "Offer" SET status = 'declined' WHERE status = 'open' AND "outboundId" IS NOT NULL`,
    answerEveryMs,
  )
  return Object.assign(pipeline, {
    close: async () => {
      clearInterval(answering)
      await app.stop()
    },
  })
}

/** Everybody on the staff in chat, and residents who have told all and were read it back. Returns number → index. */
async function prepare(databaseUrl: string, ready: number, now: () => Date): Promise<Map<number, number>> {
  const db = openDb(databaseUrl, { max: 8 })
  const seal = makeSeal(key)
  for (const { id, personId } of await db.staff.findMany({ select: { id: true, personId: true } })) {
    const person = personId ?? (await db.person.create({ data: { conversation: { create: {} } } })).id
    // Heard after their demo phones: offers go to the far end that is measured.
    const lastHeardAt = new Date(now().getTime() + 60_000)
    await db.address.create({
      data: { personId: person, channel: 'wechat', account, externalId: `s${id}`, lastHeardAt },
    })
    await db.staff.update({ where: { id }, data: { personId: person } })
  }
  // Everybody has room for all of it: the plain way is measured, not the ladder that is climbed when nobody has.
  await db.staff.updateMany({ data: { loadLimit: 1_000_000 } })
  const coordinator = await db.staff.findFirstOrThrow({ where: { role: 'coordinator' } })
  const community = await db.community.findFirstOrThrow({ where: { code: 'kangle' } })
  const calendar = await workingCalendar(db, 'Asia/Shanghai')
  const people = await dutyFacts(db, now(), calendar.zone)
  const numbers = new Map<number, number>()
  let next = 0
  const one = async (index: number) =>
    transaction(db, async (tx) => {
      const at = now()
      const from = { channel: 'wechat', account, externalId: `r${index}` } as const
      const { personId } = await addressOf(tx, from, at)
      await recordConsent(tx, { personId, purpose: 'request', noticeVersion: 1, given: true, at })
      const opening = {
        requesterId: personId,
        coordinatorId: coordinator.id,
        description: {
          programmes: ['elder'],
          needs: ['nursing'],
          urgency: 'soon',
          subject: 'family',
          communityId: community.id,
        },
        details: { words: ['我妈82岁刚出院,家里没人照顾'], kin: '我妈', contact: 'here' },
        textOnly: false,
        classifiedBy: 'bench',
        reasons: [],
        confidence: null,
      } satisfies Parameters<typeof openRequest>[1]
      const request = await openRequest({ tx, seal, bells: [], offerIds: [], calendar, people, now: at }, opening, {
        kind: 'resident',
        personId,
      })
      saveConversation(tx, personId, seal.seal({ v: 1, greeted: true, at: { step: 'confirm', asked: [] } }), at)
      numbers.set(request.number, index)
    })
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (next < ready) await one(next++)
    }),
  )
  await db.$executeRaw`ANALYZE`
  await db.$disconnect()
  return numbers
}

/** 10:00 in Xiamen on the Monday after next week's first: a plain working day in every calendar we ship. */
function nextMondayMorning(): number {
  const day = new Date()
  day.setUTCHours(2, 0, 0, 0)
  do day.setUTCDate(day.getUTCDate() + 1)
  while (day.getUTCDay() !== 1)
  return day.getTime()
}
