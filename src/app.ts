import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { makeFeed } from './broadcast/feed.ts'
import { makeBulkGate } from './broadcast/gate.ts'
import { lanesOf } from './broadcast/lanes.ts'
import { makeProgress } from './broadcast/progress.ts'
import { makeListUrl, serveUnreached } from './broadcast/unreached-file.ts'
import type { Channel } from './channels/channel.ts'
import { makeTelegram } from './channels/telegram.ts'
import { makeWeb } from './channels/web.ts'
import type { Classify } from './classify/classifier.ts'
import type { Config } from './config.ts'
import { makeRun } from './conversation/run.ts'
import { makeAuditor } from './dispatch/auditor.ts'
import { makeContractEnd } from './dispatch/contract-end.ts'
import { makeEscalate } from './dispatch/escalate.ts'
import { makeForesight } from './dispatch/foresight.ts'
import { makeHandOver } from './dispatch/hand-over.ts'
import { makeInTurn } from './dispatch/in-turn.ts'
import { makeNeedWatch } from './dispatch/need-watch.ts'
import { makeOffer } from './dispatch/offer.ts'
import { makeSummariseFor } from './dispatch/summarise.ts'
import { makeSweep } from './dispatch/sweep.ts'
import { makeUndelivered } from './dispatch/undelivered.ts'
import { fairTurn } from './domain/policy.ts'
import { type Metrics, makeMetrics } from './http/metrics.ts'
import { makeServer } from './http/server.ts'
import { makeReceive } from './inbox/receive.ts'
import { openUnderstanding } from './learning/understanding.ts'
import { makeDeliver } from './outbox/deliver.ts'
import { type Bells, openBells } from './queue/bells.ts'
import { every } from './queue/every.ts'
import { performer } from './queue/performer.ts'
import { remembering } from './queue/remembering.ts'
import { workingCalendar } from './store/calendar.ts'
import { type Db, openDb } from './store/db.ts'
import { joinDemoPhones } from './store/demo.ts'
import { hasCoordinator, seedOnce } from './store/district.ts'
import { startEmbedded } from './store/embedded.ts'
import { gazetteer } from './store/gazetteer.ts'
import { usedUpContracts } from './store/ledger.ts'
import { migrate } from './store/migrate.ts'
import { remembered } from './store/remembered.ts'
import { checkFieldKey, loadFieldKey, makeSeal, type Seal } from './store/secrets.ts'
import { dutyFacts } from './store/staff.ts'

/** A Linbang that runs: how to reach it, and how to end it in order. */
export interface App {
  readonly url: string
  readonly db: Db
  stop(): Promise<void>
}

/** Parts of the outside that a test or a bench puts in place of the real ones. */
export interface Outside {
  readonly now: () => Date
  readonly extraChannels: readonly Channel[]
  readonly classify: Classify
  readonly sweepEveryMs: number
  readonly watchEveryMs: number
  /** How long a copy of the district's facts is believed, instead of the times below. */
  readonly freshMs: number
  /** The text of the district file to seed on the first start. */
  readonly districtFile: string
}

/** How often the sweep looks for rows that no bell has woken, and the audit for orphans. */
const sweepMs = 5_000
const auditMs = 60_000
/** How often notices under way are given their next few seconds' worth. */
const feedMs = 1_000
/** Notices sent at the same time: enough for thirty a second to a far end that takes most of a second. */
const bulkHands = 24
/** How often it is looked who came on and off duty, and whether a contract has ended. */
const watchMs = 30_000
/** How often the coming week is looked at for holes, and the contracts for their end. */
const foresightMs = 10 * 60_000
/** How often it is looked whether another model was chosen, and whether there is enough to learn. */
const modelFreshMs = 10_000
const learnMs = 15 * 60_000
/** Places and the calendar change a few times a year, duty and who has joined at any moment. */
const districtFreshMs = 10_000
const dutyFreshMs = 500
/** How often the ledger is added up to see which contracts are used up. */
const quotaFreshMs = 5_000

