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
}

/** A contract in force today. */
export interface ActiveContract {
  readonly contractId: number
  readonly agencyId: number
  readonly agency: string
  readonly programme: Programme
  readonly programmeName: string
  readonly communityIds: readonly number[]
}

/** A staff member on duty now who can be reached in chat. */
export interface Available {
  readonly staffId: number
  readonly role: StaffRole
  readonly agencyId: number | null
  readonly skills: readonly string[]
  readonly tier: 'primary' | 'backup'
  readonly because: string
  /** Open requests this person carries, and the most they can. */
  readonly load: number
  readonly loadLimit: number
  readonly lastOfferedAt: Date | null
}

export const staffRoles = ['social_worker', 'nurse', 'counsellor', 'lead', 'street', 'coordinator'] as const
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
const frontline: readonly StaffRole[] = ['social_worker', 'nurse', 'counsellor']

/** Which skill makes a person fitter for which need. */
const skillFor: Partial<Record<Need, string>> = {
  nursing: 'nursing',
  counselling: 'counselling',
  rehab_assistive: 'nursing',
}

/**
 * Contract for programme and community → not asked before → under the load limit → on first duty before backup → skill →
 * social worker before other staff → who was asked longest ago. A crisis knows no contract, programme or load: anyone
 * trained for it first, then anyone on duty.
 */
export const fairTurn: DispatchPolicy = (request, contracts, staff, history) => {
  const asked = new Set(history.filter((o) => o.status !== 'ended' && o.status !== 'withdrawn').map((o) => o.staffId))
  const wanted = new Set(request.needs.map((need) => skillFor[need]).filter((skill) => skill !== undefined))
  const crisis = request.urgency === 'crisis'

  const ranked = staff.flatMap((person) => {
    if (!frontline.includes(person.role) || asked.has(person.staffId) || person.staffId === request.givenUpBy) return []
    const contract = contractFor(request, contracts, person)
    if (!contract && !crisis) return []
    if (person.load >= person.loadLimit && !crisis) return []
    const skilled = crisis ? person.skills.includes('crisis') : person.skills.some((skill) => wanted.has(skill))
    const reasons = [
      contract ? `${contract.agency}承接${contract.programmeName}` : '紧急情况,不限项目和机构',
      person.because,
      ...(skilled ? [crisis ? '受过危机介入训练' : '有对应的专业'] : []),
      `手上有${person.load}件`,
    ]
    const rank = [
      crisis && contract ? 0 : crisis ? 1 : 0,
      person.tier === 'primary' ? 0 : 1,
      skilled ? 0 : 1,
      person.role === 'social_worker' ? 0 : 1,
      person.lastOfferedAt?.getTime() ?? 0,
      person.load,
      person.staffId,
    ]
    return [
      { candidate: { staffId: person.staffId, contractId: contract?.contractId ?? null, reasons }, rank, skilled },
    ]
  })
  ranked.sort((a, b) => compare(a.rank, b.rank))
  const ordered = ranked.map((r) => r.candidate)
  if (!crisis || ordered.length < 2) return ordered
  // Two people are told at once: the first on duty, and the first who is trained for a crisis if that is another.
  const [first, ...rest] = ranked
  const trained = rest.find((r) => r.skilled)
  if (!first || first.skilled || !trained) return ordered
  return [first.candidate, trained.candidate, ...rest.filter((r) => r !== trained).map((r) => r.candidate)]
}

/** The contract under which this person's agency may take the request; programmes in the order they were suggested. */
export function contractFor(
  request: Plea,
  contracts: readonly ActiveContract[],
  person: { readonly agencyId: number | null },
): ActiveContract | undefined {
  for (const programme of request.programmes) {
    const found = contracts.find(
      (c) =>
        c.agencyId === person.agencyId &&
        c.programme === programme &&
        (request.communityId === null || c.communityIds.includes(request.communityId)),
    )
    if (found) return found
  }
  return undefined
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? 0
    if (value !== other) return value - other
  }
  return 0
}
