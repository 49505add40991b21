import type { GazetteerEntry } from '../classify/classifier.ts'
import { onDuty } from '../domain/duty.ts'
import type { Preferences } from '../domain/preferences.ts'
import type { NoticeFacts } from '../notices/facts.ts'
import { readOutbound } from '../outbox/outbound.ts'
import type { Context } from '../requests/apply.ts'
import { blockOf } from '../store/blocks.ts'
import { asCarried, carriedBy, openRequestsOf } from '../store/carried.ts'
import { nextToReview } from '../store/corrections.ts'
import type { Who } from '../store/messages.ts'
import { lastToSpeak, liveLines } from '../store/needs.ts'
import { openOffers } from '../store/offers.ts'
import { lastOutbound, openMenus } from '../store/outbox.ts'
import { agencyRates } from '../store/outcomes.ts'
import { inviteCode } from '../store/people.ts'
import { preferencesOf } from '../store/preferences.ts'
import { askedReferrals, type ReferralRow } from '../store/referrals.ts'
import { allOpenRequests, type RequestRow, requestsNamed, requestsOfStaff } from '../store/requests.ts'
import { liveSwaps, rotaFrom } from '../store/rota.ts'
import { coordinatorOnDuty, type StaffRow, staffDirectory } from '../store/staff.ts'
import type { Heard } from './hearing.ts'
import { asksForLedger } from './ledger-talk.ts'
import { invited, lookUp } from './load-codes.ts'
import { agreements, ledgerNow } from './load-figures.ts'
import { linesAround } from './load-lines.ts'
import { namedIn } from './load-named.ts'
import { noticeInView } from './load-notice.ts'
import { loadSpeakers } from './load-speakers.ts'
import { preferencesSaid } from './resident-prefer.ts'
import { resolve } from './resolve.ts'
import { asksForRates, ratesDays } from './results.ts'
import { asksForAgreement, asksForReview } from './review.ts'
import { asksForRota } from './rota-talk.ts'
import type { Ambiguous, Event } from './turned.ts'
import type { ResidentView, StaffView, View } from './view.ts'

interface Loading extends Context {
  readonly personId: number
  readonly addressId: number
  readonly heard: Heard
  readonly gazetteer: readonly GazetteerEntry[]
  readonly followUpMinutes: number
  readonly notices: NoticeFacts
  /** Comes with the lock of the conversation. */
  readonly who: Promise<Who>
  readonly transcribes: boolean
}

interface Loaded {
  readonly view: View
  /** What was heard, now that menus and replies can be looked up; `undefined`: nothing to answer. */
  readonly event: Event | Ambiguous | undefined
}

/** Everything a turn may look at, read under the lock of the conversation. */
export async function loadView(loading: Loading): Promise<Loaded> {
  const { tx, personId, people, heard } = loading
  const isKnownStaff = people.directory.some((s) => s.personId === personId)
  // Asked together, answered in one round trip: nearly everybody who is not in the directory is a resident.
  const [who, preferences, menus, facts] = await Promise.all([
    loading.who,
    preferencesOf(tx, personId),
    heard.kind === 'chose' || heard.kind === 'said' ? openMenus(tx, personId) : [],
    isKnownStaff ? undefined : residentFacts(loading),
  ])
  const meant = await resolve(loading, menus, who.staffId !== null, preferences)
  // While it is asked which of two things was meant, nothing else is looked up.
  const event = meant?.kind === 'either' ? undefined : meant
  const view =
    who.staffId === null
      ? await residentView(loading, { ...who, preferences }, facts ?? (await residentFacts(loading)), event)
      : await staffView(loading, await colleague(loading, who.staffId), event)
  return { view, event: meant }
}

interface ResidentFacts {
  readonly requests: readonly RequestRow[]
  readonly referrals: readonly ReferralRow[]
  readonly block: ResidentView['block']
}

async function residentFacts({ tx, seal, personId, now }: Loading): Promise<ResidentFacts> {
  const [requests, referrals, block] = await Promise.all([
    openRequestsOf(tx, seal, personId),
    askedReferrals(tx, personId),
    blockOf(tx, personId, now),
  ])
  return { requests, referrals, block }
}

// --- views

async function residentView(
  loading: Loading,
  who: Pick<Who, 'consented'> & { readonly preferences: Preferences },
  { requests, referrals, block }: ResidentFacts,
  event: Event | undefined,
): Promise<ResidentView> {
  const { tx, personId, calendar, now, heard, people } = loading
  const text = event?.kind === 'said' ? event.text : ''
  return {
    role: 'resident',
    now,
    calendar,
    personId,
    notices: loading.notices,
    notice: await noticeInView(loading, event),
    preferences: who.preferences,
    consented: who.consented,
    requests: [...requests, ...(await askedThoughOver(loading, requests, event))],
    communities: communityNames(loading),
    coordinator: coordinatorOnDuty(people, calendar, now),
    leads: people.directory.filter((s) => s.role === 'lead'),
    lookup: await lookUp(loading, text),
    heldSuggestion: heard.kind === 'said' || heard.kind === 'chose' ? heard.held : undefined,
    spokenSuggestion: heard.kind === 'said' || heard.kind === 'chose' ? heard.spoken : undefined,
    spoke: await answered(loading, requests),
    transcribes: loading.transcribes,
    invite: await invited(loading, text),
    speakers: await loadSpeakers(tx, event, loading),
    block,
    lastSaid: preferencesSaid(text) ? await lastSaidTo(loading) : undefined,
    referrals: referrals.map((referral) => ({
      ...referral,
      agency: people.contracts.find((c) => c.agencyId === referral.toAgencyId)?.agency ?? '',
    })),
  }
}

