import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ActiveContract, type Available, fairTurn, type Plea, unplaced } from '../../src/domain/policy.ts'

describe('the fair turn', () => {
  const contract = {
    contractId: 1,
    agencyId: 1,
    agency: '示例',
    programme: 'elder',
    programmeName: '居家养老',
    communityIds: [5],
    usedUp: false,
  } as const
  const person = (staffId: number, more: Partial<Available> = {}): Available => ({
    staffId,
    role: 'social_worker',
    agencyId: 1,
    skills: [],
    tier: 'primary',
    because: '值班',
    scopes: [],
    load: 0,
    loadLimit: 3,
    lastOfferedAt: null,
    ...more,
  })
  const plea: Plea = {
    urgency: 'soon',
    programmes: ['elder'],
    needs: ['nursing'],
    communityId: 5,
    givenUpBy: null,
    referredToId: null,
    wants: [],
    knownBy: [],
    servedUnder: [],
  }
  const order = (staff: Available[], request: Plea = plea, contracts: ActiveContract[] = [contract]) =>
    fairTurn(request, contracts, staff, []).map((c) => c.staffId)

  it('asks the contracted agency, the skilled, first duty before backup, then who was asked longest ago', () => {
    expect(
      order([person(1, { tier: 'backup' }), person(2), person(3, { skills: ['nursing'] }), person(4, { agencyId: 9 })]),
    ).toEqual([3, 2, 1])
    expect(order([person(1, { lastOfferedAt: new Date(2) }), person(2, { lastOfferedAt: new Date(1) })])).toEqual([
      2, 1,
    ])
  })
  it('does not overload anybody, nor ask again who was asked or who is handing it on', () => {
    expect(order([person(1, { load: 3 })])).toEqual([])
    expect(order([person(1)], { ...plea, givenUpBy: 1 })).toEqual([])
    expect(fairTurn(plea, [contract], [person(1)], [{ staffId: 1, status: 'declined' }])).toEqual([])
  })
  it('in a crisis knows no contract, district or load, and asks a trained person second', () => {
    const crisis = { ...plea, urgency: 'crisis', programmes: [], communityId: null } as const
    expect(
      order([person(1, { agencyId: 9, load: 9 }), person(2, { skills: ['crisis'], tier: 'backup' })], crisis),
    ).toEqual([1, 2])
  })
  it('gives every candidate a reason, and nobody twice', () => {
    const some = fc.array(fc.record({ id: fc.integer({ min: 1, max: 9 }), load: fc.integer({ min: 0, max: 5 }) }), {
      maxLength: 9,
    })
    fc.assert(
      fc.property(some, (people) => {
        const unique = [...new Map(people.map((p) => [p.id, p])).values()]
        const found = fairTurn(
          plea,
          [contract],
          unique.map((p) => person(p.id, { load: p.load })),
          [],
        )
        expect(new Set(found.map((c) => c.staffId)).size).toBe(found.length)
        expect(found.every((c) => c.reasons.length > 0)).toBe(true)
      }),
    )
  })

  it('asks the person who knows the household first, when they are on duty and have room', () => {
    const knows = { ...plea, knownBy: [4, 2] }
    expect(order([person(1, { skills: ['nursing'] }), person(2), person(4, { tier: 'backup' })], knows)).toEqual([
      4, 2, 1,
    ])
    expect(order([person(1), person(2, { load: 3 })], knows)).toEqual([1])
  })
  it('asks a woman, or somebody who speaks Minnan or signs, when the resident asked for one; without one, anybody', () => {
    const wants = { ...plea, wants: ['woman', 'minnan'] as const }
    expect(
      order(
        [
          person(1, { skills: ['nursing'] }),
          person(2, { skills: ['woman', 'minnan'] }),
          person(3, { skills: ['minnan'] }),
        ],
        wants,
      ),
    ).toEqual([2, 3, 1])
    expect(order([person(1)], wants)).toEqual([1])
  })
  it('asks nobody whose shift is for another programme or community', () => {
    const elsewhere = person(1, { scopes: [{ programme: 'disability', communityIds: [] }] })
    const there = person(2, { scopes: [{ programme: 'elder', communityIds: [5] }] })
    const nearby = person(3, { scopes: [{ programme: null, communityIds: [6] }] })
    expect(order([elsewhere, there, nearby])).toEqual([2])
    expect(order([nearby], { ...plea, communityId: null })).toEqual([3])
    expect(order([nearby, person(4, { agencyId: 9 })], { ...plea, urgency: 'urgent' })).toEqual([])
  })
  it('never refuses P0 and P1 for quota, contract or place, and says honestly why P2 and P3 wait', () => {
    const usedUp = { ...contract, usedUp: true }
    for (const urgency of ['crisis', 'urgent'] as const) {
      expect(order([person(1)], { ...plea, urgency }, [usedUp])).toEqual([1])
      expect(order([person(1)], { ...plea, urgency }, [])).toEqual([1])
      expect(order([person(1)], { ...plea, urgency, communityId: 99 })).toEqual([1])
      expect(unplaced({ ...plea, urgency }, [])).toBeUndefined()
    }
    for (const urgency of ['soon', 'normal'] as const) {
      expect(order([person(1)], { ...plea, urgency }, [usedUp])).toEqual([])
      expect(unplaced({ ...plea, urgency }, [usedUp])).toBe('quota_used')
      expect(unplaced({ ...plea, urgency, communityId: 99 }, [contract])).toBe('no_contract')
      expect(unplaced({ ...plea, urgency }, [usedUp, { ...contract, contractId: 2 }])).toBeUndefined()
    }
  })
  it('goes on serving a household that is already counted under a used-up contract', () => {
    const usedUp = { ...contract, usedUp: true }
    expect(order([person(1)], { ...plea, servedUnder: [1] }, [usedUp])).toEqual([1])
    expect(unplaced({ ...plea, servedUnder: [1] }, [usedUp])).toBeUndefined()
  })
  it('asks only the agency a request was referred to', () => {
    const referred = { ...plea, referredToId: 9 }
    expect(order([person(1), person(2, { agencyId: 9 })], referred)).toEqual([2])
  })
})
