import type { GazetteerEntry } from '../classify/classifier.ts'
import { localDate } from '../domain/calendar.ts'
import { onDuty } from '../domain/duty.ts'
import { staffRoles } from '../domain/policy.ts'
import type { Context } from '../requests/apply.ts'
import { contractRows } from '../store/contracts.ts'
import { agreement, nextToReview } from '../store/corrections.ts'
import type { Tx } from '../store/db.ts'
import type { Who } from '../store/messages.ts'
import { liveLines, type NeedLineRow } from '../store/needs.ts'
import { openOffers } from '../store/offers.ts'
import { openMenus } from '../store/outbox.ts'
import { agencyRates } from '../store/outcomes.ts'
import { countWrongCodes, inviteCode, usableInvite } from '../store/people.ts'
import { askedReferrals, type ReferralRow } from '../store/referrals.ts'
import {
  allOpenRequests,
  openRequestsOf,
  type RequestRow,
  requestByCode,
  requestsNamed,
  requestsOfStaff,
} from '../store/requests.ts'
import { liveSwaps, rotaFrom } from '../store/rota.ts'
import type { Seal } from '../store/secrets.ts'
import { coordinatorOnDuty, type StaffRow, staffDirectory } from '../store/staff.ts'
import type { Heard } from './hearing.ts'
import { asksForLedger } from './ledger-talk.ts'
import { namedIn } from './load-named.ts'
import { noticeInView } from './load-notice.ts'
import type { NoticeFacts } from './notice-facts.ts'
import { resolve } from './resolve.ts'
import { asksForRates, ratesDays } from './results.ts'
import { agreementDays, asksForAgreement, asksForReview } from './review.ts'
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
}

interface Loaded {
  readonly view: View
  /** What was heard, now that menus and replies can be looked up; `undefined`: nothing to answer. */
  readonly event: Event | Ambiguous | undefined
}

/** Wrong tries at number and code that one person has an hour. */
const triesAnHour = 5

/** Everything a turn may look at, read under the lock of the conversation. */
export async function loadView(loading: Loading): Promise<Loaded> {
  const { tx, seal, personId, people, heard } = loading
  const isKnownStaff = people.directory.some((s) => s.personId === personId)
  // Asked together, answered in one round trip: nearly everybody who is not in the directory is a resident.
  const [who, menus, facts] = await Promise.all([
    loading.who,
    heard.kind === 'chose' || heard.kind === 'said' ? openMenus(tx, personId) : [],
    isKnownStaff ? undefined : residentFacts(tx, seal, personId),
  ])
  const meant = await resolve(loading, menus, who.staffId !== null)
  // While it is asked which of two things was meant, nothing else is looked up.
  const event = meant?.kind === 'either' ? undefined : meant
  const view =
    who.staffId === null
      ? await residentView(loading, who, facts ?? (await residentFacts(tx, seal, personId)), event)
      : await staffView(loading, await colleague(loading, who.staffId), event)
  return { view, event: meant }
}

interface ResidentFacts {
  readonly requests: readonly RequestRow[]
  readonly referrals: readonly ReferralRow[]
}

async function residentFacts(tx: Tx, seal: Seal, personId: number): Promise<ResidentFacts> {
  const [requests, referrals] = await Promise.all([openRequestsOf(tx, seal, personId), askedReferrals(tx, personId)])
  return { requests, referrals }
}

// --- views

async function residentView(
  loading: Loading,
  who: Who,
  { requests, referrals }: ResidentFacts,
  event: Event | undefined,
): Promise<ResidentView> {
  const { personId, calendar, now, heard, people } = loading
  const text = event?.kind === 'said' ? event.text : ''
  return {
    role: 'resident',
    now,
    calendar,
    personId,
    notices: loading.notices,
    notice: await noticeInView(loading, event),
    textOnly: who.textOnly,
    consented: who.consented,
    requests,
    communities: communityNames(loading),
    coordinator: coordinatorOnDuty(people, calendar, now),
    leads: people.directory.filter((s) => s.role === 'lead'),
    lookup: await lookUp(loading, text),
    heldSuggestion: heard.kind === 'said' || heard.kind === 'chose' ? heard.held : undefined,
    invite: await invited(loading, text),
    referrals: referrals.map((referral) => ({
      ...referral,
      agency: people.contracts.find((c) => c.agencyId === referral.toAgencyId)?.agency ?? '',
    })),
  }
}

/** 查 <编号> <查询码>: the state of a request, from any device. */
async function lookUp({ tx, seal, personId, now }: Loading, text: string): Promise<ResidentView['lookup']> {
  const asked = /^\s*查(?:进度|询)?\s*(\d{4,6})[\s,,]+(\d{6})\s*$/u.exec(text.normalize('NFKC'))
  if (!asked) return undefined
  const since = new Date(now.getTime() - 3_600_000)
  if ((await countWrongCodes(tx, personId, since)) >= triesAnHour) return 'too_many'
  return (await requestByCode(tx, seal, Number(asked[1]), asked[2] ?? '')) ?? 'wrong'
}

async function invited({ tx, now }: Loading, text: string): Promise<ResidentView['invite']> {
  const named = /^\s*加入[\s::]*([A-Za-z0-9]{6,16})\s*$/u.exec(text.normalize('NFKC'))
  if (!named?.[1]) return undefined
  const found = await usableInvite(tx, named[1], now)
  const role = staffRoles.find((r) => r === found?.staff.role)
  return found && role ? { id: found.id, staffId: found.staff.id, name: found.staff.name, role } : undefined
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
        open: [],
        ledger: undefined,
        rates: undefined,
      }
    : { ...view, accessEnded: false }
}

const talkOf = ({ role }: StaffRow): StaffView['role'] =>
  role === 'volunteer' ? 'volunteer' : role === 'coordinator' || role === 'lead' ? 'coordinator' : 'worker'

/** Needs in this person's hands, and those of the requests spoken of; of their own request when none is named. */
async function linesAround(
  { tx, seal }: Loading,
  staff: StaffRow,
  held: readonly NeedLineRow[],
  around: readonly { readonly id: number }[],
): Promise<readonly NeedLineRow[]> {
  if (staff.role === 'volunteer') return held
  return liveLines(tx, seal, { staffId: staff.id, requestIds: around.map(({ id }) => id) })
}

async function ledgerNow({ tx, now, calendar }: Loading): Promise<StaffView['ledger']> {
  const today = localDate(now, calendar.zone)
  return { today, contracts: await contractRows(tx, today, calendar.zone) }
}

async function agreements({ tx, now }: Loading): Promise<StaffView['agreement']> {
  const since = new Date(now.getTime() - agreementDays * 86_400_000)
  return { honest: await agreement(tx, since, true), all: await agreement(tx, since, false) }
}

const communityNames = ({ gazetteer }: Loading): ReadonlyMap<number, string> =>
  new Map(gazetteer.map((entry) => [entry.communityId, entry.community]))
