#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { startApp } from './app.ts'
import { acrossAuthors, acrossInWords } from './classify/across-authors.ts'
import { makeCascade } from './classify/cascade.ts'
import type { Classify } from './classify/classifier.ts'
import { classifyLines, commandHelp, evalFile } from './classify/command.ts'
import { readCorpus } from './classify/corpus.ts'
import { crisisGate } from './classify/crisis.ts'
import { makeLearned } from './classify/learned.ts'
import type { Model } from './classify/model.ts'
import { baseModel, trainInThread, trainingFiles } from './classify/training.ts'
import { inOneLine, readConfig, withEnvFile } from './config.ts'
import { ledgerCommand } from './conversation/ledger-command.ts'
import { modelCommand, trainCommand } from './learning/command.ts'
import { makeModels } from './learning/models.ts'
import { makeRetrain } from './learning/retrain.ts'
import { rehearseCommand } from './rehearsal/command.ts'
import { calendarCommand } from './rota/calendar-command.ts'
import { rotaCommand } from './rota/command.ts'
import { type Db, openDb, transaction } from './store/db.ts'
import { readDistrict, writeDistrict } from './store/district.ts'
import { DataDirInUse, type Embedded, runningStore, startEmbedded } from './store/embedded.ts'
import { migrate } from './store/migrate.ts'
import { insertInvite, inviteCode } from './store/people.ts'
import { checkFieldKey, loadFieldKey, makeSeal } from './store/secrets.ts'
import { staffDirectory } from './store/staff.ts'
import { say } from './texts/say.ts'

/** argv → one command; prints; nothing else. */

const root = fileURLToPath(new URL('..', import.meta.url))

const usage = `linbang <command>

  start                 start Linbang (what npm start does)
  seed <district.yaml>  import places, contracts, staff and duty from a file; twice changes nothing
  invite <staff code>   a one-time code by which this colleague joins in chat
  classify [text]       one text with a readable explanation, or JSON lines {"id","text"} from standard input
  eval <file.jsonl>     how well texts that people labelled are understood; --across-authors: on each author by the others
  ledger                what was bought, what of it has been done, and the results of each agency
  rota                  a rota template, import from XLSX or CSV, export as a calendar (--help)
  calendar              holidays and make-up workdays of a year from a file (--help)
  rehearse              play weeks of life through the present rota and contracts, on a copy (--help)
  train                 learn from the corpus and all corrections now; used only if it is no worse
  model list            the models there are; * is in use
  model use <version>   use this one (base: the one that came with the program; newest: follow training again)

Settings: .env.example`

async function main(args: readonly string[]): Promise<number> {
  const [command = 'help', ...rest] = args
  if (rest.includes('--help') && !['rehearse', 'rota', 'calendar'].includes(command))
    return print(commandHelp[command] ?? usage)
  switch (command) {
    case 'start':
      return start()
    case 'seed':
      return seed(rest[0])
    case 'invite':
      return invite(rest[0])
    case 'classify':
      return classifyLines(rest, { classify: await classifier(), input: process.stdin, output: process.stdout })
    case 'eval':
      return rest.includes('--across-authors') ? evaluateAcross() : evaluateFile(rest)
    case 'ledger':
      return ledger()
    case 'rota':
      return rota(rest)
    case 'calendar':
      return holidays(rest)
    case 'rehearse':
      return rehearsal(rest)
    case 'train':
      return train()
    case 'model':
      return withStore(async (db) => {
        const { model } = await baseModel(trainingFiles(root))
        return modelCommand(rest, { db, base: model.version, print: console.log })
      })
    case 'help':
    case '--help':
      return print(usage)
    default:
      console.error(`There is no command "${command}".\n\n${usage}`)
      return 2
  }
}

async function start(): Promise<number> {
  const config = readConfig(withEnvFile(process.env, root), root)
  const log = pino({ level: config.logLevel })
  const districtFile = readFileSync(resolve(root, 'prisma/seed/huli.yaml'), 'utf8')
  const app = await startApp(config, log, { districtFile })
  console.log(`Linbang 邻帮 is running.\n  resident's page  ${app.url}/`)
  if (config.demo) console.log(`  demo             ${app.url}/demo`)
  const signal = await new Promise<string>((received) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => received(name))
  })
  console.log(`${signal}: stopping`)
  await app.stop()
  return 0
}

async function seed(file: string | undefined): Promise<number> {
  if (file === undefined) {
    console.error('Name the file: npx linbang seed prisma/seed/huli.yaml')
    return 2
  }
  const read = readDistrict(readFileSync(file, 'utf8'))
  if ('problems' in read) {
    for (const { line, column, message } of read.problems) console.error(`${file}:${line}:${column} ${message}`)
    console.error(`Nothing was imported: ${read.problems.length} to mend.`)
    return 1
  }
  return withStore(async (db) => {
    const counts = await transaction(db, (tx) => writeDistrict(tx, read.district))
    return print(
      Object.entries(counts)
        .map(([what, count]) => `${what} ${count}`)
        .join(', '),
    )
  })
}

