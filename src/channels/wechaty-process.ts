import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Asked, type Heard, packageOf, type Told } from './wechaty-wire.ts'

/**
 * Wechaty in a process of its own: its parts are old and many, an exception in one of its listeners ends a process, and it
 * writes to the home directory. This one has a private home, none of our keys, and may end at any time.
 * argv: the folder in which Wechaty is installed, the puppet, how often in ms the puppet is asked whether it is there.
 */

/** What is used of Wechaty 1.20. */
interface FileBox {
  readonly mediaType?: string
  readonly size?: number
  toBuffer(): Promise<Buffer>
}
interface Contact {
  readonly id: string
  say(text: string): Promise<unknown>
}
interface Message {
  readonly id: string
  self(): boolean
  room(): unknown
  talker(): Contact
  type(): number
  text(): string
  date(): Date
  toFileBox(): Promise<FileBox>
}
interface Bot {
  readonly isLoggedIn: boolean
  readonly Contact: { find(query: { id: string }): Promise<Contact | undefined> }
  readonly Message: { find(query: { id: string }): Promise<Message | undefined> }
  readonly puppet: { ding(data: string): void; on(event: 'dong', heard: () => void): void }
  on(event: 'message', heard: (message: Message) => void): void
  on(event: 'login' | 'logout' | 'error', heard: () => void): void
  on(event: 'scan', heard: (code: string) => void): void
  start(): Promise<void>
  stop(): Promise<void>
}
interface Wechaty {
  readonly WechatyBuilder: { build(options: { puppet: string }): Bot }
  readonly types: { readonly Message: Readonly<Record<number, string>> }
}

const [, , folder = '', puppet = '', dingEveryMs = '30000'] = process.argv
/** A gateway that died without a word is noticed by its silence. */
const mostUnanswered = 2
const startWithinMs = 60_000
/** What could not be stored is brought again after this long. */
const againMs = 2_000

const tell = (told: Told): void => void process.send?.(told)
const unstored = new Map<string, Heard>()

const { WechatyBuilder, types } = createRequire(join(folder, 'package.json'))('wechaty') as Wechaty
const bot = WechatyBuilder.build({ puppet: packageOf(puppet) })

bot.on('scan', (link) => tell({ is: 'scan', link }))
bot.on('login', () => tell({ is: 'up' }))
bot.on('logout', () => tell({ is: 'down' }))
bot.on('error', () => undefined) // without a listener it would be thrown; what matters shows in the state
bot.on('message', (message) => {
  if (message.self() || message.room()) return
  const heard: Heard = {
    is: 'heard',
    id: message.id,
    from: message.talker().id,
    kind: types.Message[message.type()] ?? 'Unknown',
    text: message.text(),
    at: message.date().getTime(),
  }
  unstored.set(heard.id, heard)
  tell(heard)
})

process.on('message', (raw) => {
  const read = Asked.safeParse(raw)
  if (read.success) void answer(read.data)
})
// Whoever started it is gone: nobody would store what is heard.
process.on('disconnect', () => process.exit(0))

async function answer(asked: Asked): Promise<void> {
  switch (asked.do) {
    case 'stored': {
      const heard = unstored.get(asked.id)
      if (asked.ok) unstored.delete(asked.id)
      if (asked.ok || !heard) return
      await sleep(againMs)
      return tell(heard)
    }
    case 'send':
      return send(asked)
    case 'fetch':
      return fetchMedia(asked)
    case 'stop':
      await bot.stop().catch(() => undefined)
      process.exit(0)
  }
}

async function send({ seq, to, texts }: Extract<Asked, { do: 'send' }>): Promise<void> {
  let sent = 0
  try {
    const contact = bot.isLoggedIn ? await bot.Contact.find({ id: to }) : undefined
    if (!contact) return tell({ is: 'failed', seq, why: bot.isLoggedIn ? 'gone' : 'unsent' })
    for (const text of texts) {
      sent += 1
      await contact.say(text)
    }
    tell({ is: 'done', seq })
  } catch {
    tell({ is: 'failed', seq, why: sent === 0 ? 'unsent' : 'unknown' })
  }
}

async function fetchMedia({ seq, id, bytes }: Extract<Asked, { do: 'fetch' }>): Promise<void> {
  try {
    const message = await bot.Message.find({ id })
    const box = await message?.toFileBox()
    if (!box) return tell({ is: 'failed', seq, why: 'gone' })
    if ((box.size ?? 0) > bytes) return tell({ is: 'failed', seq, why: 'too_large' })
    const data = await box.toBuffer()
    if (data.length > bytes) return tell({ is: 'failed', seq, why: 'too_large' })
    const mime = box.mediaType === undefined ? {} : { mime: box.mediaType }
    tell({ is: 'done', seq, data: data.toString('base64'), ...mime })
  } catch {
    tell({ is: 'failed', seq, why: 'gone' })
  }
}

// Ending is the mending, in both cases: whoever started it starts it anew.
const late = setTimeout(() => process.exit(1), startWithinMs)
await bot.start()
clearTimeout(late)
let unanswered = 0
bot.puppet.on('dong', () => {
  unanswered = 0
})
setInterval(() => {
  if (unanswered >= mostUnanswered) process.exit(1)
  unanswered += 1
  bot.puppet.ding('linbang')
}, Number(dingEveryMs))
