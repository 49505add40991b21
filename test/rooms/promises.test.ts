import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freshStore, type Store } from '../harness/store.ts'

const at = new Date('2026-11-23T09:30:00+08:00')
const later = new Date('2026-11-23T10:00:00+08:00')
const ended = ['closed', 'withdrawn', 'merged'] as const
const open = ['intake', 'triage', 'queued', 'offered', 'active', 'resolved'] as const

describe('the database itself', () => {
  let store: Store
  let personId: number
  let staffId: number
  let addressId: number
  beforeEach(async () => {
    store = await freshStore()
    const { db } = store
    personId = (await db.person.create({ data: {} })).id
    staffId = (await db.staff.create({ data: { code: 'w-01', name: '示例社工', role: 'social_worker' } })).id
    addressId = (await db.address.create({ data: { personId, channel: 'web', account: 'web', externalId: 'x' } })).id
  })
  afterEach(() => store.drop())

  const request = (over: object = {}) =>
    store.db.helpRequest.create({
      data: {
        queryCode: '0000',
        requesterId: personId,
        status: 'queued',
        ownerId: staffId,
        nextDeadline: later,
        deadlineKind: 'accept',
        urgency: 'normal',
        detailsSealed: store.seal.seal({}),
        openedAt: at,
        ...over,
      },
    })
  const offer = (requestId: number, status: string, over: object = {}) =>
    store.db.offer.create({ data: { requestId, staffId, status, offeredAt: at, expiresAt: later, ...over } })
  const outbound = (over: object = {}) =>
    store.db.outboundMessage.create({
      data: { personId, addressId, bodySealed: 's', dedupeKey: 'k', notBefore: at, createdAt: at, ...over },
    })
  const noDeadline = { nextDeadline: null, deadlineKind: null }

  /** What is merged names an open request that carries it. */
  const whereMerged = async (status: string) =>
    status === 'merged'
      ? { mergedIntoId: (await store.db.helpRequest.findFirstOrThrow({ where: { nextDeadline: { not: null } } })).id }
      : {}

  it('takes every open status with a deadline and every ended one without', async () => {
    for (const status of open) await request({ status })
    for (const status of ended) await request({ status, ...noDeadline, ...(await whereMerged(status)) })
    expect(await store.db.helpRequest.count()).toBe(open.length + ended.length)
  })

  it('refuses an open request without a next deadline, when it is written and when it is changed', async () => {
    for (const status of open) {
      await expect(request({ status, ...noDeadline })).rejects.toThrow('open_request_has_a_deadline')
    }
    const { id } = await request()
    await expect(store.db.helpRequest.update({ where: { id }, data: noDeadline })).rejects.toThrow(
      'open_request_has_a_deadline',
    )
    await expect(store.db.helpRequest.update({ where: { id }, data: { status: 'closed' } })).rejects.toThrow(
      'open_request_has_a_deadline',
    )
  })

  it('refuses an ended request that still has one', async () => {
    await request()
    for (const status of ended) {
      const merged = await whereMerged(status)
      await expect(request({ status, ...merged })).rejects.toThrow('open_request_has_a_deadline')
    }
  })

  it('refuses a request without an owner', async () => {
    const { id } = await request()
    await expect(store.db.$executeRaw`UPDATE "HelpRequest" SET "ownerId" = NULL WHERE id = ${id}`).rejects.toThrow(
      /null value|23502/,
    )
    await expect(store.db.staff.delete({ where: { id: staffId } })).rejects.toThrow(/foreign key/i)
  })

  it('refuses a deadline that does not say what must have happened by then', async () => {
    await expect(request({ deadlineKind: null })).rejects.toThrow('deadline_has_a_kind')
    await expect(request({ status: 'closed', nextDeadline: null })).rejects.toThrow('deadline_has_a_kind')
  })

  it('refuses a status or an urgency nobody knows', async () => {
    await expect(request({ status: 'lost' })).rejects.toThrow('request_status_known')
    await expect(request({ urgency: 'meh' })).rejects.toThrow('request_urgency_known')
    const { id } = await request()
    await expect(offer(id, 'maybe')).rejects.toThrow('offer_status_known')
    await expect(outbound({ status: 'gone' })).rejects.toThrow('outbound_status_known')
  })

  it('opens one crisis request a person at a time, and another when the first is over', async () => {
    const first = await request({ urgency: 'crisis' })
    await expect(request({ urgency: 'crisis' })).rejects.toThrow(/unique/i)
    const normal = await request()
    await expect(
      store.db.helpRequest.update({ where: { id: normal.id }, data: { urgency: 'crisis' } }),
    ).rejects.toThrow(/unique/i)
    await store.db.helpRequest.update({ where: { id: first.id }, data: { status: 'resolved' } })
    await request({ urgency: 'crisis' })
  })

  it('numbers requests from 1001 on, each once', async () => {
    const numbers = []
    for (let i = 0; i < 3; i++) numbers.push((await request()).number)
    expect(numbers).toEqual([1001, 1002, 1003])
    await expect(request({ number: 1001 })).rejects.toThrow(/unique/i)
  })

  it('lets one offer of a request be accepted', async () => {
    const { id } = await request()
    const other = await store.db.staff.create({ data: { code: 'w-02', name: '示例同事', role: 'social_worker' } })
    await offer(id, 'accepted')
    await expect(offer(id, 'accepted', { staffId: other.id })).rejects.toThrow(/unique/i)
    await offer((await request()).id, 'accepted')
  })

  it('lets one offer a request and person be open', async () => {
    const { id } = await request()
    await offer(id, 'open')
    await expect(offer(id, 'open')).rejects.toThrow(/unique/i)
    await offer(id, 'expired')
    await offer((await request()).id, 'open')
  })

  it('never changes or forgets history, nor who looked at personal data', async () => {
    const { id } = await request()
    const detail = {
      requestId: id,
      version: 1,
      at,
      step: 'submitted',
      actorKind: 'system',
      toStatus: 'queued',
      detail: {},
    }
    const event = await store.db.requestEvent.create({ data: detail })
    const where = { id: event.id }
    await expect(store.db.requestEvent.update({ where, data: { step: 'closed' } })).rejects.toThrow('append-only')
    await expect(store.db.requestEvent.delete({ where })).rejects.toThrow('append-only')
    await expect(store.db.requestEvent.create({ data: detail })).rejects.toThrow(/unique/i)
    const look = await store.db.accessLog.create({ data: { staffId, what: 'request', at } })
    await expect(store.db.accessLog.deleteMany()).rejects.toThrow('append-only')
    await expect(store.db.accessLog.update({ where: { id: look.id }, data: { staffId: 0 } })).rejects.toThrow(
      'append-only',
    )
    expect(await store.db.requestEvent.findMany()).toEqual([event])
  })

  it('takes a message of a channel once, and an answer once', async () => {
    const data = { addressId, personId, key: 'm1', kind: 'text', bodySealed: 's', receivedAt: at }
    await store.db.inboundMessage.create({ data })
    await expect(store.db.inboundMessage.create({ data })).rejects.toThrow(/unique/i)
    await outbound()
    await expect(outbound()).rejects.toThrow(/unique/i)
  })
})
