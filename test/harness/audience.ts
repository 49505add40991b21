import fc from 'fast-check'
import type { Audience, Facets, Someone } from '../../src/domain/audience.ts'

/** Random people and audiences over a small district, so that most facets hit somebody. */

const communities = [1, 2, 3]
const programmes = ['disability', 'elder'] as const
const needs = ['nursing', 'legal'] as const
const languages = ['zh', 'nan'] as const
const roles = ['resident', 'social_worker', 'lead'] as const
const day = 86_400_000

export const now = new Date('2026-11-24T02:00:00Z')

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 })
const few = <T>(values: readonly T[]) => fc.subarray([...values])

export const facets: fc.Arbitrary<Facets> = fc
  .record(
    {
      communities: some(communities),
      streets: some(['s1', 's2']),
      programmes: some(programmes),
      needs: some(needs),
      languages: some(languages),
      roles: some(roles),
      signedUp: fc.constant([1]),
      reached: fc.constant([1]),
      listed: some([2001, 2002, 2003]),
      silentDays: fc.constantFrom(30, 90),
    },
    { requiredKeys: [] },
  )
  // Everything at once hits nobody: two facets at most.
  .map((whole) => Object.fromEntries(Object.entries(whole).slice(0, 2)) as Facets)

export const anAudience: fc.Arbitrary<Audience> = fc.record({
  groups: fc.array(facets, { minLength: 1, maxLength: 3 }),
  except: fc.array(facets, { maxLength: 2 }),
})

/** Where each community lies. */
export const streetOf: Readonly<Record<number, string>> = { 1: 's1', 2: 's1', 3: 's2' }

export const someone: fc.Arbitrary<Someone> = fc
  .record({
    communityId: fc.option(fc.constantFrom(...communities), { nil: undefined }),
    programmes: few(programmes),
    needs: few(needs),
    languages: fc.constantFrom(['zh'], ['zh', 'nan']),
    role: fc.constantFrom(...roles),
    signedUp: fc.constantFrom([], [1]),
    requests: few([2001, 2002, 2003]),
    lastHeardAt: fc.constantFrom(new Date(now.getTime() - day), new Date(now.getTime() - 60 * day), undefined),
  })
  .map((one) => ({
    ...one,
    street: one.communityId === undefined ? undefined : streetOf[one.communityId],
    reached: one.signedUp,
  }))
