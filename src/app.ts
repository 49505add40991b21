import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { openBroadcastRoom } from './broadcast/room.ts'
import type { Bounced, Channel, Receive } from './channels/channel.ts'
import { withMediaLinks } from './channels/media-links.ts'
import { makeTelegram } from './channels/telegram.ts'
import { makeWeb } from './channels/web.ts'
import { wechatAccounts } from './channels/wechat-accounts.ts'
import type { Classify } from './classify/classifier.ts'
import type { Config } from './config.ts'
import { makeRun } from './conversation/run.ts'
import { openDesk } from './desk/room.ts'
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
import { type MediaRoom, openMediaRoom } from './media/room.ts'
import { makeBounced } from './outbox/bounce.ts'
import { makeDeliver } from './outbox/deliver.ts'
import { type Bells, openBells } from './queue/bells.ts'
import { every } from './queue/every.ts'
import { performer } from './queue/perform.ts'
import { remembering } from './queue/remembering.ts'
import { workingCalendar } from './store/calendar.ts'
import type { Db } from './store/db.ts'
import { joinDemoPhones } from './store/demo.ts'
import { hasCoordinator, seedOnce } from './store/district.ts'
import { gazetteer } from './store/gazetteer.ts'
import { usedUpContracts } from './store/ledger.ts'
import { openStore } from './store/open-store.ts'
import { remembered } from './store/remembered.ts'
import type { Seal } from './store/secrets.ts'
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
  /** How long a copy of the calendar and of the sums of the ledger is believed. */
  readonly districtFreshMs: number
  /** How long a copy of who is on duty is believed. */
  readonly dutyFreshMs: number
  /** The text of the district file to seed on the first start. */
  readonly districtFile: string
}

