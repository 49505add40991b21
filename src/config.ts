import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { z } from 'zod'
import { flag, url, whole } from './config-kinds.ts'
import { type MediaConfig, mediaOf, mediaSettings, wrongInMedia } from './config-media.ts'
import { readWechat, type WechatConfig, wechatSettings, wrongWechat } from './config-wechat.ts'

/** Everything that can be set, read once, frozen; a wrong setting is one clear line that names it. */
export interface Config extends WechatConfig {
  readonly root: string
  readonly port: number
  readonly host: string
  readonly publicUrl: string
  /** Where 离开 leads: a page that gives nothing away. */
  readonly leaveUrl: string
  readonly dataDir: string
  /** Unset: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | undefined
  /** Unset: the queue lives in PostgreSQL. */
  readonly redisUrl: string | undefined
  readonly zone: string
  readonly telegram: Telegram | undefined
  readonly fieldKey: string | undefined
  readonly roles: ReadonlySet<Role>
  readonly demo: boolean
  readonly quietMs: number
  /** 回访: working minutes between closing and the question whether it is solved. */
  readonly followUpMinutes: number
  readonly logLevel: string
  /** Unset: no language model is asked. */
  readonly llm: Llm | undefined
  readonly media: MediaConfig
}

export interface Telegram {
  readonly token: string
  readonly apiRoot: string
  /** Set: updates come to `/telegram/webhook`; unset: long polling. */
  readonly webhookSecret: string | undefined
}

export interface Llm {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string | undefined
  readonly method: 'jsonMode' | 'functionCalling' | 'jsonSchema'
  readonly timeoutMs: number
}

export const roles = ['web', 'channels', 'worker'] as const
export type Role = (typeof roles)[number]