/** The composition root: builds every room, starts them in order, stops them in reverse — also when a start fails. */
export async function startApp(config: Config, log: Logger, outside: Partial<Outside> = {}): Promise<App> {
  const releasers: (readonly [what: string, release: () => Promise<void>])[] = []
  const stop = async () => {
    for (const [what, release] of releasers.reverse()) {
      await release().catch((error: unknown) => log.error({ err: error, what }, 'did not stop cleanly'))
    }
  }
  try {
    return { ...(await build(config, log, outside, (what, release) => releasers.push([what, release]))), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Held = (what: string, release: () => Promise<void>) => void

async function build(config: Config, log: Logger, outside: Partial<Outside>, held: Held): Promise<Omit<App, 'stop'>> {
  const now = outside.now ?? (() => new Date())
  const { db, url, seal } = await openStore(config, log, held)
  if (config.demo && outside.districtFile !== undefined && (await seedOnce(db, outside.districtFile, now()))) {
    log.info('the demo district was seeded')
  }
  if (!(await hasCoordinator(db))) {
    throw new Error('there is no coordinator yet, so nobody could own a request: npx linbang seed <district.yaml>')
  }
  if (config.demo) await joinDemoPhones(db, now())

  const backend = config.redisUrl
    ? ({ kind: 'redis', url: config.redisUrl } as const)
    : ({ kind: 'postgresql', url } as const)
  const bells = await openBells({ backend, log })
  held('queue', bells.close)

  const calendar = remembered(outside.freshMs ?? districtFreshMs, () => workingCalendar(db, config.zone))
  const usedUp = remembered(outside.freshMs ?? quotaFreshMs, () => usedUpContracts(db, config.zone))
  const facts = remembered(outside.freshMs ?? dutyFreshMs, async () =>
    dutyFacts(db, now(), config.zone, await usedUp()),
  )
  const places = remembered(districtFreshMs, () => gazetteer(db, now()))
  const metrics = makeMetrics()
  const { ring, takeMissed } = remembering(bells.ring)
  const edge = { db, seal, ring, now, log }

  const understanding = await openUnderstanding({ ...edge, root: config.root, zone: config.zone, llm: config.llm })
  const { classify = understanding.classify } = outside
  const { gate } = understanding
  held('model', every(modelFreshMs, understanding.refresh, log))
  const receive = makeReceive({ ...edge, gate, calendar, facts, quietMs: config.quietMs })
  const inTurn = makeInTurn({ ...edge, calendar, facts })
  const { quietMs, followUpMinutes } = config
  const offer = makeOffer({ inTurn, policy: fairTurn, log })
  const escalate = makeEscalate({ inTurn, policy: fairTurn, log })

  const summary = makeSummariseFor({ ...edge, inTurn, summarise: understanding.summarise })

  const server =
    config.roles.has('web') || config.telegram?.webhookSecret
      ? await openServer(config, log, bells, db, metrics)
      : undefined
  const channels = [
    ...makeChannels(config, log, server, { db, seal, url, now }, (text) => gate(text) !== undefined),
    ...(outside.extraChannels ?? []),
  ]
  const lanes = lanesOf(channels)
  const listUrl = server ? makeListUrl(config.publicUrl, seal) : undefined
  if (server) serveUnreached(server, { ...edge, zone: config.zone })
  const notices = { lanes, listUrl }
  const run = makeRun({ ...edge, classify, gazetteer: places, calendar, facts, quietMs, followUpMinutes, notices })
  const deliver = makeDeliver({
    ...edge,
    channels: new Map(channels.map((channel) => [`${channel.name}:${channel.account}`, channel])),
    onOutcome: (outcome, channel) => metrics.sent.inc({ outcome, channel }),
    onUndelivered: makeUndelivered({ inTurn }),
    bulkGate: makeBulkGate(db, config.zone),
  })

  if (config.roles.has('worker')) {
    bells.work('conversation', run, { concurrency: 8 })
    bells.work('dispatch', offer, { concurrency: 8 })
    bells.work('deadline', escalate, { concurrency: 4 })
    bells.work('deliver', deliver, { concurrency: 8 })
    bells.work('bulk', deliver, { concurrency: bulkHands })
    bells.work('summary', summary, { concurrency: 2 })
    const perform = performer({
      conversation: run,
      dispatch: offer,
      deadline: escalate,
      deliver,
      bulk: deliver,
      summary,
    })
    const sweep = makeSweep({ db, ring: bells.ring, takeMissed, perform, now, log })
    const auditor = makeAuditor({ ...edge, inTurn, escalate, onAudit: (broken) => metrics.orphans.set(broken) })
    const { sweepEveryMs = sweepMs, watchEveryMs = watchMs } = outside
    held('sweep', every(sweepEveryMs, sweep, log))
    held('audit', every(auditMs, auditor, log))
    held('hand-over', every(watchEveryMs, makeHandOver({ inTurn, policy: fairTurn, log }), log))
    held('needs', every(watchEveryMs, makeNeedWatch({ inTurn }), log))
    held('contract end', every(watchEveryMs, makeContractEnd({ inTurn, log }), log))
    held('foresight', every(outside.watchEveryMs ?? foresightMs, makeForesight({ inTurn }), log))
    const onStep = makeProgress({ ...edge, zone: config.zone, listUrl })
    const feed = makeFeed({ ...edge, ring: bells.ring, lanes, zone: config.zone, onStep, send: deliver })
    held('notices', every(outside.sweepEveryMs ?? feedMs, feed, log))
    held('learning', every(learnMs, understanding.learn, log))
  }
  const listening = await listen(config, server, channels, receive, held)
  for (const name of config.unused) log.warn({ setting: name }, 'this setting is known but not used by this version')
  return { url: listening, db }
}

async function openStore(config: Config, log: Logger, held: Held): Promise<{ db: Db; url: string; seal: Seal }> {
  let url = config.databaseUrl
  if (url === undefined) {
    const embedded = await startEmbedded({ dir: config.dataDir, log })
    held('store', embedded.stop)
    url = embedded.url
  }
  await migrate(url, join(config.root, 'prisma', 'migrations'))
  const db = openDb(url, { max: 16 })
  held('database connections', () => db.$disconnect())
  const seal = makeSeal(
    loadFieldKey({ dataDir: config.dataDir, ...(config.fieldKey ? { fieldKey: config.fieldKey } : {}) }),
  )
  await checkFieldKey(db, seal)
  return { db, url, seal }
}

function openServer(config: Config, log: Logger, bells: Bells, db: Db, metrics: Metrics): Promise<FastifyInstance> {
  return makeServer({
    log,
    publicUrl: config.publicUrl,
    metrics: metrics.registry,
    checks: [
      { name: 'database', check: async () => void (await db.$queryRaw`SELECT 1`) },
      { name: 'queue', check: bells.check },
    ],
  })
}

function makeChannels(
  config: Config,
  log: Logger,
  server: FastifyInstance | undefined,
  store: { db: Db; seal: Seal; url: string; now: () => Date },
  urgent: (text: string) => boolean,
): Channel[] {
  const channels: Channel[] = []
  const web = { ...store, log, databaseUrl: store.url, account: 'web' }
  if (server && config.roles.has('web')) {
    const serve = {
      server,
      secure: config.publicUrl.startsWith('https://'),
      pagesDir: join(config.root, 'src', 'pages'),
      builtDir: join(config.root, 'dist', 'pages'),
      urgent,
      demo: config.demo,
    }
    channels.push(makeWeb({ ...web, serve }))
  } else if (config.roles.has('worker')) {
    // Without the web role this process still delivers to web chats: the page hears of it through the database.
    channels.push(makeWeb(web))
  }
  if (config.telegram && (config.roles.has('channels') || config.roles.has('worker'))) {
    const { token, apiRoot, webhookSecret } = config.telegram
    const webhook =
      webhookSecret && server
        ? { secret: webhookSecret, url: `${config.publicUrl}/telegram/webhook`, server }
        : undefined
    channels.push(makeTelegram({ token, apiRoot, log, ...(webhook ? { webhook } : {}) }))
  }
  return channels
}

/** Channels hear only in the processes whose role it is; the server listens last, when every room is ready. */
async function listen(
  config: Config,
  server: FastifyInstance | undefined,
  channels: readonly Channel[],
  receive: Parameters<Channel['start']>[0],
  held: Held,
): Promise<string> {
  for (const channel of channels) {
    if (!config.roles.has(channel.name === 'web' ? 'web' : 'channels')) continue
    await channel.start(receive)
    held(channel.name, channel.stop)
  }
  if (!server) return config.publicUrl
  await server.listen({ port: config.port, host: config.host })
  held('web server', () => server.close())
  const address = server.server.address()
  return address !== null && typeof address === 'object' ? `http://localhost:${address.port}` : config.publicUrl
}