/** How the first coordinator of a district gets in; later ones are invited in chat. */
async function invite(code: string | undefined): Promise<number> {
  if (code === undefined) {
    console.error('Name the colleague: npx linbang invite c-01')
    return 2
  }
  return withStore(async (db) => {
    const staff = (await staffDirectory(db)).find((person) => person.code === code)
    if (!staff) {
      console.error(`There is no active colleague with the code "${code}".`)
      return 1
    }
    const secret = inviteCode()
    const expiresAt = new Date(Date.now() + 48 * 3_600_000)
    await transaction(db, (tx) => insertInvite(tx, { staffId: staff.id, invitedById: null, code: secret, expiresAt }))
    return print(`${staff.name}: send 加入 ${secret} to the bot within 48 hours. It works once.`)
  })
}

/** What the bot would say of a text: the model the district uses where its store can be reached, else the program's own. */
async function classifier(): Promise<Classify> {
  const { model: base } = await baseModel(trainingFiles(root))
  const config = readConfig(withEnvFile(process.env, root), root)
  const url = config.databaseUrl ?? runningStore(config.dataDir)
  const model = url === undefined ? base : await districtModel(url, base).catch(() => base)
  return makeCascade({
    detectors: [makeLearned(() => model)],
    onFailure: (name, error) => console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`),
  })
}

async function districtModel(url: string, base: Model): Promise<Model> {
  const db = openDb(url, { max: 1 })
  try {
    const models = makeModels({ db, base, log: pino({ level: 'silent' }) })
    await models.refresh()
    return models.current()
  } finally {
    await db.$disconnect()
  }
}

async function evaluateFile(args: readonly string[]): Promise<number> {
  const file = args.find((arg) => !arg.startsWith('--'))
  if (file === undefined) {
    console.error('Name the file: npx linbang eval labelled.jsonl (see --help)')
    return 2
  }
  const figuresOnly = args.includes('--figures')
  return evalFile(readFileSync(file, 'utf8'), { classify: await classifier(), output: process.stdout, figuresOnly })
}

async function evaluateAcross(): Promise<number> {
  const files = trainingFiles(root)
  const results = await acrossAuthors(readCorpus(files.corpusDir), (rows) => trainInThread(rows, 'across', files))
  return print(acrossInWords(results))
}

async function train(): Promise<number> {
  const files = trainingFiles(root)
  const { model: base, corpus } = await baseModel(files)
  return withStore(async (db) => {
    const config = readConfig(withEnvFile(process.env, root), root)
    const seal = makeSeal(loadFieldKey(config))
    await checkFieldKey(db, seal)
    const log = pino({ level: 'silent' })
    const models = makeModels({ db, base, log })
    await models.refresh()
    const parts = { db, seal, corpus, base, current: models.current, gate: crisisGate, worker: files.worker }
    return trainCommand(makeRetrain({ ...parts, now: () => new Date(), log }), console.log)
  })
}

/** 服务台账和成效 of every contract in force. */
async function ledger(): Promise<number> {
  const { zone } = readConfig(withEnvFile(process.env, root), root)
  return withStore(async (db) => print(await ledgerCommand(db, new Date(), zone)))
}

async function rota(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help')) return print(say('rota.usage'))
  const { zone } = readConfig(withEnvFile(process.env, root), root)
  return withStore((db) => rotaCommand(args, db, { zone, now: new Date(), print: console.log }))
}

async function holidays(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args.includes('--help')) return print(say('calendar.usage'))
  const { zone } = readConfig(withEnvFile(process.env, root), root)
  return withStore((db) => calendarCommand(args, db, { zone, now: new Date(), print: console.log }))
}

async function rehearsal(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) return print(say('rehearsal.usage'))
  const { zone } = readConfig(withEnvFile(process.env, root), root)
  const migrations = resolve(root, 'prisma/migrations')
  const roomsProgram = [resolve(root, 'dist/rooms-process.js')]
  const parts = { migrations, zone, now: new Date(), print: console.log, progress: console.error, roomsProgram }
  return withStore((_, url) => rehearseCommand(args, { url, ...parts }))
}

/** The store as `start` would open it, or of the Linbang that runs on it now, for one command. */
async function withStore(act: (db: Db, url: string) => Promise<number>): Promise<number> {
  const config = readConfig(withEnvFile(process.env, root), root)
  const embedded = config.databaseUrl === undefined ? await embeddedOrRunning(config.dataDir) : undefined
  const url = config.databaseUrl ?? embedded?.url ?? ''
  try {
    await migrate(url, resolve(root, 'prisma/migrations'))
    const db = openDb(url, { max: 2 })
    try {
      return await act(db, url)
    } finally {
      await db.$disconnect()
    }
  } finally {
    await embedded?.stop()
  }
}

/** Our own store; that of a Linbang that runs on it already is used and left running. */
async function embeddedOrRunning(dir: string): Promise<Embedded> {
  try {
    return await startEmbedded({ dir })
  } catch (error) {
    const url = error instanceof DataDirInUse ? runningStore(dir) : undefined
    if (url === undefined) throw error
    return { url, stop: async () => undefined }
  }
}

function print(text: string): number {
  console.log(text)
  return 0
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    // What a person can mend is one line; anything else shows where it came from.
    console.error(inOneLine(error, process.env) ?? (error instanceof Error && error.stack) ?? error)
    process.exitCode = 1
  },
)
