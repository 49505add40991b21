import type { Rota } from './duty.ts'
import type { ActiveContract } from './policy.ts'
import type { Programme, Urgency } from './taxonomy.ts'

/**
 * 值班簿: the rota and the contracts laid open at the right page. A decision looks at the agencies that may serve one plea,
 * however many the district has: ten or a thousand contracts, the page is as long.
 */
export interface DutyBook<Colleague> {
  readonly contracts: readonly ActiveContract[]
  readonly byPlace: ReadonlyMap<string, readonly ActiveContract[]>
  readonly inCommunity: ReadonlyMap<number, ReadonlySet<number>>
  readonly pages: ReadonlyMap<number, AgencyPage<Colleague>>
}

/** Everything about duty of one agency; swaps stay within an agency, because a contract binds its agency. */
export interface AgencyPage<Colleague> extends Rota {
  readonly colleagues: readonly Colleague[]
}

export interface BookFacts<Colleague> extends Rota {
  readonly directory: readonly Colleague[]
  readonly contracts: readonly ActiveContract[]
}

export function dutyBook<C extends { readonly id: number; readonly agencyId: number | null }>(
  facts: BookFacts<C>,
): DutyBook<C> {
  const agencyOf = new Map(facts.directory.map((c) => [c.id, c.agencyId]))
  const contracted = new Set(facts.contracts.map((c) => c.agencyId))
  const blank = () => ({ colleagues: [], shifts: [], exceptions: [], swaps: [] })
  // An agency whose last contract has ended has no page: it is asked for nothing, not even in a crisis.
  const pages = new Map([...contracted].map((id) => [id, blank() as Writable<AgencyPage<C>>]))
  const page = (agencyId: number | null | undefined) => (agencyId == null ? undefined : pages.get(agencyId))
  for (const colleague of facts.directory) page(colleague.agencyId)?.colleagues.push(colleague)
  for (const shift of facts.shifts) page(agencyOf.get(shift.staffId))?.shifts.push(shift)
  for (const exception of facts.exceptions) page(agencyOf.get(exception.staffId))?.exceptions.push(exception)
  for (const swap of facts.swaps) page(agencyOf.get(swap.fromStaffId))?.swaps.push(swap)

  const byPlace = new Map<string, ActiveContract[]>()
  const inCommunity = new Map<number, Set<number>>()
  for (const contract of facts.contracts) {
    put(byPlace, place(contract.programme, null), contract)
    for (const communityId of contract.communityIds) {
      put(byPlace, place(contract.programme, communityId), contract)
      inCommunity.set(communityId, (inCommunity.get(communityId) ?? new Set()).add(contract.agencyId))
    }
  }
  return { contracts: facts.contracts, byPlace, inCommunity, pages }
}

/** The part of the book that one plea needs. */
export interface OpenPages<Colleague> extends Rota {
  readonly contracts: readonly ActiveContract[]
  readonly colleagues: readonly Colleague[]
}

export interface Where {
  readonly urgency: Urgency
  readonly programmes: readonly Programme[]
  readonly communityId: number | null
  readonly referredToId: number | null
}

/**
 * Contracts for its programmes at its place, and the agencies that hold them. A crisis opens the pages of everybody who
 * works in that community; a plea without a contract for it (P1) or a community, and a crisis that found nobody near
 * (`everywhere`), the whole book.
 */
export function pagesFor<C>(book: DutyBook<C>, plea: Where, everywhere = false): OpenPages<C> {
  const contracts = plea.programmes.flatMap((p) => book.byPlace.get(place(p, plea.communityId)) ?? [])
  const agencies = everywhere ? [...book.pages.keys()] : agenciesFor(book, plea, contracts)
  const pages = [...new Set(agencies)].flatMap((id) => book.pages.get(id) ?? [])
  return {
    contracts: plea.referredToId === null ? contracts : book.contracts.filter((c) => c.agencyId === plea.referredToId),
    colleagues: pages.flatMap((page) => page.colleagues),
    shifts: pages.flatMap((page) => page.shifts),
    exceptions: pages.flatMap((page) => page.exceptions),
    swaps: pages.flatMap((page) => page.swaps),
  }
}

// --- internal

function agenciesFor<C>(book: DutyBook<C>, plea: Where, contracts: readonly ActiveContract[]): Iterable<number> {
  if (plea.referredToId !== null) return [plea.referredToId]
  const theirs = contracts.map((c) => c.agencyId)
  if (plea.urgency === 'crisis') {
    const near = plea.communityId === null ? undefined : book.inCommunity.get(plea.communityId)
    return near ? [...theirs, ...near] : book.pages.keys()
  }
  return plea.urgency === 'urgent' && theirs.length === 0 ? book.pages.keys() : theirs
}

const place = (programme: Programme, communityId: number | null) => `${programme}@${communityId ?? '*'}`

function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const known = map.get(key)
  if (known) known.push(value)
  else map.set(key, [value])
}

type Writable<P> = { -readonly [K in keyof P]: P[K] extends readonly (infer V)[] ? V[] : P[K] }
