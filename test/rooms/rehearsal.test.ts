import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rehearseCommand } from '../../src/rehearsal/command.ts'
import { rehearse } from '../../src/rehearsal/month.ts'
import { type MortalRooms, mortalRooms } from '../../src/rehearsal/mortal-rooms.ts'
import { transaction } from '../../src/store/db.ts'
import { readDistrict, writeDistrict } from '../../src/store/district.ts'
import { orphans } from '../../src/store/orphans.ts'
import { root } from '../harness/linbang.ts'
import { freshStore, type Store, seal } from '../harness/store.ts'
import { works } from '../harness/story.ts'

/** A month of simulated life on the real dispatch rooms; every invariant is asked after every event. */
describe('a rehearsal', () => {
  let store: Store
  const roomsProgram = [join(root, 'dist/rooms-process.js')]
  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build:app'], { cwd: root })
    store = await freshStore()
    const read = readDistrict(readFileSync(join(root, 'prisma/seed/huli.yaml'), 'utf8'))
    if ('problems' in read) throw new Error('the seed has a mistake')
    await transaction(store.db, (tx) => writeDistrict(tx, read.district))
  })
  afterAll(() => store.drop())

  async function rehearsed(...args: string[]): Promise<{ code: number; said: string }> {
    const lines: string[] = []
    const code = await rehearseCommand(args, {
      url: store.url,
      migrations: join(root, 'prisma/migrations'),
      zone: 'Asia/Shanghai',
      now: new Date('2026-11-23T09:30:00+08:00'),
      print: (line) => lines.push(line),
      progress: () => undefined,
      roomsProgram,
    })
    return { code, said: lines.join('\n') }
  }

  it('of a month with holidays, illness, swaps, lost phones and kills: no promise is broken, with every bell lost', async () => {
    const { code, said } = await rehearsed(
      '--from',
      '2026-09-21',
      '--days',
      '31',
      '--per-day',
      '2',
      '--seed',
      '3',
      '--kills',
      '4',
    )
    expect(said).toContain('承诺检查：每件都有责任人和时限')
    expect(code).toBe(0)
    expect(said).toContain('派单的程序中途被杀掉4次')
    expect(said).toMatch(/危急：\d+件/)
    // The real store holds nothing of it.
    expect(await store.db.helpRequest.count()).toBe(0)
    expect(await store.db.staff.count({ where: { personId: { not: null } } })).toBe(0)
  }, 240_000)

  it('with the dispatching process killed in the middle of its work, again and again: another goes on from the rows', async () => {
    const own = await freshStore()
    const read = readDistrict(readFileSync(join(root, 'prisma/seed/huli.yaml'), 'utf8'))
    if ('problems' in read) throw new Error('the seed has a mistake')
    await transaction(own.db, (tx) => writeDistrict(tx, read.district))
    let acts = 0
    let mortal: MortalRooms | undefined
    try {
      const findings = await rehearse({
        db: own.db,
        seal,
        zone: 'Asia/Shanghai',
        from: new Date('2026-11-24T00:00:00+08:00'),
        days: 2,
        perDay: 12,
        seed: 7,
        log: pino({ level: 'silent' }),
        rooms: (factsVersion) => {
          const key = Buffer.alloc(32, 7).toString('base64')
          const orders = { url: own.url, zone: 'Asia/Shanghai', key }
          mortal = mortalRooms({ program: roomsProgram, orders, factsVersion, dies: () => ++acts % 12 === 0 })
          return mortal.rooms
        },
      })
      expect(findings.broken).toEqual([])
      expect(findings.requests).toBeGreaterThan(15)
      expect(mortal?.killed()).toBeGreaterThan(4)
      expect(await orphans(own.db, new Date('2026-11-25T23:00:00+08:00'), 10)).toEqual([])
    } finally {
      await mortal?.end()
      await own.drop()
    }
  }, 240_000)

  it('is the same again from the same seed, killed or not, and says what a thin rota would have done', async () => {
    for (const { code } of await store.db.staff.findMany({ where: { agency: { code: 'a3' } } })) {
      await works(store.db, code, [])
    }
    await works(store.db, 'a3-sw-01', [{ from: 9, to: 17 }])
    const args = ['--from', '2026-11-24', '--days', '3', '--per-day', '8', '--seed', '5']
    const one = await rehearsed(...args, '--kills', '0')
    const two = await rehearsed(...args, '--kills', '3')
    const withoutKills = two.said.replace(/^派单的程序中途被杀掉3次.*\n/mu, '')
    expect(withoutKills).toBe(one.said)
    expect(one.said).toContain('空班 示例三社工服务中心 居家养老')
    expect(one.code).toBe(0)
  }, 120_000)

  it('asks for what it can understand, and leaves no database behind', async () => {
    for (const args of [['--days', '0'], ['--from', 'gestern'], ['--what']]) {
      const { code, said } = await rehearsed(...args)
      expect(code).toBe(2)
      expect(said).toContain('linbang rehearse')
    }
    const left = await store.db.$queryRaw<unknown[]>`SELECT 1 FROM pg_database WHERE datname LIKE 'rehearsal_%'`
    expect(left).toEqual([])
  })
})
