import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quotaUse } from '../../src/store/ledger.ts'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits } from '../harness/story.ts'

/** A son files for his mother; the next day the daughter files the same on another phone. */
let linbang: Linbang
beforeAll(async () => {
  linbang = await startLinbang()
})
afterAll(() => linbang.stop())

const row = (number: number) =>
  linbang.db.helpRequest.findUniqueOrThrow({
    where: { number },
    include: { owner: true, mergedInto: true, events: { orderBy: { version: 'asc' } } },
  })
const steps = async (number: number) => (await row(number)).events.map((event) => event.step)

describe('one mother, two children who ask for her', () => {
  let son: Phone
  let daughter: Phone
  let worker: Phone
  let other: Phone
  let first: number
  let second: number

  beforeAll(async () => {
    son = await linbang.resident()
    worker = await linbang.worker('a3')
    other = await linbang.worker('a4')
    first = await submits(son, '我妈82岁刚出院，儿子在上海回不来，今晚没人照顾，住金尚社区，她叫林秀英')
    await worker.sees(`求助${first}`)
    await worker.taps('接')
    await son.sees('已经接下')
    daughter = await linbang.resident()
    second = await submits(daughter, '我妈八十二岁，出院了今晚没人照顾，住金尚社区，叫林秀音，女儿上班走不开')
    await worker.sees(`求助${second}`)
  })

  it('who takes the second is told that it may be the first, and why; nobody else is, and no words of the other', async () => {
    await worker.taps('接')
    await daughter.sees('已经接下')
    const told = await worker.sees('可能和求助')
    expect(told.text).toContain(`求助${second}可能和求助${first}是同一件事：同社区、同样是金尚社区的82岁妈妈`)
    expect(told.text).not.toContain('上海')
    await son.seesNothingLike('同一件事')
    await daughter.seesNothingLike('同一件事')
  })

  it('one tap asks, the second merges: the second keeps its reporter and loses owner, deadline and buttons', async () => {
    await worker.taps('是同一件事')
    await worker.sees(`把求助${second}并到求助${first}`)
    expect((await row(second)).status).toBe('active')
    await worker.taps('合并')
    await worker.sees(`求助${second}已并到求助${first}`)
    const [merged, kept] = [await row(second), await row(first)]
    expect(merged).toMatchObject({ status: 'merged', nextDeadline: null, mergedIntoId: kept.id })
    expect(kept).toMatchObject({ status: 'active', owner: { code: 'a3-sw-01' } })
    expect(kept.nextDeadline).not.toBeNull()
    expect(
      await linbang.db.offer.count({ where: { requestId: merged.id, status: { in: ['open', 'accepted'] } } }),
    ).toBe(0)
    expect((await steps(second)).at(-1)).toBe('merged')
    expect((await steps(first)).at(-1)).toBe('took_in')
  })

  it('the daughter is told by name and clock who is on it, and not that anybody else has asked', async () => {
    const told = await daughter.sees('已经有同事在跟进您说的这件事')
    expect(told.text).toMatch(/示例社工丙01。\n最晚.*\d+(?:点|:)/u)
    for (const hidden of [String(first), '林秀英', '上海', '儿子', '合并']) expect(told.text).not.toContain(hidden)
    await son.seesNothingLike(/合并|女儿|林秀音/u)
  })

  it('each later word goes to the worker as that reporter’s, and the answer to the one who is meant', async () => {
    await daughter.says('妈妈对青霉素过敏')
    const relayed = await worker.sees('青霉素')
    expect(relayed.text).toContain(`居民${second}`)
    await worker.says('明天上午去看她')
    const which = await worker.sees('给哪一位居民')
    expect(which.choices.map((c) => c.label.slice(0, 4)).sort()).toEqual([String(first), String(second)].sort())
    await worker.taps(new RegExp(`^${second}`, 'u'))
    await daughter.sees('明天上午去看她')
    await worker.says(`${first} 您放心`)
    await son.sees('您放心')
    await son.seesNothingLike(/青霉素|明天上午/u)
    await daughter.seesNothingLike('您放心')
  })

  it('asked for by her own number, the state is that of the first', async () => {
    await daughter.says('进度')
    const state = await daughter.sees(`求助${second}：`)
    expect(state.text).toContain('示例社工丙01已经接下')
    expect(state.text).not.toContain(String(first))
    const { queryCode } = await row(second)
    const elsewhere = await linbang.resident()
    await elsewhere.says(`查 ${second} ${queryCode}`)
    await elsewhere.sees('示例社工丙01已经接下')
  })

  it('a colleague who has neither may neither merge nor take apart', async () => {
    await other.says(`拆开 ${second}`)
    await other.sees('没有操作')
    await other.says(`合并 ${first} 到 ${second}`)
    await other.sees('没有操作')
  })

  it('taken apart it lives again at once with its worker and a deadline, and she is told the truth', async () => {
    await worker.says(`拆开 ${second}`)
    await worker.sees(`求助${second}已从求助${first}拆开`)
    await daughter.sees(`您的求助${second}现在由示例社工丙01单独跟进`)
    const alive = await row(second)
    expect(alive).toMatchObject({ status: 'active', mergedIntoId: null, owner: { code: 'a3-sw-01' } })
    expect(alive.nextDeadline).not.toBeNull()
    expect((await steps(first)).at(-1)).toBe('parted')
    expect(await linbang.orphans()).toBe(0)
  })

  it('merged in words; at closing both are asked, and each answers for themselves', async () => {
    await worker.says(`合并 ${second} 到 ${first}`)
    await worker.sees(`求助${second}已并到求助${first}`)
    await daughter.sees('已经有同事在跟进')
    await worker.says(`办结 ${second}`)
    await worker.sees('请用那个编号办')
    await worker.says(`办结 ${first}`)
    await worker.sees('怎么')
    await worker.taps('已解决')
    await son.sees(`求助${first}已经办好`)
    await daughter.sees(`求助${second}已经办好`)
    await worker.says(`拆开 ${second}`)
    await worker.sees('不能再拆开')
    await son.taps('解决了')
    await son.sees('满意吗')
    expect((await row(first)).status).toBe('closed')
    // Her "no" is heard though he has said yes: it lives again, with somebody who answers for it.
    await daughter.taps('没解决')
    await daughter.sees('重新处理')
    const alive = await row(second)
    expect(alive.mergedIntoId).toBeNull()
    expect(['queued', 'offered']).toContain(alive.status)
    expect(await linbang.orphans()).toBe(0)
  })
})

