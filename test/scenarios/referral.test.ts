import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { submits } from '../harness/story.ts'

describe('a referral to another agency', () => {
  let linbang: Linbang
  let resident: Phone
  let giver: Phone
  let receiver: Phone
  let number: number

  beforeEach(async () => {
    linbang = await startLinbang()
    resident = await linbang.resident()
    giver = await linbang.worker('a3')
    receiver = await linbang.worker('a4')
    number = await submits(resident)
    await giver.sees(`求助${number}`)
    await giver.taps('接')
    await resident.sees('已经接下')
  })
  afterEach(() => linbang.stop())

  const owner = async () => {
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number }, include: { owner: true } })
    return row.owner.code
  }

  it('is told to nobody before the resident has said yes to that very agency, and moves only when a person there accepts', async () => {
    await giver.says(`转介 ${number} 示例四`)
    await giver.sees('之前仍由您负责')
    const asked = await resident.sees('想请示例四社工服务中心来帮您')
    expect(asked.choices.map((c) => c.label)).toEqual(['可以', '不要'])
    await receiver.seesNothingLike(`求助${number}`)
    await resident.taps('可以')
    await resident.sees('接上之前')
    await giver.sees('居民同意了')
    const card = await receiver.sees(`求助${number}`)
    expect(card.text).toContain('别的机构转介过来')
    expect(await owner()).toBe('a3-sw-01')
    await receiver.taps('接')
    await resident.sees('示例社工丁01')
    await giver.sees('示例社工丁01已接下')
    expect(await owner()).toBe('a4-sw-01')
    const consent = await linbang.db.consent.findMany({ where: { purpose: { startsWith: 'referral:' } } })
    expect(consent.map((c) => c.given)).toEqual([true])
    const referral = await linbang.db.referral.findFirstOrThrow()
    expect(referral.status).toBe('accepted')
  })

  it('refused by the resident stays where it is, and the other agency never hears of it', async () => {
    await giver.says(`转介 ${number} 示例四`)
    const asked = await resident.sees('想请示例四社工服务中心来帮您')
    await resident.taps('不要')
    await resident.sees('不告诉别人')
    await giver.sees('居民不同意')
    await receiver.seesNothingLike(`求助${number}`)
    // The old button does not turn a no into a yes.
    await resident.tapsToken(asked.choices[0]?.token ?? '')
    await receiver.seesNothingLike(`求助${number}`)
    expect(await owner()).toBe('a3-sw-01')
  })

  it('not taken there, it returns by itself and both sides hear it', async () => {
    await giver.says(`转介 ${number} 示例四`)
    await resident.sees('想请示例四社工服务中心来帮您')
    await resident.taps('可以')
    await receiver.sees(`求助${number}`)
    await receiver.taps('不接')
    await receiver.sees('为什么不接')
    await receiver.taps('不属于我们项目')
    await giver.sees('转介没有接上')
    await resident.sees('还是示例社工丙01负责')
    const row = await linbang.db.helpRequest.findUniqueOrThrow({ where: { number } })
    expect(row).toMatchObject({ status: 'active', referredToId: null })
    expect(await owner()).toBe('a3-sw-01')
    expect(await linbang.orphans()).toBe(0)
  })

  it('nobody else refers it, and a name that fits no agency is asked again', async () => {
    await receiver.says(`转介 ${number} 示例一`)
    await receiver.sees('没有操作')
    await giver.says(`转介 ${number} 不存在的机构`)
    await giver.sees('转介请打')
    await giver.says(`转介 ${number} 示例三`)
    await giver.sees('本来就是贵机构的')
  })
})
