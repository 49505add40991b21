import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { type Recordings, recordings, withoutPrograms } from '../harness/recordings.ts'

describe.skipIf(withoutPrograms)('what is sent, when something goes wrong', () => {
  let linbang: Linbang
  let sound: Recordings
  beforeAll(async () => {
    sound = await recordings()
    // Answers as clamdscan does.
    const scanner = join(tmpdir(), `linbang-scan-${process.pid}.sh`)
    writeFileSync(scanner, '#!/bin/sh\nif grep -q EVIL; then exit 1; fi\nexit 0\n', { mode: 0o755 })
    linbang = await startLinbang({ env: { SCAN_COMMAND: scanner } })
  })
  afterAll(() => linbang.stop())
  const newest = () => linbang.db.attachment.findFirstOrThrow({ orderBy: { id: 'desc' } })

  it('infected content is passed on to nobody and kept nowhere; both sides are told', async () => {
    const coordinator = await linbang.coordinator()
    const resident = await linbang.resident()
    await resident.sends(Buffer.from('see EVIL here'), 'text/plain')
    await resident.sees('查出有病毒')
    const told = await coordinator.sees('没有转给您')
    expect(told.media).toBeUndefined()
    const { id, ...row } = await newest()
    expect(row).toMatchObject({ status: 'refused', refusal: 'infected', verdict: 'infected', objectKey: null })
    const folder = readdirSync(join(linbang.dataDir, 'media'), { recursive: true, withFileTypes: true })
    expect(folder.filter((entry) => entry.isFile())).toEqual([])
    expect((await resident.gets(`/chat/media/${id}`)).status).toBe(404)
    // The database itself would not have it otherwise.
    const kept = linbang.db.attachment.update({ where: { id }, data: { status: 'ready', refusal: null } })
    await expect(kept).rejects.toThrow()
    // What is clean goes through.
    await resident.sends(Buffer.from('nothing here'), 'text/plain')
    expect((await coordinator.opens(await coordinator.sees('文件'))).status).toBe(200)
    expect(await newest()).toMatchObject({ verdict: 'clean' })
  })

  it('a process that was cut off in the middle loses nothing: another begins anew', async () => {
    const resident = await linbang.resident()
    await resident.sends(sound.ogg, 'audio/ogg')
    await resident.sees('收到您的语音')
    await expect.poll(async () => (await newest()).status, { timeout: 15_000 }).toBe('ready')
    const before = await newest()
    // As if it had been claimed by a process that is no more: its first copy is there, its lease runs.
    const again = await linbang.resident()
    await linbang.db.$executeRaw`CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW."notBefore" = NEW."notBefore" + interval '140 seconds'; RETURN NEW; END $$`
    await linbang.db.$executeRaw`CREATE TRIGGER hold BEFORE INSERT ON "Attachment" FOR EACH ROW EXECUTE FUNCTION hold()`
    await again.sends(sound.webm, 'audio/webm')
    await again.sees('收到您的语音')
    await linbang.db.$executeRaw`DROP TRIGGER hold ON "Attachment"`
    const held = await newest()
    expect([held.status, held.id > before.id]).toEqual(['waiting', true])
    linbang.clock.forward({ minutes: 3 })
    await expect.poll(async () => (await newest()).status, { timeout: 15_000 }).toBe('ready')
    expect(await linbang.db.passing.count()).toBe(0)
    expect(await linbang.orphans()).toBe(0)
  })
})

describe('an identity number', () => {
  it('is taken out of what is kept and passed on, and the resident is told kindly', async () => {
    const linbang = await startLinbang()
    try {
      const coordinator = await linbang.coordinator()
      const resident = await linbang.resident()
      await resident.says('人工')
      await resident.sees('已经转给')
      await resident.says('我的身份证号110105 19491231 002X，想问低保')
      await resident.sees('不用发证件号')
      const { number, detailsSealed } = await linbang.db.helpRequest.findFirstOrThrow()
      const { words } = linbang.seal.open(detailsSealed) as { words: string[] }
      expect(words.join()).toContain('（证件号已隐去），想问低保')
      await coordinator.says(`接 ${number}`)
      await coordinator.sees('由您负责')
      await resident.says('再说一遍，１１０１０５１９４９１２３１００２Ｘ')
      await coordinator.sees('再说一遍，（证件号已隐去）')
      expect(coordinator.screen().some((message) => /1949/.test(message.text.normalize('NFKC')))).toBe(false)
    } finally {
      await linbang.stop()
    }
  })
})
