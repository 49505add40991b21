import { describe, expect, it } from 'vitest'
import { startLinbang } from '../harness/linbang.ts'
import { eachBackend } from '../harness/redis.ts'
import { freshStore } from '../harness/store.ts'
import { startTelegram } from '../harness/telegram.ts'

eachBackend('over Telegram', (_kind, open) => {
  for (const mode of ['polling', 'webhook'] as const) {
    it(`by ${mode}: a plea becomes an accepted request, the worker joined by a one-time code`, async () => {
      const telegram = await startTelegram()
      const spare = await freshStore()
      const queue = await open(spare.url)
      const port = String(9_800 + Math.floor(Math.random() * 150))
      const webhook = { PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}`, TELEGRAM_WEBHOOK_SECRET: 'S3cret' }
      const linbang = await startLinbang({
        ...(queue.backend.kind === 'redis' ? { queue: queue.backend } : {}),
        env: {
          TELEGRAM_BOT_TOKEN: telegram.token,
          TELEGRAM_API_ROOT: telegram.apiRoot,
          ...(mode === 'webhook' ? webhook : {}),
        },
      })
      try {
        const coordinator = await linbang.coordinator()
        const other = await linbang.worker('a3')
        const [son, nurse] = [telegram.phone(20), telegram.phone(21)]

        await coordinator.says('邀请 a3-sw-03')
        const invitation = await coordinator.sees('的加入码')
        const code = /加入码：(\w+)/.exec(invitation.text)?.[1] ?? ''
        await nurse.says(`加入 ${code}`)
        await nurse.sees('您已加入邻帮')
        // Used once, it lets nobody else in.
        await telegram.phone(22).says(`加入 ${code}`)
        await telegram.phone(22).sees(/./)
        expect(await linbang.db.staff.count({ where: { personId: { not: null }, code: 'a3-sw-03' } })).toBe(1)

        await son.says('/start')
        await son.sees('是机器')
        await son.says('我爸75岁刚出院，今天家里没人照顾，住吕岭')
        await son.sees('可以记下吗')
        await son.says('1')
        await son.sees('怎么找您方便')
        await son.says('第一个')
        await son.sees('对吗')
        await son.says('１')
        const receipt = await son.sees('编号')
        expect(receipt.text).toContain('查询码')

        await other.sees('求助')
        await other.taps('不接')
        await other.taps('手上忙不开')
        await nurse.sees('求助')
        await nurse.taps('接')
        await nurse.sees('由您负责')
        await son.sees('已经接下')
        await nurse.says('您好，我下午到')
        await son.sees('我下午到')
        // A button that was pressed before does nothing now, and says so.
        await son.says('谢谢，等您')
        await nurse.sees('等您')
        expect(await linbang.orphans()).toBe(0)
      } finally {
        await linbang.stop()
        await queue.stop()
        await spare.drop()
        await telegram.stop()
      }
    })
  }
})

describe('a voice message as the first word', () => {
  it('is kept and passed on as the recording it is, to a person who listens', async () => {
    const telegram = await startTelegram()
    const linbang = await startLinbang({
      env: { TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot },
    })
    try {
      const coordinator = await linbang.coordinator()
      await coordinator.says('邀请 a3-sw-03')
      const code = /加入码：(\w+)/.exec((await coordinator.sees('加入码')).text)?.[1] ?? ''
      await telegram.phone(21).says(`加入 ${code}`)
      await telegram.phone(21).sees('您已加入')
      const elder = telegram.phone(30)
      await elder.sends({ voice: { file_id: 'voice-1', duration: 23, mime_type: 'audio/ogg' } })
      const kept = await elder.sees('收到您的语音')
      expect(kept.text).toContain('23秒')
      await coordinator.sees(/求助\d+/)
      const request = await linbang.db.helpRequest.findFirstOrThrow()
      expect(request.nextDeadline).not.toBeNull()
    } finally {
      await linbang.stop()
      await telegram.stop()
    }
  })
})
