import type { FastifyReply, FastifyRequest } from 'fastify'
import { may } from '../domain/authorise.ts'
import type { Db } from '../store/db.ts'
import { transaction } from '../store/db.ts'
import { type DeskLinkRow, deskKey, deskSession, endDesk, insertDeskSession, openDeskLink } from '../store/desk.ts'
import { logNoticeLook } from '../store/people.ts'
import type { DutyFacts, StaffRow } from '../store/staff.ts'

/** Who sits at the desk in this browser, looked up anew for every request: a right that has ended ends at once. */

export interface Seat {
  readonly staff: StaffRow
  readonly personId: number
}

export interface SeatDeps {
  readonly db: Db
  readonly now: () => Date
  readonly facts: () => Promise<DutyFacts>
  /** The cookie travels by https only. */
  readonly secure: boolean
}

/** A working day. */
const sessionHours = 8
const cookieName = 'linbang_desk'
const wellFormed = /^[A-Za-z0-9_-]{22}$/

export type Entered = 'in' | 'link_spent' | 'not_allowed'

export function makeSeats({ db, now, facts, secure }: SeatDeps) {
  const cookie = { path: '/desk', httpOnly: true, sameSite: 'strict', secure } as const

  /** A colleague who may sit here now: joined, a coordinator, and not of an agency whose contracts have ended. */
  async function allowed(staffId: number): Promise<Seat | undefined> {
    const { directory, contracts } = await facts()
    const staff = directory.find((one) => one.id === staffId)
    if (!staff || staff.personId === null || !may(staff.role, 'open_desk', { own: false, sameAgency: false })) return
    const ended = staff.agencyId !== null && !contracts.some(({ agencyId }) => agencyId === staff.agencyId)
    return ended ? undefined : { staff, personId: staff.personId }
  }

  return {
    of: async (request: FastifyRequest): Promise<Seat | undefined> => {
      const key = request.cookies[cookieName]
      if (key === undefined || !wellFormed.test(key)) return undefined
      const session = await deskSession(db, key, now())
      if (!session) return undefined
      const seat = await allowed(session.staffId)
      if (!seat) await endDesk(db, session.staffId, now())
      return seat
    },
    /** A link that would open a desk now. Looking uses nothing up: a chat that fetches a preview of it does no harm. */
    link: async (key: string): Promise<DeskLinkRow | undefined> =>
      wellFormed.test(key) ? openDeskLink(db, key, now()) : undefined,
    enter: async (reply: FastifyReply, linkKey: string): Promise<Entered> => {
      const at = now()
      const key = deskKey()
      const entered = await transaction(db, async (tx): Promise<Entered> => {
        const link = wellFormed.test(linkKey) ? await openDeskLink(tx, linkKey, at) : undefined
        if (!link) return 'link_spent'
        if (!(await allowed(link.staffId))) return 'not_allowed'
        const expiresAt = new Date(at.getTime() + sessionHours * 3_600_000)
        if (!(await insertDeskSession(tx, { link, key, at, expiresAt }))) return 'link_spent'
        await logNoticeLook(tx, { staffId: link.staffId, what: 'desk', at })
        return 'in'
      })
      if (entered === 'in') reply.setCookie(cookieName, key, { ...cookie, maxAge: sessionHours * 3600 })
      return entered
    },
    leave: async (reply: FastifyReply, seat: Seat): Promise<void> => {
      await endDesk(db, seat.staff.id, now())
      reply.clearCookie(cookieName, cookie)
    },
  }
}
export type Seats = ReturnType<typeof makeSeats>