describe('two who act at once, and what is called off', () => {
  let worker: Phone
  let coordinator: Phone
  let number = 0
  /** Another mother of another age each time: none is like the one before. */
  const plea = async (resident: Phone, age: number, more = '') =>
    submits(resident, `我妈${age}岁刚出院,今晚没人照顾,住金尚社区${more}`)
  const settled = async (numbers: readonly number[], done: (statuses: string[]) => boolean) => {
    await expect
      .poll(async () => done((await Promise.all(numbers.map(row))).map((r) => r.status)), { timeout: 15_000 })
      .toBe(true)
    return Promise.all(numbers.map(row))
  }

  beforeAll(async () => {
    worker = await linbang.worker('a3')
    coordinator = await linbang.coordinator()
  })

  it('merged in opposite directions at once, one is merged and the other carries it: no circle, nothing lost', async () => {
    const [one, two] = [await linbang.resident(), await linbang.resident()]
    const [a, b] = [await plea(one, 71), await plea(two, 71, ',她腿疼')]
    await Promise.all([coordinator.says(`合并 ${a} 到 ${b}`), worker.says(`合并 ${b} 到 ${a}`)])
    const rows = await settled([a, b], (statuses) => statuses.includes('merged'))
    const merged = rows.filter((r) => r.status === 'merged')
    expect(merged).toHaveLength(1)
    expect(rows.find((r) => r.status !== 'merged')?.nextDeadline).not.toBeNull()
    // Whatever was merged cannot be carried on into a third, nor carry one: the database says so too.
    const [gone, kept] = [merged[0], rows.find((r) => r.status !== 'merged')]
    const circle = linbang.db.helpRequest.update({
      where: { id: kept?.id ?? 0 },
      data: { status: 'merged', mergedIntoId: gone?.id ?? 0, nextDeadline: null, deadlineKind: null },
    })
    await expect(circle).rejects.toThrow()
    const nowhere = linbang.db.helpRequest.update({ where: { id: gone?.id ?? 0 }, data: { mergedIntoId: null } })
    await expect(nowhere).rejects.toThrow()
    number = kept?.number ?? 0
  })

  it('merged while it is being accepted: it is merged, nobody holds an offer of it, and the other has its owner', async () => {
    const late = await plea(await linbang.resident(), 72)
    await worker.sees(`求助${late}`)
    await Promise.all([worker.says(`接 ${late}`), coordinator.says(`合并 ${late} 到 ${number}`)])
    const [merged] = await settled([late], ([status]) => status === 'merged')
    expect(merged?.mergedInto?.number).toBe(number)
    const held = await linbang.db.offer.count({
      where: { request: { number: late }, status: { in: ['open', 'accepted'] } },
    })
    expect(held).toBe(0)
    // It carries one by now: it goes nowhere itself, and the way round is named.
    const third = await plea(await linbang.resident(), 73)
    await coordinator.says(`合并 ${number} 到 ${third}`)
    await coordinator.sees(`合并 ${third} 到 ${number}`)
    // Into what was merged means into what carries it.
    await coordinator.says(`合并 ${third} 到 ${late}`)
    await coordinator.sees(`求助${third}已并到求助${number}`)
  })

  it('called off by the one who asked first, it goes on for the other, with owner and deadline', async () => {
    const [one, two] = [await linbang.resident(), await linbang.resident()]
    const [a, b] = [await plea(one, 74), await plea(two, 74)]
    await coordinator.says(`合并 ${b} 到 ${a}`)
    await two.sees(/已经有同事在跟进|正在找同事来办/u)
    await one.says('不用了,取消')
    await one.taps('是，不用了')
    const [gone, alive] = await settled([a, b], ([first, other]) => first === 'withdrawn' && other !== 'merged')
    expect(gone?.nextDeadline).toBeNull()
    expect(alive).toMatchObject({ mergedIntoId: null })
    expect(alive?.nextDeadline).not.toBeNull()
    await two.seesNothingLike(/取消/u)
    // Nothing is merged into what is over.
    await coordinator.says(`合并 ${b} 到 ${a}`)
    await coordinator.sees(`不能并到求助${a}`)
  })

  it('accepted later, both are told under their own number; called off by the second, the first goes on', async () => {
    const [one, two] = [await linbang.resident(), await linbang.resident()]
    const [a, b] = [await plea(one, 76), await plea(two, 76, ',夜里总咳')]
    await coordinator.says(`合并 ${b} 到 ${a}`)
    const waiting = await two.sees('正在找同事来办')
    expect(waiting.text).not.toContain(String(a))
    await worker.says(`接 ${a}`)
    await one.sees(`已经接下您的求助${a}`)
    await two.sees(`已经接下您的求助${b}`)
    const carried = await worker.sees(`求助${a}还有一位居民在等`)
    expect(carried.text).toContain('夜里总咳')
    await two.says('不用了,取消')
    await two.taps('是，不用了')
    await worker.sees(`居民取消了求助${b}`)
    expect(await row(b)).toMatchObject({ status: 'withdrawn', mergedIntoId: null })
    expect((await row(a)).status).toBe('active')
    await one.seesNothingLike(/取消|咳/u)
  })

  it('waiting for a coordinator, it is the coordinator who is told; and a household is counted once', async () => {
    const [one, two] = [await linbang.resident(), await linbang.resident()]
    const a = await plea(one, 77)
    await two.says('我妈77岁刚出院,今晚没人照顾,住金尚社区')
    await two.taps('可以')
    await two.says('人工')
    const told = await coordinator.sees(`可能和求助${a}是同一件事`)
    const b = Number(/求助(\d+)可能/u.exec(told.text)?.[1])
    await coordinator.taps('是同一件事')
    await coordinator.taps('合并')
    const rows = await settled([a, b], ([, status]) => status === 'merged')
    const { id: contractId } = await linbang.db.contract.findFirstOrThrow()
    await linbang.db.quota.create({
      data: { contractId, indicator: '合并试算', unit: '人', target: 9, kinds: [], needs: [] },
    })
    const staff = await linbang.db.staff.findFirstOrThrow({ where: { agencyId: { not: null } } })
    const counted = async () =>
      (await quotaUse(linbang.db, 'Asia/Shanghai', [contractId])).find((q) => q.indicator === '合并试算')?.used
    const before = (await counted()) ?? 0
    for (const { id: requestId, requesterId: beneficiaryId } of rows) {
      await linbang.db.service.create({
        data: {
          requestId,
          contractId,
          staffId: staff.id,
          beneficiaryId,
          kind: 'visit',
          minutes: 30,
          at: linbang.clock.now(),
        },
      })
    }
    expect(await counted()).toBe(before + 1)
    // Apart, they are two again.
    await coordinator.says(`拆开 ${b}`)
    await two.sees(`您的求助${b}现在单独办`)
    expect(await counted()).toBe(before + 2)
  })

  it('a crisis merged into an ordinary request makes that one a crisis, and it is called out at once', async () => {
    const [one, two] = [await linbang.resident(), await linbang.resident()]
    const calm = await plea(one, 75)
    await worker.sees(`求助${calm}`)
    await two.says('我妈75岁在金尚社区,她说不想活了,要跳楼')
    await two.sees('110')
    const crisis = await linbang.db.helpRequest.findFirstOrThrow({
      where: { urgency: 'crisis' },
      orderBy: { id: 'desc' },
    })
    await coordinator.says(`合并 ${crisis.number} 到 ${calm}`)
    const [merged, carrier] = await settled([crisis.number, calm], ([status]) => status === 'merged')
    expect(merged?.nextDeadline).toBeNull()
    expect(carrier).toMatchObject({ urgency: 'crisis' })
    expect(['queued', 'offered']).toContain(carrier?.status)
    expect(await linbang.db.helpRequest.count({ where: { requesterId: crisis.requesterId } })).toBe(1)
    // Said again, it opens no second alarm and rings for the one that carries it.
    await two.says('她现在爬到窗台上要跳下去了')
    await expect.poll(async () => (await row(calm)).events.map((e) => e.step)).toContain('crisis_heard')
    expect(await linbang.db.helpRequest.count({ where: { requesterId: crisis.requesterId } })).toBe(1)
    expect(await linbang.orphans()).toBe(0)
  })
})
