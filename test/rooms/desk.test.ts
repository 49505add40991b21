import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NoticeList, NoticeShown, Preview, WatchLine } from '../../src/domain/desk-shown.ts'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'

const good = '康乐社区居民：明天上午9点到11点停水，请先接好水。有事打0592-5550000。'

describe('the desk', () => {
  let linbang: Linbang
  let author: Phone
  let second: Phone
  beforeAll(async () => {
    linbang = await startLinbang()
    author = await linbang.coordinator()
    second = await linbang.colleague('c-02')
  }, 60_000)
  afterAll(() => linbang.stop())

  /** The path of a fresh link, as the chat says it. */
  async function link(phone: Phone): Promise<string> {
    await phone.says('工作台')
    const { text } = await phone.sees('打开工作台')
    return /\/desk\/in\/\S+/.exec(text)?.[0] ?? ''
  }
  const go = (path: string, init: RequestInit = {}) => fetch(linbang.url + path, { redirect: 'manual', ...init })
  const sameSite = { 'sec-fetch-site': 'same-origin' }
  async function enter(path: string): Promise<string> {
    const response = await go(path, { method: 'POST', headers: sameSite })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/desk'])
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Strict/)
    return cookie.split(';')[0] ?? ''
  }
  const at = (cookie: string) => ({
    get: async <T>(path: string) => {
      const response = await go(`/desk/api/${path}`, { headers: { cookie, ...sameSite } })
      return { status: response.status, body: (await response.json()) as T }
    },
    post: async <T>(path: string, body: unknown, headers: Record<string, string> = sameSite) => {
      const response = await go(`/desk/api/${path}`, {
        method: 'POST',
        headers: { cookie, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as T & { message?: string } }
    },
  })
  const sit = async (phone: Phone) => at(await enter(await link(phone)))
  const staff = (code: string) => linbang.db.staff.findUniqueOrThrow({ where: { code } })

  it('opens by a link of the chat, once; looking at the link uses nothing up', async () => {
    const path = await link(author)
    const keys = await linbang.db.deskLink.findMany()
    expect(JSON.stringify(keys)).not.toContain(path.split('/').at(-1))
    // What a chat's preview of the link does.
    for (const _ of [1, 2, 3]) expect((await go(path)).status).toBe(200)
    const entered = await Promise.all(
      [1, 2, 3].map(async () => (await go(path, { method: 'POST', headers: sameSite })).status),
    )
    expect(entered.sort()).toEqual([303, 410, 410])
    const again = await go(path)
    expect([again.status, (await again.text()).includes('用过了或过期了')]).toEqual([410, true])
  })

  it('says how to get in to whoever has no link, and gives nobody anything', async () => {
    const door = await go('/desk')
    expect(door.status).toBe(401)
    expect(await door.text()).toContain('请在邻帮聊天里打“工作台”')
    for (const cookie of ['', 'linbang_desk=AAAAAAAAAAAAAAAAAAAAAA', 'linbang_desk=%27or%271']) {
      for (const path of ['facts', 'notices', 'notices/1', 'notices/1/preview', 'requests', 'requests/1001'])
        expect([path, (await at(cookie).get(path)).status]).toEqual([path, 401])
      expect((await at(cookie).post('notices', {})).status).toBe(401)
    }
  })

  it('a link that is too old, made anew, or of somebody who left opens nothing', async () => {
    const older = await link(author)
    const newer = await link(author)
    expect((await go(older, { method: 'POST', headers: sameSite })).status).toBe(410)
    linbang.clock.forward({ minutes: 11 })
    expect((await go(newer, { method: 'POST', headers: sameSite })).status).toBe(410)
    const { id } = await staff('c-02')
    const hers = await link(second)
    await linbang.db.staff.update({ where: { id }, data: { role: 'social_worker' } })
    const refused = await go(hers, { method: 'POST', headers: sameSite })
    expect([refused.status, (await refused.text()).includes('只给在任的协调员用')]).toEqual([403, true])
    await linbang.db.staff.update({ where: { id }, data: { role: 'coordinator' } })
  })

  it('is not for workers, nor for residents', async () => {
    const worker = await linbang.worker('a1')
    await worker.says('工作台')
    await worker.sees('工作台只给协调员用')
    const resident = await linbang.resident()
    await resident.says('工作台')
    await resident.seesNothingLike('/desk/in/')
    expect(await linbang.db.deskLink.count({ where: { staffId: (await staff('a1-sw-01')).id } })).toBe(0)
  })

  it('ends with the right to it, with 退出工作台, and after eight hours', async () => {
    const cookie = await enter(await link(second))
    const desk = at(cookie)
    expect((await desk.get('notices')).status).toBe(200)
    const { id } = await staff('c-02')
    await linbang.db.staff.update({ where: { id }, data: { role: 'social_worker' } })
    expect((await desk.get('notices')).status).toBe(401)
    await linbang.db.staff.update({ where: { id }, data: { role: 'coordinator' } })
    // It does not come back by itself with the role.
    expect((await desk.get('notices')).status).toBe(401)

    const [first, other] = [await sit(second), await sit(second)]
    expect([(await first.get('notices')).status, (await other.get('notices')).status]).toEqual([200, 200])
    await second.says('退出工作台')
    await second.sees('工作台已退出')
    expect([(await first.get('notices')).status, (await other.get('notices')).status]).toEqual([401, 401])
    const late = await sit(second)
    linbang.clock.forward({ hours: 8, minutes: 1 })
    expect((await late.get('notices')).status).toBe(401)
    linbang.clock.forward({ hours: 16 })
  })

  it('does nothing for a page of another site', async () => {
    const path = await link(author)
    expect((await go(path, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    const desk = at(await enter(path))
    const before = await linbang.db.broadcast.count()
    const strangers: Record<string, string>[] = [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]
    for (const headers of strangers) expect((await desk.post('notices', {}, headers)).status).toBe(403)
    expect(await linbang.db.broadcast.count()).toBe(before)
  })

  it('goes on with what the chat began, and the chat with what was written here', async () => {
    await author.says('通知')
    await author.sees('请写通知正文')
    await author.says(good)
    await author.sees('正文通过检查')
    const desk = await sit(author)
    const [draft] = (await desk.get<NoticeList>('notices')).body.drafts
    const { version } = (await desk.get<NoticeShown>(`notices/${draft?.id}`)).body
    const changed = await desk.post<NoticeShown>(`notices/${draft?.id}/draft`, {
      version,
      audience: '康乐社区或者吕岭社区的居家养老',
    })
    expect(changed.body.audience).toBe('康乐社区；吕岭社区，居家养老')
    expect(changed.body.sentence).not.toBe('')
    const wrong = await desk.post<{ unknown: string[] }>(`notices/${draft?.id}/draft`, {
      version: changed.body.version,
      audience: '江头',
    })
    expect([wrong.status, wrong.body.unknown]).toEqual([422, ['江头']])
    await author.says('详情 水车停在小区东门。')
    const preview = await author.sees('预览 通知')
    expect(preview.text).toContain(good)
    const now = await desk.get<NoticeShown>(`notices/${draft?.id}`)
    expect(now.body.more).toBe('水车停在小区东门。')
    expect((await desk.get<Preview>(`notices/${draft?.id}/preview`)).body.lines.length).toBeGreaterThanOrEqual(0)
    // Nobody else reads or changes a draft.
    const other = await sit(second)
    expect((await other.get(`notices/${draft?.id}`)).status).toBe(404)
    expect((await other.post(`notices/${draft?.id}/draft`, { version: now.body.version, text: '别的' })).status).toBe(
      410,
    )
    await desk.post(`notices/${draft?.id}/act`, { act: 'drop', version: now.body.version })
  })

  it('two desks on one draft: the later is told, and nothing is lost', async () => {
    const [left, right] = [await sit(author), await sit(author)]
    const draft = (await left.post<NoticeShown>('notices', {})).body
    const send = (desk: typeof left, text: string, version: number) =>
      desk.post<NoticeShown & { notice?: NoticeShown }>(`notices/${draft.id}/draft`, { version, text })
    const both = await Promise.all([send(left, '左边写的', draft.version), send(right, '右边写的', draft.version)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    const lost = both.find(({ status }) => status === 409)?.body
    expect(lost?.message).toContain('刚在别处改过')
    const stands = (await left.get<NoticeShown>(`notices/${draft.id}`)).body
    expect(lost?.notice?.text).toBe(stands.text)
    // What was seen before may not go out either.
    const late = await right.post<{ said: string }>(`notices/${draft.id}/act`, {
      act: 'propose',
      version: draft.version,
    })
    expect([late.status, late.body.said.includes('刚在别处改过')]).toEqual([409, true])
    expect((await send(right, '都留着', stands.version)).status).toBe(200)
    await left.post(`notices/${draft.id}/act`, { act: 'drop', version: stands.version + 1 })
  })

  it('takes two people, whatever is posted; an emergency takes one', async () => {
    const resident = await linbang.resident()
    await resident.says('社区：康乐社区')
    await resident.sees('以后按康乐社区给您发通知')
    const [desk, other] = [await sit(author), await sit(second)]
    const written = async (kind: string) => {
      const { id, version } = (await desk.post<NoticeShown>('notices', {})).body
      const change = { version, text: good, audience: '康乐社区', kind }
      return (await desk.post<NoticeShown>(`notices/${id}/draft`, change)).body
    }
    const draft = await written('notice')
    const act = (from: typeof desk, id: number, name: string, version: number) =>
      from.post<{ notice: NoticeShown; said: string }>(`notices/${id}/act`, { act: name, version })
    // Sent alone it is only proposed, because it is no emergency.
    const proposed = await act(desk, draft.id, 'send_alone', draft.version)
    expect(proposed.body.notice.status).toBe('proposed')
    const own = await act(desk, draft.id, 'approve', draft.version)
    expect([own.body.notice.status, own.body.said]).toEqual(['proposed', '自己写的通知要另一位协调员核对。'])
    const stale = await act(other, draft.id, 'approve', draft.version - 1)
    expect([stale.body.notice.status, stale.body.said.includes('已经变了')]).toEqual(['proposed', true])
    const approved = await Promise.all([1, 2].map(() => act(other, draft.id, 'approve', draft.version)))
    expect(approved.map(({ body }) => body.said.includes('开始发')).sort()).toEqual([false, true])
    await author.sees('同意了')
    await resident.sees('【通知】康乐社区居民')

    const file = `/desk/notices/${draft.id}/unreached.xlsx`
    expect((await go(file)).headers.get('location')).toBe('/desk')
    const cookie = await enter(await link(author))
    const sealed = (await go(file, { headers: { cookie } })).headers.get('location') ?? ''
    expect(sealed).toMatch(/^\/notices\/unreached\.xlsx\?ticket=/)
    expect((await go(sealed)).headers.get('content-type')).toContain('spreadsheetml')

    const urgent = await written('emergency')
    await act(desk, urgent.id, 'send_alone', urgent.version)
    await second.sees('刚发出紧急通知')
    await resident.sees('【紧急】康乐社区居民')
    const withdrawn = await other.post<{ opened: number }>(`notices/${urgent.id}/act`, { act: 'withdraw', version: 0 })
    const opened = await other.get<NoticeShown>(`notices/${withdrawn.body.opened}`)
    expect([opened.body.kindName, opened.body.own, opened.body.mayChangeKind]).toEqual(['withdrawal', true, false])
  })

  it('shows who is late first, with a name and a clock time, and writes down every look', async () => {
    const resident = await linbang.resident()
    await resident.says('我妈82岁，腿脚不好，一个人在康乐社区，想找人陪着去医院')
    await resident.sees(/可以|同意/)
    const { id } = await staff('c-01')
    const looks = () => linbang.db.accessLog.findMany({ where: { staffId: id }, orderBy: { id: 'asc' } })
    const before = (await looks()).length
    const desk = await sit(author)
    await resident.says('人工')
    await expect
      .poll(async () => (await desk.get<{ requests: WatchLine[] }>('requests')).body.requests.length)
      .toBeGreaterThan(0)
    const { requests } = (await desk.get<{ requests: WatchLine[] }>('requests')).body
    for (const request of requests) {
      expect(request.owner).not.toBe('')
      expect(request.by).toMatch(/点/)
      expect(request.next).not.toBe('')
    }
    const [first] = requests
    const shown = await desk.get<{ history: string[] }>(`requests/${first?.number}`)
    expect(shown.body.history.length).toBeGreaterThan(0)
    expect(JSON.stringify([requests, shown.body])).not.toMatch(/腿脚不好/)
    const found = (await looks()).slice(before).map(({ what }) => what)
    expect(found).toEqual(expect.arrayContaining(['desk', 'desk:requests', 'history']))
    linbang.clock.forward({ days: 1 })
    const tomorrow = await sit(author)
    const late = (await tomorrow.get<{ requests: WatchLine[] }>('requests')).body.requests.map((one) => one.late)
    expect(late).toEqual([...late].sort((a, b) => Number(b) - Number(a)))
    expect((await tomorrow.get('requests/99999')).status).toBe(404)
  })
})