/** 合并: asked whether it is solved, and the other resident has answered first: the answer still counts. */
async function askedThoughOver(
  { tx, seal, personId }: Loading,
  requests: readonly RequestRow[],
  event: Event | undefined,
): Promise<RequestRow[]> {
  const id = event?.kind === 'chose' ? Number(/^q:solved:\w+:(\d+)$/.exec(event.token)?.[1] ?? 0) : 0
  if (id === 0 || requests.some((r) => r.id === id)) return []
  const found = await asCarried(tx, seal, await requestsNamed(tx, seal, { ids: [id] }))
  return found.filter((r) => r.requesterId === personId && r.mergedIntoId !== null)
}

/** Whose words the resident answers; asked only where a worker has a request of theirs. */
async function answered(
  { tx, personId, addressId, heard }: Loading,
  requests: readonly RequestRow[],
): Promise<ResidentView['spoke']> {
  const taken = requests.filter((r) => r.assignee !== null).map((r) => r.id)
  if (taken.length === 0) return []
  const externalId = heard.kind === 'said' || heard.kind === 'sent' ? heard.replyTo : undefined
  return lastToSpeak(tx, personId, taken, { addressId, externalId })
}

async function lastSaidTo({ tx, seal, personId }: Loading): Promise<ResidentView['lastSaid']> {
  const row = await lastOutbound(tx, personId)
  if (!row) return undefined
  const { text, choices = [] } = readOutbound(seal.open(row.bodySealed))
  return { text, choices: row.choicesOpen ? choices : [], requestId: row.requestId }
}

/** A colleague who joined a moment ago is not in the copy of the directory yet. */
async function colleague({ tx, people }: Loading, staffId: number): Promise<StaffRow> {
  const known =
    people.directory.find((s) => s.id === staffId) ?? (await staffDirectory(tx)).find((s) => s.id === staffId)
  if (!known) throw new Error(`there is no active colleague ${staffId}`)
  return known
}

async function staffView(loading: Loading, staff: StaffRow, event: Event | undefined): Promise<StaffView> {
  const { tx, seal, calendar, now } = loading
  const sees = staff.role === 'coordinator' ? 'all' : staff.role === 'lead' ? 'agency' : 'own'
  const offers = await openOffers(tx, { staffId: staff.id })
  const held = await liveLines(tx, seal, { staffId: staff.id, requestIds: [] })
  const helped = held.filter((line) => line.status === 'taken').map((line) => line.requestId)
  const mine = await requestsOfStaff(tx, seal, staff.id)
  const offered = await requestsNamed(tx, seal, { ids: offers.map((o) => o.requestId) })
  const { directory } = loading.people
  const named = await namedIn(loading, staff, event, { offered: offers.map((o) => o.requestId), helped })
  const rota = asksForRota(event) ? await rotaFrom(tx, now) : loading.people
  const open = sees === 'own' ? [] : await allOpenRequests(tx, seal)
  const agencyOf = (id: number) => directory.find((s) => s.id === id)?.agencyId
  const view: Omit<StaffView, 'accessEnded'> = {
    role: talkOf(staff),
    now,
    calendar,
    personId: loading.personId,
    notices: loading.notices,
    staff,
    offers: offers.flatMap((offer) => {
      const request = offered.find((r) => r.id === offer.requestId)
      return request ? [{ offer, request }] : []
    }),
    mine,
    named,
    lines: await linesAround(loading, staff, held, [...mine, ...named.map((n) => n.request)]),
    carried: await carriedBy(
      tx,
      seal,
      [...mine, ...named.map((n) => n.request)].map((r) => r.id),
    ),
    helping: await requestsNamed(tx, seal, { ids: helped }),
    directory,
    open: sees === 'agency' ? open.filter((r) => agencyOf(r.ownerId) === staff.agencyId) : open,
    onDutyNow: onDuty(rota, calendar, now),
    rota,
    followUpMinutes: loading.followUpMinutes,
    contracts: loading.people.contracts,
    swaps: event?.kind === 'chose' && event.token.startsWith('s:') ? await liveSwaps(tx, now) : [],
    freshCode: inviteCode(),
    review: asksForReview(event) ? await nextToReview(tx, seal, now) : undefined,
    agreement: asksForAgreement(event) ? await agreements(loading) : undefined,
    communities: communityNames(loading),
    ledger: asksForLedger(event) ? await ledgerNow(loading) : undefined,
    rates: asksForRates(event)
      ? await agencyRates(tx, new Date(now.getTime() - ratesDays * 86_400_000), calendar)
      : undefined,
  }
  const ended = staff.agencyId !== null && !loading.people.contracts.some((c) => c.agencyId === staff.agencyId)
  return ended
    ? {
        ...view,
        accessEnded: true,
        offers: [],
        mine: [],
        named: [],
        lines: [],
        helping: [],
        carried: [],
        open: [],
        ledger: undefined,
        rates: undefined,
      }
    : { ...view, accessEnded: false }
}

const talkOf = ({ role }: StaffRow): StaffView['role'] =>
  role === 'volunteer' ? 'volunteer' : role === 'coordinator' || role === 'lead' ? 'coordinator' : 'worker'

const communityNames = ({ gazetteer }: Loading): ReadonlyMap<number, string> =>
  new Map(gazetteer.map((entry) => [entry.communityId, entry.community]))
