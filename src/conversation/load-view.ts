import { randomInt } from 'node:crypto'
import type { GazetteerEntry } from '../classify/classifier.ts'
import { matchChoice } from '../domain/choice-words.ts'
import { onDuty } from '../domain/duty.ts'
import { staffRoles } from '../domain/policy.ts'
import { readOutbound } from '../outbox/outbound.ts'
import type { Context } from '../requests/apply.ts'
import { agreement, nextToReview } from '../store/corrections.ts'
import type { Tx } from '../store/db.ts'
import { openOffers } from '../store/offers.ts'
import { closeMenus, openMenus, requestOfMessage } from '../store/outbox.ts'
import { countWrongCodes, notesOf, usableInvite } from '../store/people.ts'
import {
  allOpenRequests,
  history,
  openRequestsOf,
  type RequestRow,
  requestByCode,
  requestsNamed,
  requestsOfStaff,
} from '../store/requests.ts'
import { coordinatorOnDuty, type StaffRow, staffDirectory, whoIs } from '../store/staff.ts'
import type { Heard } from './hearing.ts'
import { agreementDays, asksForAgreement, asksForReview } from './review.ts'
import type { Event } from './turned.ts'
import type { NamedRequest, ResidentView, StaffView, View } from './view.ts'

interface Loading extends Context {
  readonly personId: number
  readonly addressId: number
  readonly heard: Heard
  readonly gazetteer: readonly GazetteerEntry[]
}

interface Loaded {
  readonly view: View
  /** What was heard, now that menus and replies can be looked up; `undefined`: nothing to answer. */
  resolve(tx: Tx): Promise<Event | undefined>
}

/** Wrong tries at number and code that one person has an hour. */
const triesAnHour = 5

/** Everything a turn may look at, read under the lock of the conversation. */
export async function loadView(loading: Loading): Promise<Loaded> {
  const who = await whoIs(loading.tx, loading.personId)
  const event = await resolve(loading, who.staffId !== null)
  const view =
    who.staffId === null
      ? await residentView(loading, who, event)
      : await staffView(loading, await colleague(loading, who.staffId), event)
  return { view, resolve: async () => event }
}

// --- what it refers to

async function resolve(loading: Loading, isStaff: boolean): Promise<Event | undefined> {
  const { tx, heard, addressId } = loading
  const about = async (replyTo: string | undefined) =>
    replyTo === undefined ? undefined : await requestOfMessage(tx, addressId, replyTo)
  switch (heard.kind) {
    case 'nothing':
      return undefined
    case 'started':
    case 'showed':
      return heard
    case 'crisis':
      return {
        kind: 'crisis',
        text: heard.text,
        requestId: heard.requestId,
        crisis: { kind: heard.crisisKind, tier: 'explicit', because: '' },
      }
    case 'chose': {
      await forgetQuestions(loading)
      return { kind: 'chose', token: heard.token, label: heard.label }
    }
    case 'sent': {
      const { content } = heard
      const replied = await about(heard.replyTo)
      const channel = await channelOf(tx, addressId)
      return {
        kind: 'sent',
        media: { ...content.media, kind: content.kind, channel },
        ...('caption' in content && content.caption ? { caption: content.caption } : {}),
        ...(replied === undefined ? {} : { about: replied }),
      }
    }
    case 'said': {
      const replied = await about(heard.replyTo)
      const chosen = await chosenByWords(loading, heard.text, isStaff)
      if (chosen) return { kind: 'chose', token: chosen.token, label: chosen.label }
      return {
        kind: 'said',
        text: heard.text,
        suggestion: heard.suggestion,
        ...(replied === undefined ? {} : { about: replied }),
      }
    }
  }
}

/** A number or a label typed instead of tapped. With several offers open a bare number could mean any: it chooses none. */
async function chosenByWords(loading: Loading, text: string, isStaff: boolean) {
  const menus = await openMenus(loading.tx, loading.personId)
  const [newest, ...older] = menus.map((menu) => readOutbound(loading.seal.open(menu.bodySealed)).choices ?? [])
  if (!newest) return undefined
  const isOffer = (choices: readonly { token: string }[]) => choices.some((c) => c.token.startsWith('o:acc'))
  if (isStaff && isOffer(newest) && older.some(isOffer)) return undefined
  const chosen = matchChoice(text, newest)
  if (chosen) await forgetQuestions(loading)
  return chosen
}

/** Questions of the conversation (tokens `q:`) are over once something was answered; offers stay until settled. */
async function forgetQuestions({ tx, seal, personId }: Loading): Promise<void> {
  const menus = await openMenus(tx, personId)
  const questions = menus.filter((menu) => {
    const choices = readOutbound(seal.open(menu.bodySealed)).choices ?? []
    return choices.every((c) => c.token.startsWith('q:') || c.token.startsWith('o:why'))
  })
  await closeMenus(
    tx,
    questions.map((menu) => menu.id),
  )
}

