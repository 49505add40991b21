import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SendError } from '../../src/channels/channel.ts'
import { type Facets, inAudience } from '../../src/domain/audience.ts'
import { enqueue } from '../../src/outbox/enqueue.ts'
import { previewAudience, writeRecipients } from '../../src/store/audience.ts'
import { lockBroadcast, takeNoticeStep } from '../../src/store/broadcasts.ts'
import { recall } from '../../src/store/bulk-lane.ts'
import { transaction } from '../../src/store/db.ts'
import { skipWaiting } from '../../src/store/recipients.ts'
import { anAudience, now as audienceNow, someone, streetOf } from '../harness/audience.ts'
import { type Clock, type FarEnd, farEnd, makeClock } from '../harness/far-end.ts'
import { everybody, makeNotices, outcomes } from '../harness/notices.ts'
import { freshStore, type Store } from '../harness/store.ts'

/** 10:00 in Xiamen, a Tuesday. */
const morning = '2026-11-24T02:00:00Z'
const pace = { perSecond: 25, chatGapMs: 1_000 }

let store: Store
let clock: Clock
let telegram: FarEnd
let web: FarEnd
let notices: ReturnType<typeof makeNotices>
let by: Awaited<ReturnType<typeof notices.coordinators>>

beforeEach(async () => {
  store = await freshStore()
  clock = makeClock(morning)
  telegram = farEnd(clock, { pace })
  web = farEnd(clock, {}, 'web')
  notices = makeNotices(store, clock, [telegram, web])
  by = await notices.coordinators()
})
afterEach(() => store.drop())

const perPerson = (arrived: readonly { to: string }[]) => {
  const counts = new Map<string, number>()
  for (const { to } of arrived) counts.set(to, (counts.get(to) ?? 0) + 1)
  return [...counts.values()]
}

