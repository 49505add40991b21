import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { beforeAll, expect, it } from 'vitest'
import { fieldKey, root } from '../harness/linbang.ts'
import { eachBackend } from '../harness/redis.ts'
import { freshStore } from '../harness/store.ts'

/** A resident's page: posts under its own id again and again until it is taken. */
async function insist(url: () => string, cookie: string, id: string, text: string): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(60)) {
    const headers = { 'content-type': 'application/json', cookie }
    const body = JSON.stringify({ id, text })
    const response = await fetch(`${url()}/chat/messages`, { method: 'POST', headers, body }).catch(() => undefined)
    if (response?.status === 202) return
  }
  throw new Error('the message was never taken')
}

eachBackend('killed at random moments and restarted', (kind, open) => {
  beforeAll(() => {
    execFileSync('npm', ['run', '--silent', 'build:app'], { cwd: root })
  })

  it('every plea is exactly one request with an owner and a deadline, and no reply is doubled on the web', async () => {
    const store = await freshStore()
    const { backend, stop } = await open(store.url)
    const port = 9_600 + Math.floor(Math.random() * 150)
    const url = `http://127.0.0.1:${port}`
    const env = {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: store.url,
      FIELD_KEY: fieldKey,
      DEMO: '1',
      QUIET_MS: '30',
      LOG_LEVEL: 'silent',
      ...(backend.kind === 'redis' ? { REDIS_URL: backend.url } : {}),
    }
    let child: ChildProcess | undefined
    const start = async () => {
      child = spawn(process.execPath, ['dist/main.js', 'start'], { cwd: root, env, stdio: 'ignore' })
      for (let i = 0; i < 600 && !(await fetch(`${url}/healthz`).catch(() => undefined)); i++) await sleep(25)
    }
    const kill = async () => {
      const gone = new Promise((done) => child?.once('exit', done))
      child?.kill('SIGKILL')
      await gone
    }
    try {
      await start()
      const people = 15
      const flowing = Array.from({ length: people }, async (_, i) => {
        const cookie = `linbang=${Buffer.alloc(16, i + 1).toString('base64url')}`
        await sleep(i * 150)
        for (const [k, text] of ['我想找份工作，我有残疾证', '住康乐社区', '就在这里发消息'].entries()) {
          await insist(() => url, cookie, `m${i}-${k}`, text)
          await sleep(60)
        }
      })
      for (let round = 0; round < 4; round++) {
        await sleep(200 + Math.random() * 700)
        await kill()
        if (round === 2) await emptyQueue(backend, store.db)
        await start()
      }
      await Promise.all(flowing)
      await expect
        .poll(() => store.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 60_000, interval: 200 })
        .toBe(0)
      await expect
        .poll(() => store.db.outboundMessage.count({ where: { status: { in: ['queued', 'sending'] } } }), {
          timeout: 60_000,
          interval: 200,
        })
        .toBe(0)

      // Beside them the row that says this page is open.
      expect(await store.db.inboundMessage.count({ where: { kind: 'text' } })).toBe(people * 3)
      const requests = await store.db.helpRequest.findMany()
      expect(requests.length).toBe(people)
      expect(new Set(requests.map((r) => r.requesterId)).size).toBe(people)
      expect(requests.every((r) => r.ownerId > 0 && r.nextDeadline !== null)).toBe(true)
      const sent = await store.db.outboundMessage.count({ where: { status: 'sent', kind: 'send' } })
      expect(await store.db.webEvent.count({ where: { kind: 'message' } })).toBe(sent)
      expect(sent).toBeGreaterThan(people)
    } finally {
      await kill()
      await stop()
      await store.drop()
    }
  }, 180_000)

  async function emptyQueue(
    backend: { kind: string; url: string },
    db: { $executeRawUnsafe(sql: string): Promise<unknown> },
  ): Promise<void> {
    if (kind === 'postgresql') {
      await db.$executeRawUnsafe('DROP SCHEMA bullmq CASCADE')
      return
    }
    const redis = new Redis(backend.url)
    await redis.flushall()
    redis.disconnect()
  }
})
