import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { officeSpans } from '../../src/domain/calendar.ts'
import { dueFrom } from '../../src/domain/ladder.ts'
import { advance } from '../../src/domain/request.ts'
import type { Actor, RequestState, RequestStep } from '../../src/domain/request-step.ts'
import { urgencies } from '../../src/domain/taxonomy.ts'

const now = new Date('2026-11-23T01:30:00Z')
const due = dueFrom(now, { zone: 'Asia/Shanghai', days: new Map(), spans: officeSpans })
const fresh: RequestState = {
  status: 'intake',
  version: 1,
  ownerId: 1,
  assigneeId: null,
  deadline: { kind: 'nudge', at: now },
  rung: 0,
  urgency: 'normal',
  crisisKind: null,
  programmes: [],
  needs: [],
  subject: null,
  communityId: null,
  contractId: null,
  referredToId: null,
  mergedIntoId: null,
}

const urgency = fc.constantFrom(...urgencies)
const step: fc.Arbitrary<RequestStep> = fc.oneof(
  fc.record({ step: fc.constant('described' as const), urgency }),
  fc.record({ step: fc.constant('triaged' as const), urgency, programmes: fc.constant(['elder' as const]) }),
  fc.constant({ step: 'crisis_heard' as const, crisisKind: 'suicide' as const }),
  fc.constant({ step: 'offered' as const, to: [], expiresAt: now, rung: 0 }),
  fc.constant({ step: 'declined' as const, staffId: 2, reason: 'busy' as const, othersOpen: 0 }),
  fc.constant({ step: 'climbed' as const, rung: 1, again: now }),
  fc.constant({ step: 'accepted' as const, staffId: 7 }),
  fc.constant({ step: 'reminded' as const, again: now }),
  fc.constant({ step: 'handed_on' as const, reason: 'x' }),
  fc.constantFrom(null, now).map((askAt) => ({ step: 'resolved' as const, outcome: 'solved' as const, askAt })),
  fc.constant({ step: 'asked_solved' as const }),
  fc.constant({ step: 'recontracted' as const, contractId: 3 }),
  fc.constant({ step: 'not_reached' as const, instead: 'phone' as const }),
  fc.constant({ step: 'referred' as const, agencyId: 2 }),
  fc.constant({ step: 'returned' as const, because: 'unanswered' as const }),
  fc.constant({ step: 'unplaced' as const, because: 'quota_used' as const }),
  fc.constant({ step: 'owner_left' as const, coordinatorId: 1, because: 'contract_ended' as const }),
  fc.constant({ step: 'reopened' as const, ownerId: 1 }),
  fc.constant({ step: 'closed' as const, outcome: 'solved' as const }),
  fc.constant({ step: 'merged' as const, intoId: 9 }),
  fc.record({
    step: fc.constant('took_in' as const),
    fromId: fc.constant(8),
    urgency,
    crisisKind: fc.constantFrom(null, 'suicide' as const),
    needs: fc.constantFrom([], ['nursing' as const]),
    unanswered: fc.boolean(),
  }),
  fc.record({
    step: fc.constant('revived' as const),
    ownerId: fc.constant(1),
    staffId: fc.constantFrom(null, 7),
    because: fc.constantFrom('taken_apart' as const, 'other_withdrawn' as const, 'not_solved' as const),
  }),
  fc.constant({ step: 'parted' as const, fromId: 8 }),
  fc.constantFrom(
    ...(
      ['nudged', 'submitted', 'given_up_telling', 'unanswered', 'acknowledged', 'contacted', 'checked_in'] as const
    ).map((name) => ({ step: name })),
    ...(['added', 'human_called', 'noted', 'confirmed_solved', 'withdrawn'] as const).map((name) => ({ step: name })),
  ),
)
const actor: fc.Arbitrary<Actor> = fc.constantFrom(
  { kind: 'system' as const },
  { kind: 'resident' as const, personId: 3 },
  { kind: 'staff' as const, staffId: 7 },
)

describe('whatever happens to a request', () => {
  it('it has an owner and a deadline as long as it is open, and none of either is invented when it is over', () => {
    let taken = 0
    fc.assert(
      fc.property(fc.array(fc.tuple(step, actor), { maxLength: 40 }), (steps) => {
        let state = fresh
        for (const [what, who] of steps) {
          const next = advance(state, what, who, due)
          if ('refused' in next) continue
          taken++
          state = next
          const open = !['closed', 'withdrawn', 'merged'].includes(state.status)
          expect(state.deadline !== null).toBe(open)
          expect(state.ownerId).toBeGreaterThan(0)
        }
      }),
      { numRuns: 500 },
    )
    expect(taken).toBeGreaterThan(500)
  })

  it('nobody but a person lowers its urgency, and the machine ends nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = fresh
        for (const what of steps) {
          const next = advance(state, what, { kind: 'system' }, due)
          if ('refused' in next) continue
          expect(urgencies.indexOf(next.urgency)).toBeGreaterThanOrEqual(urgencies.indexOf(state.urgency))
          expect(['closed', 'withdrawn', 'resolved']).not.toContain(next.status)
          state = next
        }
      }),
      { numRuns: 500 },
    )
  })

  it('a raised urgency never moves a deadline to a later time', () => {
    for (const raised of urgencies) {
      const after = advance(fresh, { step: 'described', urgency: raised }, { kind: 'system' }, due)
      if ('refused' in after) throw new Error('refused')
      expect(after.deadline?.at.getTime()).toBeLessThanOrEqual(fresh.deadline?.at.getTime() ?? 0)
    }
  })
})

