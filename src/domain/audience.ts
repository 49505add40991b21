import { z } from 'zod'
import { staffRoles } from './policy.ts'
import { Need, Programme } from './taxonomy.ts'

/** 发给谁: within one facet any value will do, all facets given must fit, any group will do, and no exception may fit. */

export const recipientRoles = ['resident', ...staffRoles] as const
const Role = z.enum(recipientRoles)
export type RecipientRole = z.infer<typeof Role>

const Facets = z.strictObject({
  communities: z.array(z.int()).optional(),
  streets: z.array(z.string()).optional(),
  programmes: z.array(Programme).optional(),
  needs: z.array(Need).optional(),
  languages: z.array(z.string()).optional(),
  roles: z.array(Role).optional(),
  /** Signed up for one of these earlier notices. */
  signedUp: z.array(z.int()).optional(),
  /** Was sent one of these earlier notices. */
  reached: z.array(z.int()).optional(),
  /** 自带名单: requesters of these requests. */
  listed: z.array(z.int()).optional(),
  /** Has not written for so many days. */
  silentDays: z.int().min(1).max(3_650).optional(),
})
export type Facets = z.infer<typeof Facets>

export const Audience = z.strictObject({ groups: z.array(Facets).min(1), except: z.array(Facets) })
export type Audience = z.infer<typeof Audience>

/** What is known of a person as far as it matters to whom a notice goes. */
export interface Someone {
  readonly communityId: number | undefined
  readonly street: string | undefined
  readonly programmes: readonly string[]
  readonly needs: readonly string[]
  /** What they read, and `nan` where Minnan is what they speak. */
  readonly languages: readonly string[]
  readonly role: RecipientRole
  readonly signedUp: readonly number[]
  readonly reached: readonly number[]
  /** Numbers of the requests they have made. */
  readonly requests: readonly number[]
  /** `undefined`: has never written. */
  readonly lastHeardAt: Date | undefined
}

export function inAudience(someone: Someone, audience: Audience, now: Date): boolean {
  return (
    audience.groups.some((facets) => fits(someone, withRole(facets), now)) &&
    !audience.except.some((facets) => !isEmpty(facets) && fits(someone, facets, now))
  )
}

/** Colleagues are meant only where a role says so, or where they were reached before: a notice is for residents. */
export const withRole = (facets: Facets): Facets =>
  facets.roles || facets.reached || facets.signedUp ? facets : { ...facets, roles: ['resident'] }

/** An exception that names nothing would leave nobody. */
export const isEmpty = (facets: Facets): boolean => Object.values(facets).every((value) => value === undefined)

function fits(someone: Someone, facets: Facets, now: Date): boolean {
  const any = <T>(wanted: readonly T[] | undefined, has: readonly T[]) =>
    wanted === undefined || wanted.some((value) => has.includes(value))
  const one = <T>(wanted: readonly T[] | undefined, has: T | undefined) =>
    wanted === undefined || (has !== undefined && wanted.includes(has))
  return (
    one(facets.communities, someone.communityId) &&
    one(facets.streets, someone.street) &&
    any<string>(facets.programmes, someone.programmes) &&
    any<string>(facets.needs, someone.needs) &&
    any(facets.languages, someone.languages) &&
    one(facets.roles, someone.role) &&
    any(facets.signedUp, someone.signedUp) &&
    any(facets.reached, someone.reached) &&
    any(facets.listed, someone.requests) &&
    (facets.silentDays === undefined || silentFor(someone, facets.silentDays, now))
  )
}

const silentFor = ({ lastHeardAt }: Someone, days: number, now: Date): boolean =>
  lastHeardAt === undefined || lastHeardAt.getTime() < now.getTime() - days * 86_400_000

/** Why somebody of the audience is not written to. `blocked` and `gone` are what the channel said when it was tried. */
export const skipReasons = [
  'opted_out',
  'no_address',
  'blocked',
  'gone',
  'no_window',
  'channel_off',
  'expired',
  'stopped',
  'withdrawn',
  /** Somebody of the same phone is written to there: the phone hears it once, and says it to all who share it. */
  'same_phone',
] as const
export type SkipReason = (typeof skipReasons)[number]
