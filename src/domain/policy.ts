import { type DutyScope, reaches } from './duty.ts'
import type { Need, Programme, Urgency } from './taxonomy.ts'

/**
 * THE CONTRACT of dispatch, and its default body: who is offered a request, in what order, and why. Pure: everything it
 * needs is in its arguments, and every candidate carries the reasons in words.
 */
export type DispatchPolicy = (
  request: Plea,
  contracts: readonly ActiveContract[],
  staff: readonly Available[],
  history: readonly PastOffer[],
) => readonly Candidate[]

export interface Plea {
  readonly urgency: Urgency
  readonly programmes: readonly Programme[]
  readonly needs: readonly Need[]
  readonly communityId: number | null
  /** The staff member who is handing it on, if any: never offered back. */
  readonly givenUpBy: number | null
  /** 转介: only people of this agency are asked. */
  readonly referredToId: number | null
  /** What the resident asks of who comes: a woman, Minnan, sign language. */
  readonly wants: readonly Wish[]
  /** 主责社工: who has served this household before, most recent first. */
  readonly knownBy: readonly number[]
  /** Contracts under which this household is already counted: a used-up quota is no reason to stop. */
  readonly servedUnder: readonly number[]
}

export const wishes = ['woman', 'minnan', 'sign_language'] as const
export type Wish = (typeof wishes)[number]

/** A contract in force today. */
export interface ActiveContract {
  readonly contractId: number
  readonly agencyId: number
  readonly agency: string
  readonly programme: Programme
  readonly programmeName: string
  readonly communityIds: readonly number[]
  /** 名额已满: the number of people or households it pays for has been reached. */
  readonly usedUp: boolean
}

/** A staff member on duty now who can be reached in chat. */
export interface Available {
  readonly staffId: number
  readonly role: StaffRole
  readonly agencyId: number | null
  readonly skills: readonly string[]
  readonly tier: 'primary' | 'backup'
  readonly because: string
  readonly scopes: readonly DutyScope[]
  /** Open requests this person carries and offers still open to them, and the most they can carry. */
  readonly load: number
  readonly loadLimit: number
  readonly lastOfferedAt: Date | null
}

export const staffRoles = [
  'social_worker',
  'nurse',
  'counsellor',
  'volunteer',
  'lead',
  'street',
  'coordinator',
] as const
export type StaffRole = (typeof staffRoles)[number]

export interface PastOffer {
  readonly staffId: number
  readonly status: 'open' | 'accepted' | 'declined' | 'expired' | 'withdrawn' | 'ended'
}

export interface Candidate {
  readonly staffId: number
  readonly contractId: number | null
  readonly reasons: readonly string[]
}

/** The roles that take a request by the queue; leads, street and coordinators are reached by the ladder. */
export const frontline: readonly StaffRole[] = ['social_worker', 'nurse', 'counsellor']

/** Which skill makes a person fitter for which need. */
export const skillFor: Partial<Record<Need, string>> = {
  nursing: 'nursing',
  counselling: 'counselling',
  rehab_assistive: 'nursing',
}
const wishNames: Record<Wish, string> = { woman: '居民想要女的工作人员', minnan: '会讲闽南话', sign_language: '会手语' }

/** P0 and P1 are never refused for quota, contract or place. */
const neverRefused = (urgency: Urgency) => urgency === 'crisis' || urgency === 'urgent'

/**
 * Contract for programme and community → who knows the household → what the resident asked for → skill → first duty before
 * backup → social worker before other staff → who was asked longest ago. Nobody is asked twice, nor over their limit. A
 * crisis knows no contract, programme or load: the first on duty and the first who is trained for it are told at once.
 */
export const fairTurn: DispatchPolicy = (request, contracts, staff, history) => {
  const crisis = request.urgency === 'crisis'
  const asked = new Set(history.filter((o) => o.status !== 'ended' && o.status !== 'withdrawn').map((o) => o.staffId))
  const ranked = staff
    .filter((person) => !asked.has(person.staffId) && person.staffId !== request.givenUpBy)
    .flatMap((person) => rankOf(request, contracts, person))
    .sort((a, b) => compare(a.rank, b.rank))
  const ordered = ranked.map((r) => r.candidate)
  const [first, ...rest] = ranked
  const trained = rest.find((r) => r.trained)
  if (!crisis || !first || first.trained || !trained) return ordered
  return [first.candidate, trained.candidate, ...rest.filter((r) => r !== trained).map((r) => r.candidate)]
}