describe('a request that takes another in', () => {
  const one: fc.Arbitrary<RequestState> = fc.record({
    ...Object.fromEntries(Object.entries(fresh).map(([key, value]) => [key, fc.constant(value)])),
    status: fc.constantFrom('triage' as const, 'queued' as const, 'offered' as const, 'active' as const),
    assigneeId: fc.constantFrom(null, 7),
    urgency,
    deadline: fc.record({
      kind: fc.constantFrom('offer', 'triage', 'first_contact', 'check_in', 'crisis_answer'),
      at: fc.integer({ min: 0, max: 9 }).map((days) => new Date(now.getTime() + days * 86_400_000)),
    }),
  }) as fc.Arbitrary<RequestState>
  const taken = fc.record({
    step: fc.constant('took_in' as const),
    fromId: fc.constant(8),
    urgency,
    crisisKind: fc.constantFrom(null, 'suicide' as const),
    needs: fc.constantFrom([], ['nursing' as const], ['legal' as const]),
    unanswered: fc.boolean(),
  })

  it('loses no urgency, need, owner or deadline, and nothing comes later unless a crisis is called out anew', () => {
    fc.assert(
      fc.property(one, taken, (state, what) => {
        const after = advance(state, what, { kind: 'staff', staffId: 7 }, due)
        if ('refused' in after) throw new Error('refused')
        for (const before of [state.urgency, what.urgency]) {
          expect(urgencies.indexOf(after.urgency)).toBeGreaterThanOrEqual(urgencies.indexOf(before))
        }
        expect(after.needs).toEqual(expect.arrayContaining([...state.needs, ...what.needs]))
        expect([after.ownerId, after.assigneeId]).toEqual([state.ownerId, state.assigneeId])
        const calledOut = after.deadline?.kind === 'crisis_answer' || after.deadline?.kind === 'offer'
        const later = (after.deadline?.at.getTime() ?? 0) > (state.deadline?.at.getTime() ?? 0)
        expect(later && !(calledOut && what.urgency === 'crisis')).toBe(false)
      }),
    )
  })

  it('a crisis nobody had seen is never lost in one that somebody works on calmly', () => {
    const calm: RequestState = {
      ...fresh,
      status: 'active',
      assigneeId: 7,
      deadline: { kind: 'check_in', at: new Date(now.getTime() + 9 * 86_400_000) },
    }
    const cry = {
      step: 'took_in',
      fromId: 8,
      crisisKind: 'suicide',
      needs: [],
      unanswered: true,
      urgency: 'crisis',
    } as const
    for (const state of [calm, { ...calm, urgency: 'crisis', crisisKind: 'suicide' } as const]) {
      expect(advance(state, cry, { kind: 'staff', staffId: 7 }, due)).toMatchObject({
        urgency: 'crisis',
        deadline: { kind: 'crisis_answer' },
      })
    }
  })

  it('no machine merges, and what is being told or is done cannot be merged', () => {
    const merged = { step: 'merged', intoId: 9 } as const
    expect(advance({ ...fresh, status: 'queued' }, merged, { kind: 'system' }, due)).toMatchObject({
      refused: 'machine_may_not',
    })
    for (const status of ['intake', 'resolved', 'closed', 'withdrawn', 'merged'] as const) {
      expect(advance({ ...fresh, status }, merged, { kind: 'staff', staffId: 7 }, due)).toHaveProperty('refused')
    }
  })
})

describe('a message that did not arrive', () => {
  const lost = { step: 'not_reached', instead: 'phone' } as const
  const system = { kind: 'system' } as const
  const active: RequestState = { ...fresh, status: 'active', ownerId: 7, assigneeId: 7 }
  const hour = 3_600_000

  it('asks whoever works on it to speak to the resident, never later than what was due before', () => {
    const far = { kind: 'check_in', at: new Date(now.getTime() + 1_000 * hour) } as const
    const near = { kind: 'check_in', at: new Date(now.getTime() + 60_000) } as const
    expect(advance({ ...active, deadline: far }, lost, system, due)).toMatchObject({
      status: 'active',
      deadline: { kind: 'first_contact', at: due('first_contact', 'normal') },
    })
    expect(advance({ ...active, deadline: near }, lost, system, due)).toMatchObject({
      deadline: { kind: 'first_contact', at: near.at },
    })
  })

  it('leaves the answer to a crisis, and the deadline of what nobody works on, as they are', () => {
    const crisis = { kind: 'crisis_answer', at: now } as const
    expect(advance({ ...active, deadline: crisis }, lost, system, due)).toMatchObject({ deadline: crisis })
    const offer = { kind: 'offer', at: now } as const
    expect(advance({ ...fresh, status: 'queued', deadline: offer }, lost, system, due)).toMatchObject({
      status: 'queued',
      deadline: offer,
    })
    expect(advance({ ...active, status: 'closed', deadline: null }, lost, system, due)).toHaveProperty('refused')
  })
})