/** One line a setting: what is wrong with it and what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const Settings = z.object({
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().min(1).default('0.0.0.0'),
  PUBLIC_URL: url(['http', 'https']).optional(),
  LEAVE_URL: url(['https']).default('https://www.baidu.com/'),
  DATA_DIR: z.string().optional(),
  DATABASE_URL: url(['postgres', 'postgresql']).optional(),
  REDIS_URL: url(['redis', 'rediss']).optional(),
  TZ_NAME: z.string().default('Asia/Shanghai').refine(isZone, { message: 'must be a time zone such as Asia/Shanghai' }),
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]+$/, { message: 'must be a bot token as BotFather gives it: digits, a colon, letters' })
    .optional(),
  TELEGRAM_API_ROOT: url(['http', 'https']).default('https://api.telegram.org'),
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[\w-]{1,256}$/, { message: 'must be 1 to 256 letters, digits, _ or -' })
    .optional(),
  ...wechatSettings,
  FIELD_KEY: z
    .string()
    .refine(isKey, { message: 'must be 32 bytes as 64 hex digits or base64 (openssl rand -hex 32)' })
    .optional(),
  ROLES: z.string().default('all'),
  DEMO: flag.optional(),
  QUIET_MS: whole(0, 60_000).default(1_500),
  FOLLOW_UP_MINUTES: whole(0, 10_000).optional(),
  LLM_BASE_URL: url(['http', 'https']).optional(),
  LLM_MODEL: z.string().optional(),
  LLM_API_KEY: z.string().optional(),
  LLM_METHOD: z.enum(['jsonMode', 'functionCalling', 'jsonSchema']).default('jsonMode'),
  LLM_TIMEOUT_MS: whole(500, 30_000).default(5_000),
  LLM_DOMESTIC: flag.optional(),
  ...mediaSettings,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
})

/** @throws ConfigError with one line for every wrong setting. */
export function readConfig(env: Readonly<Record<string, string | undefined>>, root: string): Config {
  // A setting left empty, as in .env.example, is a setting not made.
  const read = Settings.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  if (!read.success) {
    throw new ConfigError(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'))
  }
  const set = read.data
  const wrong: string[] = []
  const chosen = set.ROLES === 'all' ? [...roles] : set.ROLES.split(',').map((role) => role.trim())
  const known = roles.filter((role) => chosen.includes(role))
  if (known.length !== chosen.length) wrong.push(`ROLES: must be all, or some of ${roles.join(',')}`)
  if (set.DATABASE_URL !== undefined && set.FIELD_KEY === undefined) {
    wrong.push('FIELD_KEY: is needed with DATABASE_URL, and the same for every process (openssl rand -hex 32)')
  }
  if (known.length < roles.length && set.DATABASE_URL === undefined) {
    wrong.push('ROLES: splitting Linbang over processes needs DATABASE_URL; the embedded store serves one process')
  }
  const publicUrl = (set.PUBLIC_URL ?? `http://localhost:${set.PORT}`).replace(/\/$/, '')
  if (set.TELEGRAM_WEBHOOK_SECRET !== undefined && !isReachable(publicUrl, set.TELEGRAM_API_ROOT)) {
    wrong.push(
      'PUBLIC_URL: must be the https address at which Telegram reaches this server when a webhook secret is set',
    )
  }
  if (new URL(set.LEAVE_URL).host === new URL(publicUrl).host) {
    wrong.push('LEAVE_URL: must lead away from this server: who leaves must not see it again')
  }
  if (set.LLM_BASE_URL !== undefined && set.LLM_MODEL === undefined) {
    wrong.push('LLM_MODEL: is needed with LLM_BASE_URL: the name of the model there')
  }
  if (set.LLM_BASE_URL !== undefined && set.LLM_DOMESTIC === undefined) {
    wrong.push(
      'LLM_DOMESTIC: say 1 when the endpoint of LLM_BASE_URL is on site or in mainland China; with 0 nothing residents write is sent to it',
    )
  }
  if (set.WECHATY_PUPPET !== undefined && known.length < roles.length) {
    wrong.push('WECHATY_PUPPET: needs ROLES=all: a bot is logged in once, in the process that hears and speaks')
  }
  wrong.push(...wrongWechat(set, publicUrl))
  wrong.push(...wrongInMedia(set))
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'))
  const demo = set.DEMO ?? set.DATABASE_URL === undefined
  return Object.freeze({
    root,
    port: set.PORT,
    host: set.HOST,
    publicUrl,
    leaveUrl: set.LEAVE_URL,
    dataDir: resolve(root, set.DATA_DIR ?? '.data'),
    databaseUrl: set.DATABASE_URL,
    redisUrl: set.REDIS_URL,
    zone: set.TZ_NAME,
    telegram:
      set.TELEGRAM_BOT_TOKEN === undefined
        ? undefined
        : {
            token: set.TELEGRAM_BOT_TOKEN,
            apiRoot: set.TELEGRAM_API_ROOT.replace(/\/$/, ''),
            webhookSecret: set.TELEGRAM_WEBHOOK_SECRET,
          },
    ...readWechat(set, env),
    fieldKey: set.FIELD_KEY,
    roles: new Set(known),
    demo,
    quietMs: set.QUIET_MS,
    followUpMinutes: set.FOLLOW_UP_MINUTES ?? (demo ? 0 : 120),
    logLevel: set.LOG_LEVEL,
    llm:
      set.LLM_BASE_URL !== undefined && set.LLM_MODEL !== undefined && set.LLM_DOMESTIC === true
        ? {
            baseUrl: set.LLM_BASE_URL,
            model: set.LLM_MODEL,
            apiKey: set.LLM_API_KEY,
            method: set.LLM_METHOD,
            timeoutMs: set.LLM_TIMEOUT_MS,
          }
        : undefined,
    media: mediaOf(set),
  })
}

/** The environment with `.env` of the project beneath it: what is really set wins. */
export function withEnvFile(env: NodeJS.ProcessEnv, root: string): Readonly<Record<string, string | undefined>> {
  const file = join(root, '.env')
  return existsSync(file) ? { ...parseEnv(readFileSync(file, 'utf8')), ...env } : env
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text) || Buffer.from(text, 'base64').length === 32
}

/** Telegram itself calls only https; a Bot API server on this machine may call plain http. */
const isReachable = (publicUrl: string, apiRoot: string) =>
  publicUrl.startsWith('https://') || ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(apiRoot).hostname)

/**
 * A failure of the start that a person can mend, as one line that names the setting or the file; `undefined` for anything
 * else. Never holds a password.
 */
export function inOneLine(error: unknown, env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'ConfigError' || error.name === 'DataDirInUse' || /^[A-Z][A-Z_]+: /.test(error.message)) {
    return error.message
  }
  const { code = '', syscall = '', path } = error as NodeJS.ErrnoException
  if (syscall === 'listen') return `PORT: cannot listen on ${env.PORT || 3000} (${listening[code] ?? code})`
  const unreachable = database[code]
  if (unreachable !== undefined && env.DATABASE_URL) return `DATABASE_URL: ${unreachable} (${code})`
  return path !== undefined && file[code] !== undefined ? `${path}: ${file[code]}` : undefined
}

const listening: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program is listening there',
  EACCES: 'this user may not',
  EADDRNOTAVAIL: 'HOST is no address of this machine',
}
const database: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no PostgreSQL answers there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host name cannot be looked up',
  ETIMEDOUT: 'no PostgreSQL answers there',
  EHOSTUNREACH: 'the host cannot be reached',
  '28P01': 'user or password is wrong',
  '28000': 'this user may not connect',
  '3D000': 'there is no such database',
}
const file: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read or write it',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'it is a directory',
  EROFS: 'the file system is read-only',
}