/** How often the sweep looks for rows that no bell has woken, and the audit for orphans. */
const sweepMs = 5_000
const auditMs = 60_000
/** How often notices under way are given their next few seconds' worth. */
const feedMs = 1_000
/** How often it is looked who came on and off duty, and whether a contract has ended. */
const watchMs = 30_000
/** How often the coming week is looked at for holes, and the contracts for their end. */
const foresightMs = 10 * 60_000
/** How often it is looked whether another model was chosen, and whether there is enough to learn. */
const modelFreshMs = 10_000
const learnMs = 15 * 60_000
/** How soon what was said is read aloud to those who asked for it. */
const readAloudMs = 2_000
/** Places and the calendar change a few times a year, duty and who has joined at any moment. */
const districtFreshMs = 10_000
const dutyFreshMs = 500
/** How often it is noted which channels are down. */
const troubleMs = 15_000
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
  const { db, url, seal, fieldKey } = await openStore(config, log, held)
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
  const bells = await openBells({ backend, now, log })
  held('queue', bells.close)

  const calendar = remembered(outside.districtFreshMs ?? districtFreshMs, () => workingCalendar(db, config.zone))
  const usedUp = remembered(outside.districtFreshMs ?? quotaFreshMs, () => usedUpContracts(db, config.zone))
  const facts = remembered(outside.dutyFreshMs ?? dutyFreshMs, async () =>
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
  const { quietMs, followUpMinutes, dataDir, zone, publicUrl } = config
  const names = async () => [...new Set((await places()).map((place) => place.community))]
  const media = openMediaRoom({ ...edge, fieldKey, dataDir, settings: config.media, names })
  const offer = makeOffer({ inTurn, policy: fairTurn, log })
  const escalate = makeEscalate({ inTurn, policy: fairTurn, log })

  const summary = makeSummariseFor({ ...edge, inTurn, summarise: understanding.summarise })

  const called = config.roles.has('channels') && (config.wechat ?? config.wecom)
  const server =
    config.roles.has('web') || config.telegram?.webhookSecret || called
      ? await openServer(config, log, bells, db, metrics, media)
      : undefined
  const store = { db, seal, url, now, media }
  const link = (...of: Parameters<MediaRoom['link']>) => config.publicUrl + media.link(...of)
  const channels = [
    ...makeChannels(config, log, server, store, (text) => gate(text) !== undefined),
    ...(outside.extraChannels ?? []),
  ].map((channel) => withMediaLinks(channel, { db, link, now }))
  const broadcasts = openBroadcastRoom({ ...edge, zone, publicUrl, server, channels })
  const understand = { classify, gazetteer: places, calendar, facts, transcribes: media.transcribes }
  const notices = broadcasts.facts
  const desk = { ...edge, publicUrl, zone, root: config.root, calendar, facts, places, notices }
  const deskUrl = openDesk({ ...desk, server: config.roles.has('web') ? server : undefined })
  const run = makeRun({ ...edge, ...understand, quietMs, followUpMinutes, notices, deskUrl })
  const byName = new Map(channels.map((channel) => [`${channel.name}:${channel.account}`, channel]))
  const onUndelivered = makeUndelivered({ inTurn })
  const bounced = makeBounced({ db, log, onUndelivered })
  const deliver = makeDeliver({
    ...edge,
    channels: byName,
    onOutcome: (outcome, channel) => metrics.sent.inc({ outcome, channel }),
    onUndelivered,
    bulkGate: broadcasts.gate,
  })

  if (config.roles.has('worker')) {
    bells.work('conversation', run, { concurrency: 8 })
    bells.work('dispatch', offer, { concurrency: 8 })
    bells.work('deadline', escalate, { concurrency: 4 })
    bells.work('deliver', deliver, { concurrency: 8 })
    const { bulk, hands, feed } = broadcasts.carry(deliver, bells.ring)
    bells.work('bulk', bulk, { concurrency: hands })
    bells.work('summary', summary, { concurrency: 2 })
    const settle = media.settle(byName)
    const transcribe = media.transcribing(receive)
    bells.work('media', settle, { concurrency: 4 })
    bells.work('transcribe', transcribe, { concurrency: 2 })
    const perform = performer({
      conversation: run,
      dispatch: offer,
      deadline: escalate,
      deliver,
      bulk,
      summary,
      media: settle,
      transcribe,
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
    held('notices', every(outside.sweepEveryMs ?? feedMs, feed, log))
    held('reading aloud', every(readAloudMs, media.readAloud, log))
    held('leftovers', media.sweepLeftovers(metrics.media))
    held('learning', every(learnMs, understanding.learn, log))
  }
  held('channel watch', every(troubleMs, metrics.watch(channels), log))
  const listening = await listen(config, server, channels, { receive, bounced }, held)
  return { url: listening, db }
}

async function openServer(
  config: Config,
  log: Logger,
  bells: Bells,
  db: Db,
  metrics: Metrics,
  media: MediaRoom,
): Promise<FastifyInstance> {
  const server = await makeServer({
    log,
    publicUrl: config.publicUrl,
    metrics: metrics.registry,
    checks: [
      { name: 'database', check: async () => void (await db.$queryRaw`SELECT 1`) },
      { name: 'queue', check: bells.check },
    ],
    missing: media.missing,
  })
  media.serve(server)
  return server
}

function makeChannels(
  config: Config,
  log: Logger,
  server: FastifyInstance | undefined,
  store: { db: Db; seal: Seal; url: string; now: () => Date; media: MediaRoom },
  urgent: (text: string) => boolean,
): Channel[] {
  const channels: Channel[] = []
  const web = { ...store, log, databaseUrl: store.url, account: 'web' }
  if (server && config.roles.has('web')) {
    const serve = {
      server,
      secure: config.publicUrl.startsWith('https://'),
      root: config.root,
      leaveUrl: config.leaveUrl,
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
    channels.push(makeTelegram({ token, apiRoot, log, ...store.media.outgoing, ...(webhook ? { webhook } : {}) }))
  }
  if (config.roles.has('channels') || config.roles.has('worker')) {
    channels.push(...wechatAccounts(config, { ...store, log, server, root: config.root, dataDir: config.dataDir }))
  }
  return channels
}

/** Channels hear only in the processes whose role it is; the server listens last, when every room is ready. */
async function listen(
  config: Config,
  server: FastifyInstance | undefined,
  channels: readonly Channel[],
  { receive, bounced }: { receive: Receive; bounced: Bounced },
  held: Held,
): Promise<string> {
  for (const channel of channels) {
    if (!config.roles.has(channel.name === 'web' ? 'web' : 'channels')) continue
    await channel.start(receive, bounced)
    held(channel.name, channel.stop)
  }
  if (!server) return config.publicUrl
  await server.listen({ port: config.port, host: config.host })
  held('web server', () => server.close())
  const address = server.server.address()
  return address !== null && typeof address === 'object' ? `http://localhost:${address.port}` : config.publicUrl
}