/** The contract under which this person's agency may take the request; programmes in the order they were suggested. */
export function contractFor(
  request: Pick<Plea, 'programmes' | 'communityId' | 'urgency' | 'servedUnder'>,
  contracts: readonly ActiveContract[],
  person: { readonly agencyId: number | null },
): ActiveContract | undefined {
  const theirs = contracts.filter((c) => c.agencyId === person.agencyId && isOpenTo(c, request))
  for (const programme of request.programmes) {
    const found = theirs.find((c) => c.programme === programme && isThere(c, request.communityId))
    if (found) return found
  }
  return undefined
}

/** Why nobody may be offered it under a contract. */
export type Unplaced = 'no_contract' | 'quota_used'

/** Why no contract can carry it, for the coordinator and an honest word to the resident; undefined when one can. */
export function unplaced(request: Plea, contracts: readonly ActiveContract[]): Unplaced | undefined {
  if (neverRefused(request.urgency) || request.referredToId !== null) return undefined
  const fitting = contracts.filter((c) => fits(c, request))
  if (fitting.length === 0) return 'no_contract'
  return fitting.some((c) => isOpenTo(c, request)) ? undefined : 'quota_used'
}

// --- internal

interface Ranked {
  readonly candidate: Candidate
  readonly rank: readonly number[]
  /** Trained for a crisis. */
  readonly trained: boolean
}

function rankOf(request: Plea, contracts: readonly ActiveContract[], person: Available): Ranked[] {
  const crisis = request.urgency === 'crisis'
  if (!frontline.includes(person.role)) return []
  if (request.referredToId !== null && person.agencyId !== request.referredToId) return []
  if (person.load >= person.loadLimit && !crisis) return []
  const contract = contractFor(request, contracts, person)
  if (!contract && needsContract(request, contracts)) return []
  if (contract && !crisis && !reaches(person, contract.programme, request.communityId)) return []

  const knows = request.knownBy.includes(person.staffId)
  const granted = request.wants.filter((wish) => person.skills.includes(wish))
  const trained = person.skills.includes('crisis')
  const skilled = skills(request).some((skill) => person.skills.includes(skill))
  const reasons = [
    contract ? `${contract.agency}承接${contract.programmeName}` : withoutContract(request),
    ...(knows ? ['以前服务过这一户'] : []),
    ...granted.map((wish) => wishNames[wish]),
    person.because,
    ...(crisis && trained ? ['受过危机介入训练'] : !crisis && skilled ? ['有对应的专业'] : []),
    `手上有${person.load}件`,
  ]
  const first = person.tier === 'primary' ? 0 : 1
  const rank = [
    contract ? 0 : 1,
    // In a crisis whoever is on duty first answers fastest; otherwise the one who fits best.
    ...(crisis ? [first, trained ? 0 : 1] : []),
    knows ? request.knownBy.indexOf(person.staffId) - request.knownBy.length : 0,
    request.wants.length - granted.length,
    skilled ? 0 : 1,
    first,
    person.role === 'social_worker' ? 0 : 1,
    person.lastOfferedAt?.getTime() ?? 0,
    person.load,
    person.staffId,
  ]
  return [{ candidate: { staffId: person.staffId, contractId: contract?.contractId ?? null, reasons }, rank, trained }]
}

/** P1 keeps to the agencies that were contracted for it while there are any; without one anybody on duty is asked. */
function needsContract(request: Plea, contracts: readonly ActiveContract[]): boolean {
  if (request.urgency === 'crisis' || request.referredToId !== null) return false
  return request.urgency !== 'urgent' || contracts.some((c) => fits(c, request))
}

const fits = (contract: ActiveContract, request: Plea) =>
  request.programmes.includes(contract.programme) && isThere(contract, request.communityId)

const skills = (request: Plea): string[] => request.needs.flatMap((need) => skillFor[need] ?? [])

const isThere = (contract: ActiveContract, communityId: number | null) =>
  communityId === null || contract.communityIds.includes(communityId)

const isOpenTo = (contract: ActiveContract, request: Pick<Plea, 'urgency' | 'servedUnder'>) =>
  !contract.usedUp || neverRefused(request.urgency) || request.servedUnder.includes(contract.contractId)

function withoutContract({ urgency, referredToId }: Plea): string {
  if (referredToId !== null) return '别的机构转介过来'
  return urgency === 'crisis' ? '紧急情况,不限项目和机构' : '较急,不因项目和名额推掉'
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? 0
    if (value !== other) return value - other
  }
  return 0
}
