import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Grant, grantOf, mayReply, releaseKeptMs } from '../../src/domain/reply-window.ts'

const hour = 3_600_000
const now = new Date('2026-03-02T02:00:00Z')
const later = (ms: number) => new Date(now.getTime() + ms)
const message = { kind: 'message', replies: 5, withinMs: 48 * hour } as const
const event = { kind: 'event', replies: 3, withinMs: 60_000 } as const

describe('what may still be answered', () => {
  it('is five messages within 48 hours of what the person wrote, by the time they wrote it', () => {
    expect(grantOf(message, undefined, now)).toEqual({ kind: 'message', left: 5, until: later(48 * hour) })
    expect(grantOf(message, later(-hour), now).until).toEqual(later(47 * hour))
    // A clock of the far end that is ahead gives nothing away.
    expect(grantOf(message, later(hour), now).until).toEqual(later(48 * hour))
  })

  it('is unknown for a chat of which nothing was counted: the far end decides', () => {
    expect(mayReply([], { cost: 9, isResult: false }, now)).toEqual({ may: 'send', spend: [] })
  })

  it('ends with the time, and with the number', () => {
    const grant = grantOf(message, undefined, now)
    expect(mayReply([grant], { cost: 1, isResult: true }, later(48 * hour))).toEqual({ may: 'not', because: 'closed' })
    expect(mayReply([grant], { cost: 6, isResult: true }, now)).toEqual({ may: 'not', because: 'used' })
    expect(mayReply([{ ...grant, left: 0 }], { cost: 1, isResult: true }, now)).toMatchObject({ because: 'used' })
  })

  it('keeps the last for a result, until an unused one would help nobody', () => {
    const last: Grant = { ...grantOf(message, undefined, now), left: 1 }
    expect(mayReply([last], { cost: 1, isResult: true }, now)).toMatchObject({ may: 'send' })
    const release = later(48 * hour - releaseKeptMs)
    expect(mayReply([last], { cost: 1, isResult: false }, now)).toEqual({ may: 'wait', at: release })
    expect(mayReply([last], { cost: 1, isResult: false }, release)).toMatchObject({ may: 'send' })
  })

  it('spends first what ends first', () => {
    const grants = [grantOf(message, undefined, now), grantOf(event, undefined, now)]
    expect(mayReply(grants, { cost: 1, isResult: true }, now)).toMatchObject({
      spend: [{ kind: 'event', until: later(60_000), replies: 1 }],
    })
    expect(mayReply(grants, { cost: 4, isResult: true }, now)).toMatchObject({
      spend: [
        { kind: 'event', replies: 3 },
        { kind: 'message', replies: 1 },
      ],
    })
  })

  it('whatever is asked, in whatever order: never more than was given, never after the end, the last only for a result', () => {
    const acts = fc.array(
      fc.oneof(
        fc.record({ act: fc.constant('writes' as const), late: fc.integer({ min: 0, max: 60 }) }),
        fc.record({ act: fc.constant('taps' as const) }),
        fc.record({
          act: fc.constant('says' as const),
          cost: fc.integer({ min: 1, max: 3 }),
          isResult: fc.boolean(),
        }),
        fc.record({ act: fc.constant('waits' as const), minutes: fc.integer({ min: 1, max: 2_000 }) }),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(acts, (done) => {
        let at = now.getTime()
        const grants = new Map<string, Grant>()
        /** Of each grant: how much was spent of it, kept apart from the rule under test. */
        const spent = new Map<string, number>()
        for (const one of done) {
          const clock = new Date(at)
          if (one.act === 'waits') at += one.minutes * 60_000
          else if (one.act === 'says') {
            const open = [...grants.values()]
            const answer = mayReply(open, one, clock)
            if (open.length === 0 || answer.may !== 'send') continue
            expect(answer.spend.reduce((sum, s) => sum + s.replies, 0)).toBe(one.cost)
            for (const { kind, until, replies } of answer.spend) {
              expect(until > clock).toBe(true)
              const key = `${kind}:${until.getTime()}`
              spent.set(key, (spent.get(key) ?? 0) + replies)
              expect(spent.get(key)).toBeLessThanOrEqual(kind === 'message' ? 5 : 3)
              const grant = grants.get(kind)
              if (grant) grants.set(kind, { ...grant, left: grant.left - replies })
            }
            const live = [...grants.values()].filter((g) => g.until > clock)
            const left = live.reduce((sum, g) => sum + g.left, 0)
            const ends = Math.max(...live.map((g) => g.until.getTime()))
            if (!one.isResult && ends - at > releaseKeptMs) expect(left).toBeGreaterThanOrEqual(1)
          } else {
            const allowance = one.act === 'writes' ? message : event
            const sentAt = new Date(at - (one.act === 'writes' ? one.late * 60_000 : 0))
            const grant = grantOf(allowance, sentAt, clock)
            const had = grants.get(allowance.kind)
            if (!had || had.until <= grant.until) {
              grants.set(allowance.kind, grant)
              spent.set(`${grant.kind}:${grant.until.getTime()}`, 0)
            }
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
