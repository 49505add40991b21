import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { afterSetBack, type Bucket, burstOf, clockSkewMs, take, takeChat } from '../../src/outbox/budget.ts'

const start = Date.UTC(2026, 2, 2)
const pace = fc.record({ perSecond: fc.integer({ min: 1, max: 100 }), chatGapMs: fc.integer({ min: 1, max: 3_000 }) })
const asks = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 400 }), priority: fc.constantFrom(0, 1, 2, 9) }), {
  minLength: 1,
  maxLength: 200,
})

/** Most of the given moments within any window that starts at one of them and is `ms` long. */
const most = (at: readonly number[], ms: number) =>
  Math.max(0, ...at.map((from) => at.filter((t) => t >= from && t <= from + ms).length))

describe('the budget of an account', () => {
  it('grants in any window at most the pace and one burst', () => {
    fc.assert(
      fc.property(pace, asks, fc.integer({ min: 0, max: 5_000 }), (p, all, windowMs) => {
        let bucket: Bucket | undefined
        let now = start
        const granted: number[] = []
        for (const { afterMs, priority } of all) {
          now += afterMs
          const taken = take(bucket, p, priority, new Date(now))
          if ('waitMs' in taken) continue
          bucket = taken.granted
          granted.push(now)
        }
        expect(most(granted, windowMs)).toBeLessThanOrEqual((p.perSecond * windowMs) / 1_000 + burstOf(p) + 0.001)
      }),
    )
  })

  it('grants after exactly the wait it told, and not a moment earlier than the millisecond before', () => {
    fc.assert(
      fc.property(pace, asks, (p, all) => {
        let bucket: Bucket | undefined
        let now = start
        for (const { afterMs, priority } of all) {
          now += afterMs
          const taken = take(bucket, p, priority, new Date(now))
          if ('granted' in taken) {
            bucket = taken.granted
            continue
          }
          expect(taken.waitMs).toBeGreaterThan(0)
          expect(take(bucket, p, priority, new Date(now + taken.waitMs))).toHaveProperty('granted')
          if (taken.waitMs > 1)
            expect(take(bucket, p, priority, new Date(now + taken.waitMs - 2))).toHaveProperty('waitMs')
        }
      }),
    )
  })

  it('is left as it was by a refusal', () => {
    const empty = Object.freeze({ tokens: 0, at: new Date(start) })
    const refused = take(empty, { perSecond: 10, chatGapMs: 0 }, 1, new Date(start))
    expect(refused).toEqual({ waitMs: 100 })
    expect(empty).toEqual({ tokens: 0, at: new Date(start) })
  })

  it('keeps its last third for conversations', () => {
    const p = { perSecond: 30, chatGapMs: 0 }
    const drain = (from: Bucket | undefined, priority: number) => {
      let bucket = from
      for (let taken = 0; ; taken++) {
        const next = take(bucket, p, priority, new Date(start))
        if ('waitMs' in next) return { bucket, taken }
        bucket = next.granted
      }
    }
    const notices = drain(undefined, 9)
    expect(notices.taken).toBe(4)
    expect(drain(notices.bucket, 1).taken).toBe(2)
    // Even the slowest account lets a notice out in the end.
    expect(take(undefined, { perSecond: 1, chatGapMs: 0 }, 9, new Date(start))).toHaveProperty('granted')
  })

  it('survives a process whose clock is behind', () => {
    const ahead: Bucket = { tokens: 0, at: new Date(start + 1_500) }
    const refused = take(ahead, { perSecond: 10, chatGapMs: 0 }, 1, new Date(start))
    expect(refused).toEqual({ waitMs: 1_600 })
    const granted = take({ ...ahead, tokens: 2 }, { perSecond: 10, chatGapMs: 0 }, 1, new Date(start))
    expect(granted).toEqual({ granted: { tokens: 1, at: new Date(start + 1_500) } })
  })

  it('whose clock is set back, however often and far, grants in no window more than the pace and one burst', () => {
    const steps = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 400 }),
        backMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 7_200_000 })),
        priority: fc.constantFrom(0, 1, 2, 9),
      }),
      { minLength: 1, maxLength: 200 },
    )
    fc.assert(
      fc.property(pace, steps, fc.integer({ min: 0, max: 5_000 }), (p, all, windowMs) => {
        let bucket: Bucket | undefined
        let wall = start
        let behind = 0
        const granted: number[] = []
        for (const { afterMs, backMs, priority } of all) {
          wall += afterMs
          behind += backMs
          bucket &&= afterSetBack(bucket, new Date(wall - behind))
          const taken = take(bucket, p, priority, new Date(wall - behind))
          if ('waitMs' in taken) {
            expect(take(bucket, p, priority, new Date(wall - behind + taken.waitMs))).toHaveProperty('granted')
            // As long as it takes to fill, and what two clocks may differ by; never until the clock has caught up.
            expect(taken.waitMs).toBeLessThanOrEqual(((1 + burstOf(p) / 3) / p.perSecond) * 1_000 + 1 + clockSkewMs)
            continue
          }
          bucket = taken.granted
          granted.push(wall)
        }
        expect(most(granted, windowMs)).toBeLessThanOrEqual((p.perSecond * windowMs) / 1_000 + burstOf(p) + 0.001)
      }),
    )
  })
})

describe('the rest of a chat', () => {
  it('lets a burst of three through, then one a gap, in any window', () => {
    fc.assert(
      fc.property(pace, asks, fc.integer({ min: 0, max: 9_000 }), (p, all, windowMs) => {
        let mark: Date | null = null
        let now = start
        const granted: number[] = []
        for (const { afterMs } of all) {
          now += afterMs
          const taken = takeChat(mark, p, 1, new Date(now))
          if ('waitMs' in taken) {
            expect(takeChat(mark, p, 1, new Date(now + taken.waitMs))).toHaveProperty('granted')
            continue
          }
          mark = taken.granted
          granted.push(now)
        }
        expect(most(granted, windowMs)).toBeLessThanOrEqual(windowMs / p.chatGapMs + 3)
      }),
    )
  })

  it('is a gap at most when the clock was set back', () => {
    fc.assert(
      fc.property(pace, fc.integer({ min: clockSkewMs + 1, max: 7_200_000 }), (p, backMs) => {
        expect(takeChat(new Date(start + backMs), p, 1, new Date(start))).toEqual({ waitMs: p.chatGapMs })
        expect(takeChat(new Date(start + backMs), p, 0, new Date(start))).toHaveProperty('granted')
      }),
    )
  })

  it('never holds back a crisis', () => {
    const p = { perSecond: 30, chatGapMs: 1_000 }
    const now = new Date(start)
    expect(takeChat(now, p, 1, now)).toEqual({ waitMs: 1_000 })
    expect(takeChat(now, p, 0, now)).toEqual({ granted: now })
  })
})
