import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Inbound, InboundContent } from '../domain/words.ts'
import { type Capabilities, type Channel, MediaError, mediaErrorOf, type Receive, SendError } from './channel.ts'
import { render } from './choices.ts'
import { type Asked, type Heard, packageOf, Told } from './wechaty-wire.ts'

export interface WechatyOptions {
  readonly puppet: string
  /** Where Wechaty is installed (`npm ci --prefix wechaty`); nothing of it is loaded into this process. */
  readonly folder: string
  /** The built `wechaty-process.ts`. */
  readonly script: string
  /** A private home for what Wechaty writes; wiped at every start. */
  readonly home: string
  /** The environment from which Wechaty's own settings (WECHATY_…) are passed on. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** How often the puppet is asked whether it is there: a gateway that dies says nothing. */
  readonly dingEveryMs?: number
}

const account = 'wechaty'
const capabilities: Capabilities = {
  choices: 'numbers',
  edit: false,
  maxTextChars: 2_000,
  // What a bridge may say, and when, is known to its puppet only; it tells by failing.
  proactive: 'always',
  media: [],
  // As fast as a person types: a bridge that hurries loses its account.
  pace: { perSecond: 1, chatGapMs: 1_000 },
}
const leastBackoffMs = 1_000
const mostBackoffMs = 60_000
const stopWithinMs = 5_000
const answerWithinMs = 20_000

type Answer = Extract<Told, { is: 'done' } | { is: 'failed' }>

/**
 * Any WeChat bot that Wechaty has a puppet for. It runs in a process of its own, started anew when it ends; what it hears
 * is brought again until it is stored, and known by its id, so that what is replayed after a login is heard once.
 */