async function channelOf(tx: Tx, addressId: number) {
  const row = await tx.address.findUniqueOrThrow({ where: { id: addressId }, select: { channel: true } })
  return row.channel === 'telegram' || row.channel === 'wechat' ? row.channel : 'web'
}

// --- views

async function residentView(
  loading: Loading,
  who: { readonly textOnly: boolean; readonly consented: boolean | undefined },
  event: Event | undefined,
): Promise<ResidentView> {
  const { tx, seal, personId, calendar, now, heard, people } = loading
  const text = event?.kind === 'said' ? event.text : ''
  return {
    role: 'resident',
    now,
    calendar,
    personId,
    textOnly: who.textOnly,
    consented: who.consented,
    requests: await openRequestsOf(tx, seal, personId),
    communities: communityNames(loading),
    coordinator: coordinatorOnDuty(people, calendar, now),
    lookup: await lookUp(loading, text),
    heldSuggestion: heard.kind === 'said' || heard.kind === 'chose' ? heard.held : undefined,
    invite: await invited(loading, text),
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
  const mine = await requestsOfStaff(tx, seal, staff.id)
  const offered = await requestsNamed(tx, seal, { ids: offers.map((o) => o.requestId) })
  const { directory, shifts, exceptions } = loading.people
  const open = sees === 'own' ? [] : await allOpenRequests(tx, seal)
  const agencyOf = (id: number) => directory.find((s) => s.id === id)?.agencyId
  return {
    role: staff.role === 'coordinator' || staff.role === 'lead' ? 'coordinator' : 'worker',
    now,
    calendar,
    personId: loading.personId,
    staff,
    offers: offers.flatMap((offer) => {
      const request = offered.find((r) => r.id === offer.requestId)
      return request ? [{ offer, request }] : []
    }),
    mine,
    named: await namedIn(
      loading,
      staff,
      event,
      offers.map((o) => o.requestId),
    ),
    directory,
    open: sees === 'agency' ? open.filter((r) => agencyOf(r.ownerId) === staff.agencyId) : open,
    onDutyNow: onDuty(shifts, exceptions, calendar, now),
    freshCode: freshCode(),
    review: asksForReview(event) ? await nextToReview(tx, seal, now) : undefined,
    agreement: asksForAgreement(event) ? await agreements(loading) : undefined,
    communities: communityNames(loading),
  }
}

async function agreements({ tx, now }: Loading): Promise<StaffView['agreement']> {
  const since = new Date(now.getTime() - agreementDays * 86_400_000)
  return { honest: await agreement(tx, since, true), all: await agreement(tx, since, false) }
}

/** Requests that the event names: by number in the text, by id on a button, or by the message it replies to. */
async function namedIn(
  { tx, seal, now: _ }: Loading,
  staff: StaffRow,
  event: Event | undefined,
  offeredIds: readonly number[],
): Promise<NamedRequest[]> {
  const numbers =
    event?.kind === 'said' ? [...event.text.normalize('NFKC').matchAll(/\d{4,6}/g)].map((m) => Number(m[0])) : []
  const ids: number[] = []
  if (event?.kind === 'chose') ids.push(await requestOnButton(tx, event.token))
  if ((event?.kind === 'said' || event?.kind === 'sent') && event.about !== undefined) ids.push(event.about)
  if (numbers.length === 0 && ids.length === 0) return []
  const found = await requestsNamed(tx, seal, { numbers: numbers.slice(0, 5), ids })
  const named: NamedRequest[] = []
  for (const request of found) {
    const own = request.ownerId === staff.id || request.assigneeId === staff.id || offeredIds.includes(request.id)
    named.push({
      request,
      own,
      sameAgency: staff.agencyId !== null && agencies(request).includes(staff.agencyId),
      history: await history(tx, request.id),
      notes: (await notesOf(tx, seal, request.id)).map((n) => ({
        at: n.at,
        text: n.text,
        by: n.staffId === staff.id ? '我' : '同事',
      })),
    })
  }
  return named
}

/** `o:acc:<offer>` names an offer, every other button of staff the request itself. */
async function requestOnButton(tx: Tx, token: string): Promise<number> {
  const [kind, , id] = token.split(':')
  if (kind !== 'o') return Number(id) || 0
  const offer = await tx.offer.findUnique({ where: { id: Number(id) || 0 }, select: { requestId: true } })
  return offer?.requestId ?? 0
}

const agencies = (request: RequestRow): (number | null)[] => [
  request.owner.agencyId,
  request.assignee?.agencyId ?? null,
]

const communityNames = ({ gazetteer }: Loading): ReadonlyMap<number, string> =>
  new Map(gazetteer.map((entry) => [entry.communityId, entry.community]))

/** Eight letters and digits that cannot be mistaken for one another when read aloud. */
function freshCode(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  return Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('')
}
