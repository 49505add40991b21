import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { fieldKey, root } from '../harness/linbang.ts'
import { webPhone } from '../harness/phone.ts'
import { freshStore } from '../harness/store.ts'

it('split over processes, the one that hears and the ones that work are one Linbang', async () => {
  const store = await freshStore()
  const log = pino({ level: 'silent' })
  const start = (roles: string) => {
    const env = {
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: store.url,
      FIELD_KEY: fieldKey,
      DEMO: '1',
      QUIET_MS: '0',
      ROLES: roles,
    }
    const districtFile = readFileSync(`${root}/prisma/seed/huli.yaml`, 'utf8')
    return startApp(readConfig(env, root), log, { districtFile })
  }
  const [web, one, two] = await Promise.all([start('web'), start('worker'), start('worker')])
  try {
    const resident = await webPhone(web.url)
    await resident.says('我妈82岁刚出院，今晚没人照顾，住康乐')
    await resident.sees('可以记下吗')
    await resident.taps('可以')
    await resident.sees('怎么找您方便')
    expect(resident.screen().filter((m) => m.text.includes('可以记下吗')).length).toBe(1)
    resident.hangUp()
  } finally {
    for (const app of [web, one, two]) await app.stop()
    await store.drop()
  }
})