describe('a notice on its way', () => {
  it('reaches everybody once, at the pace of the account, and says in the end what became of them', async () => {
    await notices.people(120)
    const id = await notices.approved(by)
    await notices.run(12)
    expect(await outcomes(store, id)).toEqual({ sent: 120 })
    expect(perPerson(telegram.arrived)).toEqual(Array(120).fill(1))
    const times = telegram.arrived.map(({ at }) => at)
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1_000).length))
    expect(most).toBeLessThanOrEqual(30)
    expect((await notices.row(id)).status).toBe('done')
    const told = [...web.arrived.map(({ text }) => text), ...web.edited.map(({ text }) => text)].join('\n')
    expect(told).toContain('■■■■■■■■■■ 120 / 120人')
    expect(told).toContain('已发出120人')
    expect(told).toContain('没有漏下的人')
  })

  it('a second starter while one is running changes nothing (31)', async () => {
    await notices.people(60)
    const id = await notices.approved(by)
    const others = [notices.feeder(), notices.feeder(), notices.feeder()]
    for (let second = 0; second < 8; second++) {
      await Promise.all([notices.feed(), ...others.map((other) => other())])
      await notices.answerBells(1_000)
    }
    expect(perPerson(telegram.arrived)).toEqual(Array(60).fill(1))
    expect(await outcomes(store, id)).toEqual({ sent: 60 })
    expect(web.arrived.filter(({ text }) => text.includes('一共60人')).length).toBe(1)
  })

  it('who is in two groups, has two channels and is listed twice gets it once (32, 34)', async () => {
    const [person = 0] = await notices.people(3)
    await store.db.address.create({
      data: { personId: person, channel: 'web', account: '100', externalId: 'also', lastHeardAt: clock.now() },
    })
    const request = (number: number) =>
      store.db.helpRequest.create({
        data: {
          number,
          queryCode: '123456',
          requesterId: person,
          status: 'closed',
          ownerId: by[0].id,
          urgency: 'normal',
          programmes: ['elder'],
          needs: ['nursing'],
          detailsSealed: store.seal.seal({}),
          reasons: [],
          openedAt: clock.now(),
        },
      })
    await request(2001)
    await request(2002)
    const audience = {
      groups: [{ programmes: ['elder' as const] }, { needs: ['nursing' as const] }, { listed: [2001, 2002, 9999] }],
      except: [],
    }
    const preview = await transaction(store.db, (tx) =>
      previewAudience(tx, { audience, lanes: notices.lanes, topic: 'notice', now: clock.now() }),
    )
    expect(preview.reach.map(({ people }) => people)).toEqual([1])
    expect(preview.listed).toEqual({ numbers: 2, people: 1 })
    expect(preview.unknownNumbers).toEqual([9999])
    const id = await notices.approved(by, { audience })
    await notices.run(5)
    expect(await outcomes(store, id)).toEqual({ sent: 1 })
    const toResidents = [...telegram.arrived, ...web.arrived].filter(
      ({ text }) => text.includes('停水') && text.startsWith('【'),
    )
    expect(toResidents.length).toBe(1)
  })

  it('nobody is skipped without a reason, and the sum is the audience at every step (33)', async () => {
    const people = await notices.people(30)
    const alone = (i: number) => people[i] ?? 0
    await store.db.noticeOptOut.create({ data: { personId: alone(0), topic: 'notice', at: clock.now() } })
    await store.db.address.updateMany({ where: { personId: alone(1) }, data: { unreachable: 'blocked' } })
    await store.db.address.deleteMany({ where: { personId: alone(2) } })
    await store.db.address.updateMany({ where: { personId: alone(3) }, data: { channel: 'wechat' } })
    telegram.before = ({ externalId }) => {
      if (externalId === 'telegram-4') throw new SendError('blocked', 'blocked by the user')
      if (externalId === 'telegram-5') throw new SendError('invalid', 'can not be parsed')
      if (externalId === 'telegram-6') throw new SendError('window-closed', 'too late')
    }
    const id = await notices.approved(by)
    for (let second = 0; second < 6; second++) {
      await notices.run(1)
      await outcomes(store, id)
    }
    expect(await outcomes(store, id)).toEqual({
      sent: 23,
      'failed:blocked': 1,
      'failed:invalid': 1,
      'skipped:no_window': 1,
      'skipped:opted_out': 1,
      'skipped:blocked': 1,
      'skipped:no_address': 1,
      'skipped:channel_off': 1,
    })
    // Those who did not want it are not on the list for the door; all others are.
    const report = web.arrived.map(({ text }) => text).find((text) => text.includes('一共30人')) ?? ''
    expect(report).toContain('不知道社区 6人')
  })

  it('who blocks one channel gets it by another; each error of the far end ends somewhere (37)', async () => {
    const [person = 0] = await notices.people(1)
    await store.db.address.create({
      data: { personId: person, channel: 'web', account: '100', externalId: 'other', lastHeardAt: new Date(0) },
    })
    telegram.before = () => {
      throw new SendError('blocked', 'user is deactivated')
    }
    const id = await notices.approved(by)
    await notices.run(4)
    expect(await outcomes(store, id)).toEqual({ sent: 1 })
    expect(web.arrived.some(({ to }) => to === 'other')).toBe(true)
  })

  it('429 with hours: the notice rests, a reply does not wait, and nothing is asked in vain (35, 36)', async () => {
    const people = await notices.people(200)
    const id = await notices.approved(by)
    let refused = 0
    let resting = false
    telegram.before = (_to, text) => {
      if (!resting && telegram.arrived.length >= 50) resting = true
      if (resting && text.startsWith('【通知】')) {
        refused++
        throw new SendError('rate-limited', 'Too Many Requests', { retryAfterMs: 10_072_000 })
      }
    }
    await notices.run(20)
    expect(refused).toBe(1)
    expect(await outcomes(store, id)).toEqual({ sent: 50, waiting: 150 })
    // Somebody whose notice was refused writes, and is answered at once.
    const [refusedPerson = 0] = people.slice(50)
    await transaction(store.db, (tx) =>
      enqueue(
        tx,
        notices.rung,
        store.seal,
        { personId: refusedPerson, dedupeKey: 'reply', priority: 1, outbound: { text: 'reply' } },
        clock.now(),
      ),
    )
    await notices.answerBells(500)
    expect(telegram.arrived.at(-1)?.text).toBe('reply')
    // Until the time the far end has named, nobody asks again; then it goes on to the end.
    clock.forward(10_000_000)
    await notices.run(3)
    expect(refused).toBe(1)
    telegram.before = () => undefined
    clock.forward(80_000)
    await notices.run(15)
    expect(await outcomes(store, id)).toEqual({ sent: 200 })
    expect(perPerson(telegram.arrived.filter(({ text }) => text !== 'reply'))).toEqual(Array(200).fill(1))
  })

  it('a channel that is down costs nobody: it is tried again until it answers', async () => {
    await notices.people(40)
    const id = await notices.approved(by)
    telegram.before = () => {
      throw new SendError('transient', 'connect ECONNREFUSED')
    }
    await notices.run(6)
    expect(telegram.arrived).toEqual([])
    telegram.before = () => undefined
    await notices.run(180)
    expect(await outcomes(store, id)).toEqual({ sent: 40 })
    expect(perPerson(telegram.arrived)).toEqual(Array(40).fill(1))
  })

  it('stopped in the middle: nothing more leaves, and everybody left has the reason', async () => {
    await notices.people(150)
    const id = await notices.approved(by)
    await notices.run(2)
    const before = telegram.arrived.length
    expect(before).toBeGreaterThan(20)
    await transaction(store.db, async (tx) => {
      const row = await lockBroadcast(tx, id)
      if (row) await takeNoticeStep(tx, row, 'stop')
      await recall(tx, id, null, clock.now())
      await skipWaiting(tx, id, 'stopped', clock.now())
    })
    await notices.run(10)
    expect(telegram.arrived.length).toBe(before)
    expect(await outcomes(store, id)).toEqual({ sent: before, 'skipped:stopped': 150 - before })
  })

  it('paused and resumed: nothing in between, nobody twice afterwards', async () => {
    await notices.people(100)
    const id = await notices.approved(by)
    await notices.run(2)
    const step = (act: 'pause' | 'go_on') =>
      transaction(store.db, async (tx) => {
        const row = await lockBroadcast(tx, id)
        if (row) await takeNoticeStep(tx, row, act)
        if (act === 'pause') await recall(tx, id, null, clock.now())
      })
    await step('pause')
    const before = telegram.arrived.length
    await notices.run(10)
    expect(telegram.arrived.length).toBe(before)
    await step('go_on')
    await notices.run(10)
    expect(perPerson(telegram.arrived)).toEqual(Array(100).fill(1))
    expect(await outcomes(store, id)).toEqual({ sent: 100 })
  })

  it('past its expiry it is not sent, not even what was on the point of leaving when everything stopped', async () => {
    await notices.people(150)
    const expiresAt = new Date(clock.now().getTime() + 3_600_000)
    const id = await notices.approved(by, { expiresAt })
    await notices.run(2)
    await notices.feed()
    const before = telegram.arrived.length
    expect((await outcomes(store, id)).queued).toBeGreaterThan(0)
    // All processes are down overnight; the bells of yesterday ring first thing when they are back.
    clock.forward(20 * 3_600_000)
    await notices.answerBells(1_000)
    expect(telegram.arrived.length).toBe(before)
    await notices.run(3)
    expect(await outcomes(store, id)).toEqual({ sent: before, 'skipped:expired': 150 - before })
  })

  it('by night only an emergency leaves; what was under way waits for eight in the morning', async () => {
    await notices.people(200)
    clock.to(new Date('2026-11-24T12:59:57Z'))
    const id = await notices.approved(by)
    await notices.run(10)
    const before = telegram.arrived.length
    expect(before).toBeGreaterThan(20)
    expect(before).toBeLessThan(100)
    expect(telegram.arrived.every(({ at }) => at < Date.parse('2026-11-24T13:00:00Z'))).toBe(true)
    const urgent = await notices.approved(by, { kind: 'emergency' })
    await notices.run(12)
    expect(await outcomes(store, urgent)).toEqual({ sent: 200 })
    clock.to(new Date('2026-11-25T00:00:01Z'))
    await notices.run(12)
    expect(await outcomes(store, id)).toEqual({ sent: 200 })
  })

  it('waits for the time it was given, and begins with those there are then', async () => {
    await notices.people(3)
    const id = await notices.approved(by, { startAt: new Date(clock.now().getTime() + 3_600_000) })
    await notices.run(5)
    expect(telegram.arrived).toEqual([])
    clock.forward(3_600_000)
    await notices.run(3)
    expect(await outcomes(store, id)).toEqual({ sent: 3 })
  })

  it('where a message cannot be changed, progress is a new line now and then', async () => {
    const plain = farEnd(clock, { edit: false }, 'web')
    const other = makeNotices(store, clock, [telegram, plain])
    await notices.people(60)
    await notices.approved(by)
    await other.run(8)
    const lines = plain.arrived.filter(({ text }) => text.includes('正在发'))
    expect(lines.length).toBe(1)
    expect(plain.arrived.some(({ text }) => text.includes('一共60人'))).toBe(true)
  })
})

