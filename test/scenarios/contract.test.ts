import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { submits } from '../harness/story.ts'

const date = (iso: string) => new Date(`${iso}T00:00:00Z`)
const elderPlea = '我80岁了一个人住,想请人每周来打扫一次卫生,住金尚社区'

describe('a contract', () => {
  let linbang: Linbang
  beforeEach(async () => {
    linbang = await startLinbang({ at: new Date('2026-12-31T16:00:00+08:00'), watchEveryMs: 250 })
    await linbang.db.contract.updateMany({
      where: { agency: { code: 'a3' } },
      data: { endsOn: date('2026-12-31') },
    })
  })
  afterEach(() => linbang.stop())

  it('that ends at midnight takes the access with it; open requests go to the coordinator, residents hear it', async () => {
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const coordinator = await linbang.coordinator()
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await resident.sees('已经接下')

    linbang.clock.forward({ hours: 8, minutes: 1 })
    await resident.sees('原来帮您的机构，合同到期了')
    await worker.sees('合同已到期')
    await coordinator.sees('合同已到期')
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { owner: true } })
    expect(row.owner.role).toBe('coordinator')
    expect(row.assigneeId).toBeNull()
    expect(await linbang.orphans()).toBe(0)

    // From that minute the agency sees and does nothing more.
    await worker.says('我的')
    await worker.sees('合同已经到期')
    await worker.says(`电话 ${number}`)
    await worker.sees('合同已经到期')
    await resident.seesNothingLike('示例社工丙')
  })

  it('that is followed by another goes over to the successor by itself', async () => {
    const old = await linbang.db.contract.findFirstOrThrow({
      where: { agency: { code: 'a3' } },
      include: { communities: true },
    })
    await linbang.db.contract.create({
      data: {
        reference: '示例-老-接续',
        programme: { connect: { code: 'elder' } },
        agency: { connect: { code: 'a4' } },
        buyer: old.buyer,
        amountYuan: 1,
        funding: 'government',
        startsOn: date('2027-01-01'),
        endsOn: date('2027-12-31'),
        communities: { connect: old.communities.map(({ id }) => ({ id })) },
      },
    })
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const successor = await linbang.worker('a4')
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await resident.sees('已经接下')
    linbang.clock.forward({ hours: 8, minutes: 1 })
    await successor.sees(`求助${number}`)
    await successor.taps('接')
    await resident.sees('示例社工丁01')
  })

  it('that was extended goes on', async () => {
    await linbang.db.contract.updateMany({
      where: { agency: { code: 'a3' } },
      data: { extendedTo: date('2027-03-31') },
    })
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    const number = await submits(resident)
    await worker.sees(`求助${number}`)
    linbang.clock.forward({ hours: 8, minutes: 1 })
    await worker.says('我的班')
    await worker.sees('七天内')
  })

  it('whose places are all used sends what can wait to the coordinator with an honest word, and never an urgent plea', async () => {
    const contract = await linbang.db.contract.findFirstOrThrow({ where: { agency: { code: 'a3' } } })
    await linbang.db.quota.updateMany({ where: { contractId: contract.id, unit: '人' }, data: { target: 1 } })
    const first = await linbang.resident()
    const worker = await linbang.worker('a3')
    const coordinator = await linbang.coordinator()
    const number = await submits(first)
    await worker.sees(`求助${number}`)
    await worker.taps('接')
    await worker.sees('由您负责')
    await worker.says('记录 电访 15')
    await worker.sees('已记服务')
    await worker.says('台账')
    expect((await worker.sees('服务台账')).text).toContain('居家服务老人 1/1人（100%），已满')

    const later = await linbang.resident()
    const waiting = await submits(later, elderPlea)
    await later.sees('名额满了')
    expect((await coordinator.sees('名额已满')).text).toContain(String(waiting))
    await worker.seesNothingLike(`求助${waiting}`)
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number: waiting } })
    expect(row.status).toBe('triage')

    const urgent = await linbang.resident()
    const urgentNumber = await submits(urgent)
    await worker.sees(`求助${urgentNumber}`)
    // The coordinator may still give it to somebody by name.
    await coordinator.says(`指派 ${waiting} a3-sw-01`)
    await worker.sees(`求助${waiting}`)
  }, 60_000)

  it('that nobody has for this place: the coordinator decides, the resident hears who will answer', async () => {
    const elsewhere = await linbang.db.community.findFirstOrThrow({ where: { code: 'kangle' } })
    for (const { id } of await linbang.db.contract.findMany({ where: { programmeCode: 'elder' } })) {
      await linbang.db.contract.update({ where: { id }, data: { communities: { set: [{ id: elsewhere.id }] } } })
    }
    const resident = await linbang.resident()
    const coordinator = await linbang.coordinator()
    const number = await submits(resident, elderPlea)
    await resident.sees('没有机构做这项服务')
    expect((await coordinator.sees('没有合同')).text).toContain(String(number))
  })
})