export function makeWechaty(options: WechatyOptions): Channel {
  const { puppet, folder, script, home, env, log, dingEveryMs = 30_000 } = options
  let child: ChildProcess | undefined
  let state: 'down' | 'up' | 'stopped' = 'down'
  let backoffMs = leastBackoffMs
  let timer: NodeJS.Timeout | undefined
  let lastSeq = 0
  const waiting = new Map<number, (answer: Answer) => void>()

  return {
    name: 'wechat',
    account,
    capabilities,
    trouble: () => (state === 'up' ? undefined : 'the WeChat bot is not logged in'),
    start: async (receive) => {
      if (!existsSync(join(folder, 'node_modules', packageOf(puppet)))) {
        throw new Error(`WECHATY_PUPPET: ${packageOf(puppet)} is not installed; run: npm ci --prefix wechaty`)
      }
      run(receive)
    },
    stop: async () => {
      state = 'stopped'
      clearTimeout(timer)
      const ending = child
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
      const ended = new Promise((resolve) => ending.once('exit', resolve))
      const kill = setTimeout(() => ending.kill('SIGKILL'), stopWithinMs)
      ask({ do: 'stop' })
      await ended
      clearTimeout(kill)
    },
    send: async (to, message) => {
      const answer = await question((seq) => ({ do: 'send', seq, to: to.externalId, texts: textsOf(message) }))
      if (answer.is === 'failed') throw failed(answer.why)
      return {}
    },
    fetchMedia: async (media, { bytes }) => {
      const answer = await question((seq) => ({ do: 'fetch', seq, id: media.id, bytes }))
      if (answer.is === 'failed') {
        if (answer.why === 'too_large') throw new MediaError('too-large', 'the media is larger than allowed')
        throw mediaErrorOf(failed(answer.why))
      }
      return { data: Buffer.from(answer.data ?? '', 'base64'), mime: answer.mime ?? 'application/octet-stream' }
    },
  }

  function run(receive: Receive): void {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home, { recursive: true, mode: 0o700 })
    const own = Object.fromEntries(Object.entries(env).filter(([name]) => /^(WECHATY_|PATH$|TZ$|LANG$|LC_)/.test(name)))
    child = fork(script, [folder, puppet, String(dingEveryMs)], {
      env: { WECHATY_LOG: 'silent', ...own, HOME: home },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    child.on('message', (raw) => {
      const read = Told.safeParse(raw)
      if (read.success) hear(read.data, receive)
    })
    child.on('error', (error) => log.error({ err: error }, 'the process of Wechaty cannot be started'))
    child.on('exit', (code) => {
      for (const answer of waiting.values()) answer({ is: 'failed', seq: 0, why: 'unknown' })
      if (state === 'stopped') return
      state = 'down'
      log.error({ code, again: backoffMs }, 'the process of Wechaty has ended; it is started anew')
      timer = setTimeout(() => run(receive), backoffMs)
      backoffMs = Math.min(backoffMs * 2, mostBackoffMs)
    })
  }

  function hear(told: Told, receive: Receive): void {
    switch (told.is) {
      case 'scan':
        log.warn({ link: told.link }, 'scan this link as a QR code with the WeChat of the account')
        return
      case 'up':
        backoffMs = leastBackoffMs
        state = state === 'stopped' ? state : 'up'
        log.info('the WeChat bot is logged in')
        return
      case 'down':
        state = state === 'stopped' ? state : 'down'
        log.error('the WeChat bot is logged out')
        return
      case 'heard':
        void store(told, receive)
        return
      case 'done':
      case 'failed':
        waiting.get(told.seq)?.(told)
    }
  }

  async function store(heard: Heard, receive: Receive): Promise<void> {
    try {
      await receive(inboundOf(heard))
      ask({ do: 'stored', id: heard.id, ok: true })
    } catch (error) {
      log.error({ err: error }, 'a message of WeChat could not be stored; it will be brought again')
      ask({ do: 'stored', id: heard.id, ok: false })
    }
  }

  function ask(asked: Asked): boolean {
    return child?.connected === true && child.send(asked, () => undefined)
  }

  async function question(asked: (seq: number) => Asked): Promise<Answer> {
    if (state !== 'up') return { is: 'failed', seq: 0, why: 'unsent' }
    lastSeq += 1
    const seq = lastSeq
    return new Promise((resolve) => {
      const late = setTimeout(() => end({ is: 'failed', seq, why: 'unknown' }), answerWithinMs)
      const end = (answer: Answer) => {
        clearTimeout(late)
        waiting.delete(seq)
        resolve(answer)
      }
      waiting.set(seq, end)
      ask(asked(seq))
    })
  }
}

function textsOf(message: Parameters<Channel['send']>[1]): string[] {
  try {
    return [...render(message, capabilities).parts]
  } catch (cause) {
    throw new SendError('invalid', 'a choice carries too much', { cause })
  }
}

function failed(why: Extract<Told, { is: 'failed' }>['why']): SendError {
  switch (why) {
    case 'unsent':
      return new SendError('auth', 'the WeChat bot is not logged in')
    case 'gone':
      return new SendError('gone', 'the bot does not know this person or message any more')
    case 'too_large':
      return new SendError('invalid', 'the media is larger than allowed')
    case 'unknown':
      return new SendError('transient', 'Wechaty did not answer', { outcomeUnknown: true })
  }
}

function inboundOf({ id, from, kind, text, at }: Heard): Inbound {
  return {
    key: id.slice(0, 200),
    from: { channel: 'wechat', account, externalId: from },
    content: contentOf(kind, id, text),
    sentAt: new Date(at),
  }
}

function contentOf(kind: string, id: string, text: string): InboundContent {
  switch (kind) {
    case 'Text':
    case 'Url':
      return { kind: 'text', text }
    case 'Audio':
      return { kind: 'voice', media: { id } }
    case 'Image':
      return { kind: 'picture', media: { id } }
    case 'Video':
      return { kind: 'video', media: { id } }
    case 'Attachment':
      return { kind: 'file', media: { id } }
    case 'Emoticon':
      return { kind: 'sticker' }
    default:
      return { kind: 'unsupported', what: kind.slice(0, 40) }
  }
}