describe('what the database itself refuses', () => {
  const draft = (data: object) =>
    store.db.broadcast.create({ data: { authorId: by[0].id, createdAt: clock.now(), ...data } })
  const ready = { text: 'x', audience: everybody, expiresAt: new Date(morning) }
  it('an approval by the author, and anything under way without one', async () => {
    const own = { ...ready, status: 'approved', approvedById: by[0].id }
    await expect(draft(own)).rejects.toThrow(/broadcast_two_people/)
    await expect(draft({ ...ready, status: 'sending' })).rejects.toThrow(/broadcast_goes_out_approved/)
    await expect(draft({ ...ready, status: 'sending', emergency: true })).rejects.toThrow(/broadcast_emergency_is_one/)
    await draft({ ...ready, status: 'approved', kind: 'emergency', emergency: true })
  })
  it('other words than were approved', async () => {
    await notices.people(1)
    const id = await notices.approved(by)
    await expect(store.db.broadcast.update({ where: { id }, data: { text: 'other' } })).rejects.toThrow(/stand still/)
    await expect(store.db.broadcast.update({ where: { id }, data: { audience: {} } })).rejects.toThrow(/stand still/)
  })
  /** In the database's words, or in those of its client. */
  const refused = /Foreign key constraint|23503|not there|has recipients|is a recipient/
  it('a recipient of no notice, who is no person, or with a message that is not there; and taking away what a recipient names', async () => {
    const [personId = 0, other = 0] = await notices.people(2)
    const id = await notices.approved(by)
    await notices.run(5)
    const { db } = store
    const row = { broadcastId: id, personId, outcome: 'skipped', reason: 'no_address', at: clock.now() }
    const where = { broadcastId_personId: { broadcastId: id, personId } }
    const { outboundId } = await db.broadcastRecipient.findUniqueOrThrow({ where })
    const nobody = 2_000_000_000
    for (const wrong of [
      { broadcastId: nobody },
      { personId: nobody },
      { personId: by[0].personId ?? 0, outboundId: nobody },
    ]) {
      await expect(db.broadcastRecipient.create({ data: { ...row, ...wrong } })).rejects.toThrow(refused)
    }
    for (const wrong of [{ broadcastId: nobody }, { personId: nobody }, { outboundId: nobody }]) {
      await expect(db.broadcastRecipient.update({ where, data: wrong })).rejects.toThrow(refused)
    }
    await expect(db.broadcastRecipient.update({ where, data: { personId: other } })).rejects.toThrow(/[Uu]nique/)
    await expect(db.broadcast.delete({ where: { id } })).rejects.toThrow(refused)
    await expect(db.$executeRaw`UPDATE "Broadcast" SET id = id + 1000 WHERE id = ${id}`).rejects.toThrow(refused)
    await expect(db.$executeRaw`DELETE FROM "Person" WHERE id = ${personId}`).rejects.toThrow(refused)
    await expect(db.$executeRaw`DELETE FROM "OutboundMessage" WHERE id = ${outboundId}`).rejects.toThrow(
      /recipient_sent_by_the_outbox/,
    )
    expect(await outcomes(store, id)).toEqual({ sent: 2 })
  })

  it('a person taken away while they are being written down: one waits for the other, and nobody is lost', async () => {
    const id = await notices.approved(by)
    const { id: personId } = await store.db.person.create({ data: {} })
    let removed: Promise<unknown> | undefined
    await transaction(store.db, async (tx) => {
      await tx.$executeRaw`
        INSERT INTO "BroadcastRecipient" ("broadcastId", "personId", outcome, reason, at)
        VALUES (${id}, ${personId}, 'skipped', 'no_address', ${clock.now()})`
      removed = store.db.$executeRaw`DELETE FROM "Person" WHERE id = ${personId}`.then(
        () => 'removed',
        (error: unknown) => String(error),
      )
      await store.db.$queryRaw`SELECT pg_sleep(0.1)::text`
    })
    expect(await removed).toMatch(refused)
  })

  it('a recipient twice, an outcome without its reason, a sum that is not the audience, an unsending, a done with people left', async () => {
    const [personId = 0, other = 0] = await notices.people(2)
    const id = await notices.approved(by)
    await notices.run(3)
    const row = { broadcastId: id, outcome: 'skipped', reason: 'gone', at: clock.now() }
    await expect(store.db.broadcastRecipient.create({ data: { ...row, personId } })).rejects.toThrow(
      /Unique constraint/,
    )
    const where = { broadcastId_personId: { broadcastId: id, personId } }
    await expect(
      store.db.broadcastRecipient.update({ where, data: { outcome: 'failed', reason: 'x' } }),
    ).rejects.toThrow(/who was reached/)
    const second = await notices.approved(by)
    const recipient = (data: object) =>
      store.db.broadcastRecipient.create({
        data: { broadcastId: second, personId: other, outcome: 'waiting', at: clock.now(), ...data },
      })
    await expect(recipient({ outcome: 'skipped' })).rejects.toThrow(/outcome_has_a_reason/)
    await expect(recipient({ outcome: 'sent' })).rejects.toThrow(/sent_by_the_outbox/)
    await expect(recipient({})).rejects.toThrow(/waits_somewhere/)
    await expect(store.db.broadcast.update({ where: { id: second }, data: { sent: 1 } })).rejects.toThrow(/add_up/)
    const { id: addressId } = await store.db.address.findFirstOrThrow({ where: { personId: other } })
    await recipient({ addressId, lane: 'telegram:100' })
    await expect(store.db.broadcast.update({ where: { id: second }, data: { status: 'done' } })).rejects.toThrow(
      /done_means_all/,
    )
  })
})

