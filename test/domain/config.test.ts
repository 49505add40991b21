import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigError, inOneLine, readConfig, withEnvFile } from '../../src/config.ts'
import { root } from '../harness/linbang.ts'

const key = Buffer.alloc(32, 1).toString('hex')
const database = { DATABASE_URL: 'postgresql://u:p@db/linbang', FIELD_KEY: key }
const token = '1:example'
const wechat = {
  PUBLIC_URL: 'https://linbang.example',
  WECHAT_APP_ID: 'wx0123456789abcdef',
  WECHAT_APP_SECRET: 'secret',
  WECHAT_TOKEN: 'token5',
  WECHAT_AES_KEY: 'a'.repeat(43),
}
const example = readFileSync(join(root, '.env.example'), 'utf8')

function lines(env: Record<string, string>): string[] {
  try {
    readConfig(env, '/app')
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n')
    throw error
  }
  return []
}

describe('the configuration', () => {
  it('needs nothing: an embedded store, the queue in it, the demo district', () => {
    expect(readConfig({}, '/app')).toEqual({
      root: '/app',
      port: 3000,
      host: '0.0.0.0',
      publicUrl: 'http://localhost:3000',
      leaveUrl: 'https://www.baidu.com/',
      dataDir: '/app/.data',
      databaseUrl: undefined,
      redisUrl: undefined,
      zone: 'Asia/Shanghai',
      telegram: undefined,
      fieldKey: undefined,
      roles: new Set(['web', 'channels', 'worker']),
      demo: true,
      quietMs: 1500,
      followUpMinutes: 0,
      logLevel: 'info',
      media: { s3: undefined, scan: undefined, stt: undefined, tts: undefined },
    })
  })

  it('is the same with .env.example copied as it is, which names every setting with a line of its own', () => {
    expect(readConfig(parseEnv(example), '/app')).toEqual(readConfig({}, '/app'))
    const source = ['config.ts', 'config-media.ts', 'config-wechat.ts']
      .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
      .join('\n')
    const settings = new Set(
      [...source.matchAll(/^ {2}([A-Z][A-Z0-9_]+): (?!['`])|'([A-Z]+_[A-Z_]+)'/gm)].map((m) => m[1] ?? m[2]),
    )
    expect(settings.size).toBeGreaterThan(15)
    expect(new Set(Object.keys(parseEnv(example)))).toEqual(settings)
    const rows = example.split('\n')
    const unexplained = rows.filter((row, i) => /^[A-Z]/.test(row) && !rows[i - 1]?.startsWith('# '))
    expect(unexplained).toEqual([])
  })

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(readConfig({}, '/app'))).toBe(true)
  })

  it.each([
    [{ PORT: '70000' }, 'PORT: must be a whole number from 0 to 65535'],
    [{ PORT: 'web' }, 'PORT: must be a whole number from 0 to 65535'],
    [{ QUIET_MS: '-1' }, 'QUIET_MS: must be a whole number from 0 to 60000'],
    [{ LEAVE_URL: 'http://weather.example/' }, 'LEAVE_URL: must be an address beginning with https://'],
    [{ LEAVE_URL: 'javascript:alert(1)' }, 'LEAVE_URL: must be an address beginning with https://'],
    [
      { PUBLIC_URL: 'https://linbang.example', LEAVE_URL: 'https://linbang.example/news' },
      'LEAVE_URL: must lead away from this server',
    ],
    [{ PUBLIC_URL: 'linbang.example' }, 'PUBLIC_URL: must be an address beginning with http:// or https://'],
    [{ DATABASE_URL: 'mysql://x', FIELD_KEY: key }, 'DATABASE_URL: must be an address beginning with postgres://'],
    [{ REDIS_URL: 'localhost:6379' }, 'REDIS_URL: must be an address beginning with redis:// or rediss://'],
    [{ TZ_NAME: 'Xiamen' }, 'TZ_NAME: must be a time zone such as Asia/Shanghai'],
    [{ TELEGRAM_BOT_TOKEN: 'hello' }, 'TELEGRAM_BOT_TOKEN: must be a bot token'],
    [{ TELEGRAM_WEBHOOK_SECRET: 'not a secret!' }, 'TELEGRAM_WEBHOOK_SECRET: must be 1 to 256 letters'],
    [{ FIELD_KEY: 'short' }, 'FIELD_KEY: must be 32 bytes'],
    [{ DEMO: 'yes' }, 'DEMO: must be 1 or 0'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: '],
    [{ ...database, ROLES: 'web,cook' }, 'ROLES: must be all, or some of web,channels,worker'],
    [{ ROLES: 'web' }, 'ROLES: splitting Linbang over processes needs DATABASE_URL'],
    [{ DATABASE_URL: database.DATABASE_URL }, 'FIELD_KEY: is needed with DATABASE_URL'],
    [{ TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: 's' }, 'PUBLIC_URL: must be the https address'],
    [{ ...wechat, WECHAT_TOKEN: '' }, 'WECHAT_TOKEN: is needed with WECHAT_APP_ID'],
    [{ ...wechat, WECHAT_AES_KEY: 'short' }, 'WECHAT_AES_KEY: must be the EncodingAESKey: 43 letters and digits'],
    [{ ...wechat, PUBLIC_URL: 'http://linbang.example' }, 'PUBLIC_URL: must be the https address at which WeChat'],
    [{ ...wechat, WECHAT_NOTICE_TEMPLATE: 'T' }, 'WECHAT_NOTICE_FIELDS: is needed with WECHAT_NOTICE_TEMPLATE'],
    [
      { ...wechat, WECHAT_NOTICE_TEMPLATE: 'T', WECHAT_NOTICE_FIELDS: 'thing1=您的求助有新消息' },
      'WECHAT_NOTICE_FIELDS: must not tell a bystander',
    ],
    [
      { ...wechat, WECHAT_NOTICE_TEMPLATE: 'T', WECHAT_NOTICE_FIELDS: 'words' },
      'WECHAT_NOTICE_FIELDS: must be like thing1=',
    ],
    [{ WECHATY_PUPPET: 'official-account' }, 'WECHAT_APP_ID: is needed with WECHATY_PUPPET=official-account'],
    [{ WECHATY_PUPPET: '../evil' }, 'WECHATY_PUPPET: must be the name of a Wechaty puppet'],
    [{ ...database, ROLES: 'web,worker', WECHATY_PUPPET: 'service' }, 'WECHATY_PUPPET: needs ROLES=all'],
  ])('says in one line what is wrong with %o', (env, line) => {
    const said = lines(env as unknown as Record<string, string>)
    expect(said.length).toBe(1)
    expect(said[0]).toContain(line)
  })

  it('says all that is wrong at once, and never repeats a value', () => {
    const said = lines({
      PORT: '-1',
      REDIS_URL: 'secret-password',
      FIELD_KEY: 'secret-key',
      TELEGRAM_BOT_TOKEN: 'secret',
    })
    expect(said.map((line) => line.split(':')[0]).sort()).toEqual([
      'FIELD_KEY',
      'PORT',
      'REDIS_URL',
      'TELEGRAM_BOT_TOKEN',
    ])
    expect(said.join()).not.toContain('secret')
  })

  it('takes a webhook over https, or over http from a Bot API server on this machine', () => {
    const webhook = { TELEGRAM_BOT_TOKEN: token, TELEGRAM_WEBHOOK_SECRET: 's' }
    const open = readConfig({ ...webhook, PUBLIC_URL: 'https://linbang.example/' }, '/app')
    expect(open.publicUrl).toBe('https://linbang.example')
    expect(open.telegram).toEqual({ token, apiRoot: 'https://api.telegram.org', webhookSecret: 's' })
    const local = readConfig({ ...webhook, TELEGRAM_API_ROOT: 'http://127.0.0.1:8081/' }, '/app')
    expect(local.telegram?.apiRoot).toBe('http://127.0.0.1:8081')
  })

  it('reads a 服务号 whole, with its notice; a stand-in on this machine needs no https', () => {
    const notice = { WECHAT_NOTICE_TEMPLATE: 'T1', WECHAT_NOTICE_FIELDS: 'thing1=有新消息;phrase2=请回个字' }
    expect(readConfig({ ...wechat, ...notice, WECHAT_MENUS: '1' }, '/app').wechat).toEqual({
      appId: 'wx0123456789abcdef',
      appSecret: 'secret',
      token: 'token5',
      aesKey: 'a'.repeat(43),
      apiBase: 'https://api.weixin.qq.com',
      menus: true,
      notice: { templateId: 'T1', data: { thing1: '有新消息', phrase2: '请回个字' }, standing: false },
    })
    const local = { ...wechat, PUBLIC_URL: '', WECHAT_API_BASE: 'http://127.0.0.1:8080/' }
    expect(readConfig(local, '/app').wechat?.apiBase).toBe('http://127.0.0.1:8080')
    expect(readConfig({ ...wechat, WECHATY_PUPPET: 'official-account' }, '/app').wechaty).toBeUndefined()
    expect(readConfig({ WECHATY_PUPPET: 'service' }, '/app').wechaty?.puppet).toBe('service')
  })

  it('seeds no demo into a real database unless told to', () => {
    expect(readConfig(database, '/app').demo).toBe(false)
    expect(readConfig({ ...database, DEMO: '1' }, '/app').demo).toBe(true)
    expect(readConfig({ DEMO: '0' }, '/app').demo).toBe(false)
  })

  it('splits roles over processes', () => {
    expect(readConfig({ ...database, ROLES: 'web, worker' }, '/app').roles).toEqual(new Set(['web', 'worker']))
  })
})

describe('a start that fails', () => {
  const failure = (fields: object, message = 'connect ECONNREFUSED') => Object.assign(new Error(message), fields)
  it.each([
    [failure({ code: 'EADDRINUSE', syscall: 'listen' }), /^PORT: cannot listen on 8080 \(another program/],
    [failure({ code: 'ECONNREFUSED', syscall: 'connect' }), /^DATABASE_URL: no PostgreSQL answers there/],
    [failure({ code: '28P01' }, 'password authentication failed for user "x"'), /^DATABASE_URL: user or password/],
    [failure({ code: 'ENOENT', path: '/nowhere.yaml' }), /^\/nowhere\.yaml: there is no such file$/],
    [failure({ code: 'ENOTDIR', path: '/a/b' }), /^\/a\/b: a part of the path is a file$/],
    [new Error('REDIS_URL: cannot reach 127.0.0.1:1'), /^REDIS_URL: cannot reach/],
  ])('%s is one line that names what to mend', (error, line) => {
    const env = { PORT: '8080', DATABASE_URL: 'postgres://x:secret@localhost/x' }
    expect(inOneLine(error, env)).toMatch(line)
    expect(inOneLine(error, env)).not.toMatch(/secret|\n/)
  })
  it('for a reason nobody has thought of shows where it came from', () => {
    expect(inOneLine(new TypeError('x is not a function'), {})).toBeUndefined()
  })
})

describe('the .env file', () => {
  it('fills in what the environment does not say, and never overrules it', () => {
    const dir = mkdtempSync(join(tmpdir(), 'linbang-env-'))
    try {
      expect(withEnvFile({ PORT: '1' }, dir)).toEqual({ PORT: '1' })
      writeFileSync(join(dir, '.env'), 'PORT=2\nHOST="127.0.0.1" # here only\n')
      expect(withEnvFile({ PORT: '1' }, dir)).toEqual({ PORT: '1', HOST: '127.0.0.1' })
    } finally {
      rmSync(dir, { recursive: true })
    }
  })

  it('of speech, scanner and object store is whole or one clear line', () => {
    const wrong = (env: Record<string, string>) => () => readConfig(env, '/app')
    expect(wrong({ STT_BASE_URL: 'http://127.0.0.1:1/v1' })).toThrow(/^STT_DOMESTIC: say 1/)
    expect(wrong({ TTS_BASE_URL: 'ftp://x' })).toThrow(/^TTS_BASE_URL/)
    expect(wrong({ MEDIA_S3_URL: 'https://s3.example/b' })).toThrow(/^MEDIA_S3_KEY_ID, MEDIA_S3_SECRET/)
    expect(wrong({ SCAN_COMMAND: 'a', SCAN_URL: 'http://b' })).toThrow(/^SCAN_URL/)
    const abroad = readConfig({ STT_BASE_URL: 'https://api.example/v1', STT_DOMESTIC: '0' }, '/app')
    expect(abroad.media.stt).toBeUndefined()
    const here = readConfig(
      { TTS_BASE_URL: 'http://127.0.0.1:1/v1/', TTS_DOMESTIC: '1', SCAN_COMMAND: ' clamdscan  - ' },
      '/app',
    )
    expect(here.media).toMatchObject({
      tts: { baseUrl: 'http://127.0.0.1:1/v1', voice: 'alloy', timeoutMs: 20_000 },
      scan: { kind: 'command', command: ['clamdscan', '-'] },
    })
  })
})
