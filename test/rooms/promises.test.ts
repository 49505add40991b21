import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freshStore, type Store } from '../harness/store.ts'

describe('the database itself refuses', () => {
  let store: Store
  let personId: number
  let staffId: number
  beforeAll(async () => {
    store = await freshStore()
    personId = (await store.db.person.create({ data: {} })).id
    staffId = (await store.db.staff.create({ data: { code: 'c', name: '示例', role: 'coordinator' } })).id
  })
  afterAll(() => store.drop())

  const request = (more: object = {}) => ({
    queryCode: '1',
    requesterId: personId,
    ownerId: staffId,
    status: 'queued',
    urgency: 'normal',
    nextDeadline: new Date(),
    deadlineKind: 'offer',
    detailsSealed: '',
    openedAt: new Date(),
    ...more,
  })

  it('an open request without a deadline, a closed one with one, and one without an owner', async () => {
    await store.db.helpRequest.create({ data: request() })
    await expect(
      store.db.helpRequest.create({ data: request({ nextDeadline: null, deadlineKind: null }) }),
    ).rejects.toThrow(/open_request_has_a_deadline/)
    await expect(store.db.helpRequest.create({ data: request({ status: 'closed' }) })).rejects.toThrow(
      /open_request_has_a_deadline/,
    )
    await expect(store.db.helpRequest.create({ data: request({ ownerId: 9999 }) })).rejects.toThrow()
    await expect(store.db.helpRequest.create({ data: request({ status: 'lost' }) })).rejects.toThrow(
      /request_status_known/,
    )
    await expect(store.db.helpRequest.create({ data: request({ deadlineKind: null }) })).rejects.toThrow(
      /deadline_has_a_kind/,
    )
  })

  it('a second open crisis of one person', async () => {
    await store.db.helpRequest.create({ data: request({ urgency: 'crisis' }) })
    await expect(store.db.helpRequest.create({ data: request({ urgency: 'crisis' }) })).rejects.toThrow()
  })

  it('two winners, and one person asked twice at once', async () => {
    const { id } = await store.db.helpRequest.create({ data: request() })
    const at = { offeredAt: new Date(), expiresAt: new Date() }
    await store.db.offer.create({ data: { requestId: id, staffId, status: 'open', reasons: [], ...at } })
    await expect(
      store.db.offer.create({ data: { requestId: id, staffId, status: 'open', reasons: [], ...at } }),
    ).rejects.toThrow()
    await store.db.offer.create({ data: { requestId: id, staffId, status: 'accepted', reasons: [], ...at } })
    await expect(
      store.db.offer.create({ data: { requestId: id, staffId, status: 'accepted', reasons: [], ...at } }),
    ).rejects.toThrow()
  })

  it('a changed or deleted line of history', async () => {
    const { id } = await store.db.helpRequest.create({ data: request() })
    await store.db.requestEvent.create({
      data: {
        requestId: id,
        version: 1,
        at: new Date(),
        step: 'opened',
        actorKind: 'system',
        toStatus: 'queued',
        detail: {},
      },
    })
    await expect(store.db.requestEvent.updateMany({ data: { step: 'x' } })).rejects.toThrow(/append-only/)
    await expect(store.db.requestEvent.deleteMany()).rejects.toThrow(/append-only/)
  })
})