describe('the audience in the database', () => {
  it('is the same people as the rule says, for any people and any audience', async () => {
    const streets = new Map<string, number>()
    for (const name of ['s1', 's2']) {
      streets.set(name, (await store.db.street.create({ data: { code: name, name } })).id)
    }
    for (const [id, street] of Object.entries(streetOf)) {
      await store.db.community.create({
        data: {
          id: Number(id),
          code: `k${id}`,
          name: `k${id}`,
          streetId: streets.get(street) ?? 0,
          aliases: [],
          validFrom: new Date(0),
        },
      })
    }
    const first = await store.db.broadcast.create({
      data: { authorId: by[0].id, createdAt: audienceNow, text: 'x', audience: everybody },
    })
    let made = 0
    await fc.assert(
      fc.asyncProperty(fc.array(someone, { minLength: 6, maxLength: 14 }), anAudience, async (people, audience) => {
        const ids: number[] = []
        /** The number a request really has is its own; a list in the audience names all that stand for one. */
        const numbersOf = new Map<number, number[]>()
        for (const one of people) {
          const { id } = await store.db.person.create({
            data: {
              minnan: one.languages.includes('nan'),
              communityId: one.communityId ?? null,
              ...(one.lastHeardAt
                ? {
                    addresses: {
                      create: { channel: 'web', account: '100', externalId: `p${made}`, lastHeardAt: one.lastHeardAt },
                    },
                  }
                : {}),
            },
          })
          made++
          ids.push(id)
          if (one.role !== 'resident') {
            await store.db.staff.create({
              data: { code: `s${id}`, name: 's', role: one.role, personId: id, skills: [], languages: [] },
            })
          }
          for (const [k, number] of [
            ...one.requests,
            ...(one.programmes.length + one.needs.length > 0 ? [0] : []),
          ].entries()) {
            const real = number === 0 ? 500_000 + made * 10 + k : number * 1_000 + made
            numbersOf.set(number, [...(numbersOf.get(number) ?? []), real])
            await store.db.helpRequest.create({
              data: {
                number: real,
                queryCode: '1',
                requesterId: id,
                status: 'closed',
                ownerId: by[0].id,
                urgency: 'normal',
                programmes: [...one.programmes],
                needs: [...one.needs],
                detailsSealed: '',
                reasons: [],
                openedAt: audienceNow,
              },
            })
          }
          if (one.signedUp.length > 0) {
            const { id: outboundId } = await store.db.outboundMessage.create({
              data: {
                personId: id,
                addressId: (await store.db.address.findFirstOrThrow({ orderBy: { id: 'asc' } })).id,
                bodySealed: '',
                dedupeKey: `o${id}`,
                notBefore: audienceNow,
                createdAt: audienceNow,
                status: 'sent',
              },
            })
            await store.db.broadcastRecipient.create({
              data: {
                broadcastId: first.id,
                personId: id,
                outcome: 'sent',
                outboundId,
                at: audienceNow,
                signedUpAt: audienceNow,
              },
            })
          }
        }
        const inRowsOf = <T extends Facets>(facets: T): Facets => ({
          ...facets,
          ...(facets.signedUp ? { signedUp: [first.id] } : {}),
          ...(facets.reached ? { reached: [first.id] } : {}),
          ...(facets.listed ? { listed: facets.listed.flatMap((number) => numbersOf.get(number) ?? [1]) } : {}),
        })
        const shifted = { groups: audience.groups.map(inRowsOf), except: audience.except.map(inRowsOf) }
        const probe = await store.db.broadcast.create({
          data: { authorId: by[0].id, createdAt: audienceNow, text: 'x', audience: everybody },
        })
        await transaction(store.db, (tx) =>
          writeRecipients(tx, probe.id, {
            audience: shifted,
            lanes: notices.lanes,
            topic: undefined,
            now: audienceNow,
          }),
        )
        const rows = await notices.recipients(probe.id)
        const inRows = rows.map((row) => row.personId).filter((id) => ids.includes(id))
        const byRule = ids.filter((_, i) => {
          const one = people[i]
          return one && inAudience(one, audience, audienceNow)
        })
        expect(inRows).toEqual(byRule)
        const preview = await transaction(store.db, (tx) =>
          previewAudience(tx, { audience: shifted, lanes: notices.lanes, topic: undefined, now: audienceNow }),
        )
        expect(preview.reach.reduce((sum, one) => sum + one.people, 0)).toBe(rows.length)
      }),
      { numRuns: 40 },
    )
  }, 120_000)
})
