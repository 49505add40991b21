import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { fieldKey, root } from '../harness/linbang.ts'
import { freshStore } from '../harness/store.ts'
import { startTelegram } from '../harness/telegram.ts'

it('a hundred updates that wait while the process is killed again and again: none is lost, none is taken twice', async () => {
  const store = await freshStore()
  const telegram = await startTelegram()
  const env = {
    ...process.env,
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: store.url,
    FIELD_KEY: fieldKey,
    DEMO: '1',
    QUIET_MS: '30',
    LOG_LEVEL: 'silent',
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
  }
  let child: ChildProcess | undefined
  const start = () => {
    child = spawn(process.execPath, ['dist/main.js', 'start'], { cwd: root, env, stdio: 'ignore' })
  }
  const kill = async () => {
    const gone = new Promise((done) => child?.once('exit', done))
    child?.kill('SIGKILL')
    await gone
  }
  const stored = () => store.db.inboundMessage.count()
  const reaches = async (count: number) => {
    for (const until = Date.now() + 60_000; (await stored()) < count; await sleep(5)) {
      if (Date.now() > until) throw new Error(`only ${await stored()} of ${count} were stored`)
    }
  }
  try {
    for (let i = 0; i < 100; i++) {
      const chat = { id: 1_000 + (i % 20), type: 'private' }
      telegram.inject({ message: { message_id: i, date: 1, chat, from: { id: chat.id }, text: `第${i}句，想找工作` } })
    }
    // In the middle of the batch: some are stored, and the offset has not moved behind them.
    for (const count of [10, 35, 60]) {
      start()
      await reaches(count)
      await kill()
      expect(await stored()).toBeLessThan(100)
    }
    start()
    await reaches(100)
    await expect
      .poll(() => store.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 60_000, interval: 200 })
      .toBe(0)
    const rows = await store.db.inboundMessage.findMany({ select: { key: true } })
    expect(rows.length).toBe(100)
    expect(new Set(rows.map((row) => row.key)).size).toBe(100)
    const requests = await store.db.helpRequest.findMany()
    expect(requests.length).toBe(20)
    expect(requests.every((r) => r.ownerId > 0 && r.nextDeadline !== null)).toBe(true)
  } finally {
    await kill()
    await telegram.stop()
    await store.drop()
  }
}, 180_000)
