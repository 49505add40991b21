import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'

describe('the web chat', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())
  const post = (body: unknown, headers: Record<string, string> = {}, query = '') =>
    fetch(`${linbang.url}/chat/messages${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })

  it('a message posted three times at once is one message and one answer', async () => {
    const resident = await linbang.resident()
    await Promise.all([1, 2, 3].map(() => resident.post({ id: 'same', text: '你好' })))
    await resident.sees('是机器')
    await resident.seesNothingLike('是机器')
    expect(resident.screen().filter((m) => m.from === 'me').length).toBe(1)
  })

  it('twenty first messages of one new visitor make one person', async () => {
    const cookie = `linbang=${Buffer.alloc(16, 99).toString('base64url')}`
    const before = await linbang.db.person.count()
    await Promise.all(Array.from({ length: 20 }, (_, i) => post({ id: `f${i}`, text: '你好' }, { cookie })))
    expect(await linbang.db.person.count()).toBe(before + 1)
  })

  it('gives bad input a calm answer in plain words and stays up', async () => {
    for (const [body, status] of [
      ['not json', 400],
      [{}, 400],
      [{ id: 'x', text: '' }, 400],
      [{ id: 'x', text: '   ' }, 400],
      [{ id: 'x'.repeat(65), text: 'a' }, 400],
      [{ id: 'x', text: 'a', more: 1 }, 400],
      [{ id: 'x', text: 'x'.repeat(70_000) }, 413],
    ] as const) {
      const response = await post(body)
      expect(response.status).toBe(status)
      expect(((await response.json()) as { message: string }).message).toMatch(/[一-龥]/)
    }
    const resident = await linbang.resident()
    for (const text of [
      'x'.repeat(10_000),
      '\'; DROP TABLE "Person"; --',
      '<script>alert(1)</script>',
      'مرحبا',
      '\u0000a\ud800b',
      '😀😀😀',
    ]) {
      expect((await resident.post({ id: `odd-${text.length}-${text.charCodeAt(0)}`, text })).status).toBe(202)
    }
    await expect
      .poll(() => linbang.db.inboundMessage.count({ where: { handledAt: null } }), { timeout: 10_000 })
      .toBe(0)
    expect((await fetch(`${linbang.url}/readyz`)).status).toBe(200)
  })

  it('lets no other site speak in a visitor’s name, and nobody speak as staff outside the demo', async () => {
    expect((await post({ id: 'a', text: '你好' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post({ id: 'a', text: '你好' }, { origin: 'https://example.com' })).status).toBe(403)
    expect((await post({ id: 'a', text: '清单' }, {}, '?phone=nobody')).status).toBe(404)
  })

  it('a resident cannot accept, invite or read another’s request by guessing a button', async () => {
    const resident = await linbang.resident()
    for (const token of ['o:acc:1', 'r:done:1', 't:take:1', 't:prog:1:elder', 'q:solved:yes:1', 'nonsense']) {
      expect(await resident.tapsToken(token)).toBe(202)
    }
    await resident.sees('过时')
    expect(await linbang.db.helpRequest.count({ where: { status: 'active' } })).toBe(0)
    await resident.seesNothingLike('没有的话')
    for (let i = 0; i < 5; i++) {
      await resident.says(`查 1001 00000${i}`)
      await resident.sees('编号或查询码不对')
    }
    await resident.says('查 1001 000009')
    await resident.sees('试的次数太多')
  })

  it('counts no orphan and says so to who watches', async () => {
    const metrics = await (await fetch(`${linbang.url}/metrics`)).text()
    expect(metrics).toMatch(/^linbang_orphan_requests 0$/m)
  })
})
