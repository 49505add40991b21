import { expect, it } from 'vitest'
import { startLinbang } from '../harness/linbang.ts'
import { redisIsHere, startRedis } from '../harness/redis.ts'

it.skipIf(!redisIsHere && !process.env.CI)(
  'with the queue down a crisis is still answered, offered and taken: the sweep does the work',
  async () => {
    const redis = await startRedis()
    const linbang = await startLinbang({ queue: { kind: 'redis', url: redis.url } })
    try {
      const resident = await linbang.resident()
      const workers = await Promise.all(
        (['a1', 'a2', 'a3', 'a4', 'a5'] as const).map((agency) => linbang.worker(agency)),
      )
      await redis.stop()
      await resident.says('我不想活了')
      await resident.sees('很担心您')
      await Promise.any(workers.map((worker) => worker.sees('【危急】')))
      const { staff } = await linbang.db.offer.findFirstOrThrow({ include: { staff: true } })
      const asked = workers[Number(staff.code[1]) - 1]
      await asked?.taps('接')
      await resident.sees('已经看到您的话')
      expect(await linbang.orphans()).toBe(0)
    } finally {
      await linbang.stop()
    }
  },
  120_000,
)
