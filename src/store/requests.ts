import { z } from 'zod'
import { deadlineKinds } from '../domain/deadline.ts'
import { Details } from '../domain/details.ts'
import { languages, type Preferences } from '../domain/preferences.ts'
import { type RequestState, statuses } from '../domain/request-step.ts'
import { CrisisKind, Need, Programme, Subject, Urgency } from '../domain/taxonomy.ts'
import type { Db, Tx } from './db.ts'
import type { Seal } from './secrets.ts'
import { Constant } from './sql.ts'

/** A request as the house handles it: its state, and what a person on it may need to know. */
export interface RequestRow extends RequestState {
  readonly id: number
  readonly number: number
  readonly queryCode: string
  readonly requesterId: number
  readonly details: Details
  readonly textOnly: boolean
  /** How the resident wants to be spoken to. */
  readonly spokenTo: SpokenTo
  readonly community: string | null
  readonly owner: StaffName
  readonly assignee: StaffName | null
  readonly classifiedBy: string | null
  readonly reasons: readonly string[]
  readonly confidence: number | null
  readonly openedAt: Date
  readonly submittedAt: Date | null
  readonly firstContactAt: Date | null
}

export type SpokenTo = Pick<Preferences, 'language' | 'plainWords' | 'slowly' | 'readAloud' | 'minnan'>

export interface StaffName {
  readonly id: number
  readonly name: string
  readonly agencyId: number | null
  readonly personId: number | null
}

/** A request with the names around it: one statement, read on every step. */
const requests = new Constant(`
  SELECT r.id, r.number, r."queryCode", r."requesterId", r.status, r.version, r."ownerId", r."assigneeId", r."nextDeadline",
    r."deadlineKind", r.rung, r.urgency, r."crisisKind", r.programmes, r.needs, r.subject, r."communityId", r."contractId",
    r."referredToId", r."mergedIntoId", r."detailsSealed", r."textOnly", r."classifiedBy", r.reasons, r.confidence, r."openedAt",
    r."submittedAt", r."firstContactAt",
    c.name AS community, o.name AS "ownerName", o."agencyId" AS "ownerAgency", o."personId" AS "ownerPerson",
    a.name AS "assigneeName", a."agencyId" AS "assigneeAgency", a."personId" AS "assigneePerson",
    p.language, p."plainWords", p.slowly, p."readAloud", p.minnan
  FROM "HelpRequest" r JOIN "Staff" o ON o.id = r."ownerId" JOIN "Person" p ON p.id = r."requesterId"
    LEFT JOIN "Staff" a ON a.id = r."assigneeId" LEFT JOIN "Community" c ON c.id = r."communityId"`)

/** The request, locked until the transaction ends; `undefined` when there is none. */
export async function lockRequest(tx: Tx, seal: Seal, id: number): Promise<RequestRow | undefined> {
  const [row] = await tx.sql<Found>`${requests} WHERE r.id = ${id} FOR UPDATE OF r`
  return row && toRow(row, seal)
}

/** What this resident has under way, and what of theirs was merged, oldest first and as it is stored. */
export async function requestsOfResident(tx: Tx | Db, seal: Seal, personId: number): Promise<RequestRow[]> {
  const rows = await tx.sql<Found>`
    ${requests} WHERE r."requesterId" = ${personId} AND (r."nextDeadline" IS NOT NULL OR r.status = 'merged')
    ORDER BY r.id DESC LIMIT 50`
  return rows.reverse().map((row) => toRow(row, seal))
}

/** What this staff member answers for or works on, oldest first. */
export async function requestsOfStaff(tx: Tx | Db, seal: Seal, staffId: number): Promise<RequestRow[]> {
  const rows = await tx.sql<Found>`
    ${requests} WHERE r."nextDeadline" IS NOT NULL AND (r."ownerId" = ${staffId} OR r."assigneeId" = ${staffId})
    ORDER BY r.id LIMIT 100`
  return rows.map((row) => toRow(row, seal))
}

export async function allOpenRequests(tx: Tx | Db, seal: Seal): Promise<RequestRow[]> {
  const rows = await tx.sql<Found>`${requests} WHERE r."nextDeadline" IS NOT NULL ORDER BY r.id LIMIT 500`
  return rows.map((row) => toRow(row, seal))
}

export async function requestsNamed(
  tx: Tx | Db,
  seal: Seal,
  { numbers = [], ids = [] }: { numbers?: readonly number[]; ids?: readonly number[] },
): Promise<RequestRow[]> {
  if (numbers.length + ids.length === 0) return []
  const rows = await tx.sql<Found>`
    ${requests} WHERE r.number = ANY(${numbers}::int[]) OR r.id = ANY(${ids}::int[]) ORDER BY r.id`
  return rows.map((row) => toRow(row, seal))
}

export async function requestByCode(
  tx: Tx | Db,
  seal: Seal,
  number: number,
  code: string,
): Promise<RequestRow | undefined> {
  const [row] = await tx.sql<Found>`${requests} WHERE r.number = ${number} AND r."queryCode" = ${code}`
  return row && toRow(row, seal)
}

export interface NewRequest {
  readonly requesterId: number
  readonly queryCode: string
  readonly state: RequestState
  readonly details: Details
  readonly textOnly: boolean
  readonly classifiedBy: string | null
  readonly reasons: readonly string[]
  readonly confidence: number | null
  readonly at: Date
}

export async function insertRequest(tx: Tx, seal: Seal, request: NewRequest): Promise<RequestRow> {
  const { state } = request
  const [inserted] = await tx.sql<{ id: number }>`
    INSERT INTO "HelpRequest" ("requesterId", "queryCode", "detailsSealed", "textOnly", "classifiedBy", reasons, confidence,
      "openedAt", status, version, "ownerId", "assigneeId", "nextDeadline", "deadlineKind", rung, urgency, "crisisKind",
      programmes, needs, subject, "communityId", "contractId", "referredToId")
    VALUES (${request.requesterId}, ${request.queryCode}, ${seal.seal(request.details)}, ${request.textOnly},
      ${request.classifiedBy}, ${request.reasons}, ${request.confidence}, ${request.at}, ${state.status}, ${state.version},
      ${state.ownerId}, ${state.assigneeId}, ${state.deadline?.at}, ${state.deadline?.kind}, ${state.rung}, ${state.urgency},
      ${state.crisisKind}, ${state.programmes}, ${state.needs}, ${state.subject}, ${state.communityId},
      ${state.contractId}, ${state.referredToId})
    RETURNING id`
  const [made] = inserted ? await requestsNamed(tx, seal, { ids: [inserted.id] }) : []
  if (!made) throw new Error('a request that was just written is not there')
  return made
}

/** Moments and facts that a step leaves beside the state. */
export type Milestones = Partial<
  Record<'submittedAt' | 'acceptedAt' | 'firstContactAt' | 'resolvedAt' | 'closedAt', Date>
> & { outcome?: string }

/** What a step leaves behind: the row as it stands now and the line in its history, in one statement. */
export function recordStep(tx: Tx, state: RequestState, milestones: Milestones, entry: HistoryEntry): void {
  const { submittedAt, acceptedAt, firstContactAt, resolvedAt, closedAt, outcome } = milestones
  tx.write`
    WITH moved AS (
      UPDATE "HelpRequest" SET status = ${state.status}, version = ${state.version}, "ownerId" = ${state.ownerId},
        "assigneeId" = ${state.assigneeId}, "nextDeadline" = ${state.deadline?.at}, "deadlineKind" = ${state.deadline?.kind},
        rung = ${state.rung}, urgency = ${state.urgency}, "crisisKind" = ${state.crisisKind},
        programmes = ${state.programmes}, needs = ${state.needs}, subject = ${state.subject},
        "communityId" = ${state.communityId}, "contractId" = ${state.contractId}, "referredToId" = ${state.referredToId},
        "mergedIntoId" = ${state.mergedIntoId},
        "submittedAt" = COALESCE(${submittedAt}, "submittedAt"), "acceptedAt" = COALESCE(${acceptedAt}, "acceptedAt"),
        "firstContactAt" = COALESCE(${firstContactAt}, "firstContactAt"),
        "resolvedAt" = COALESCE(${resolvedAt}, "resolvedAt"), "closedAt" = COALESCE(${closedAt}, "closedAt"),
        outcome = COALESCE(${outcome}, outcome)
      WHERE id = ${entry.requestId})
    INSERT INTO "RequestEvent" ("requestId", version, at, step, "actorKind", "actorId", "fromStatus", "toStatus", detail)
    VALUES (${entry.requestId}, ${entry.version}, ${entry.at}, ${entry.step}, ${entry.actorKind}, ${entry.actorId},
      ${entry.fromStatus}, ${entry.toStatus}, ${JSON.stringify(entry.detail)}::jsonb)`
}

export function updateDetails(
  tx: Tx,
  seal: Seal,
  id: number,
  details: Details,
  also: { textOnly?: boolean; classifiedBy?: string; reasons?: string[]; confidence?: number },
): void {
  tx.write`
    UPDATE "HelpRequest" SET "detailsSealed" = ${seal.seal(details)}, "textOnly" = COALESCE(${also.textOnly}, "textOnly"),
      "classifiedBy" = COALESCE(${also.classifiedBy}, "classifiedBy"), reasons = COALESCE(${also.reasons}, reasons),
      confidence = COALESCE(${also.confidence}, confidence)
    WHERE id = ${id}`
}

export interface HistoryEntry {
  readonly requestId: number
  readonly version: number
  readonly at: Date
  readonly step: string
  readonly actorKind: string
  readonly actorId: number | null
  readonly fromStatus: string | null
  readonly toStatus: string
  /** Labels and ids as JSON, never words of the resident. */
  readonly detail: object
}

export function appendHistory(tx: Tx, entry: HistoryEntry): void {
  tx.write`
    INSERT INTO "RequestEvent" ("requestId", version, at, step, "actorKind", "actorId", "fromStatus", "toStatus", detail)
    VALUES (${entry.requestId}, ${entry.version}, ${entry.at}, ${entry.step}, ${entry.actorKind}, ${entry.actorId},
      ${entry.fromStatus}, ${entry.toStatus}, ${JSON.stringify(entry.detail)}::jsonb)`
}

export interface HistoryLine {
  readonly at: Date
  readonly step: string
  readonly actorKind: string
  readonly actorId: number | null
  readonly toStatus: string
  readonly detail: Record<string, unknown>
}

export async function history(tx: Tx | Db, requestId: number): Promise<HistoryLine[]> {
  const rows = await tx.requestEvent.findMany({ where: { requestId }, orderBy: { version: 'asc' } })
  return rows.map((row) => ({
    at: row.at,
    step: row.step,
    actorKind: row.actorKind,
    actorId: row.actorId,
    toStatus: row.toStatus,
    detail: z.record(z.string(), z.unknown()).catch({}).parse(row.detail),
  }))
}

/** What waits in the queue, the most urgent and the oldest first. */
export async function waitingRequests(tx: Tx | Db, take: number): Promise<number[]> {
  const rows = await tx.$queryRaw<{ id: number }[]>`
    SELECT id FROM "HelpRequest" WHERE status = 'queued' AND "nextDeadline" IS NOT NULL
    ORDER BY array_position(ARRAY['crisis', 'urgent', 'soon', 'normal'], urgency), id LIMIT ${take}`
  return rows.map((row) => row.id)
}

/** Requests whose deadline has passed: what the sweep and the auditor look for. Uses the partial index on nextDeadline. */
export async function dueRequests(db: Db, now: Date, take: number): Promise<{ id: number; late: number }[]> {
  const rows = await db.sql<{ id: number; at: Date }>`
    SELECT id, "nextDeadline" AS at FROM "HelpRequest" WHERE "nextDeadline" <= ${now} ORDER BY "nextDeadline", id LIMIT ${take}`
  return rows.map(({ id, at }) => ({ id, late: now.getTime() - at.getTime() }))
}

// --- rows and states

interface Found extends Omit<RequestRow, 'owner' | 'assignee' | 'details' | 'deadline' | 'spokenTo'>, SpokenTo {
  readonly detailsSealed: string
  readonly nextDeadline: Date | null
  readonly deadlineKind: string | null
  readonly ownerName: string
  readonly ownerAgency: number | null
  readonly ownerPerson: number | null
  readonly assigneeName: string | null
  readonly assigneeAgency: number | null
  readonly assigneePerson: number | null
}

const Stored = z.object({
  status: z.enum(statuses),
  urgency: Urgency,
  crisisKind: CrisisKind.nullable(),
  programmes: z.array(Programme),
  needs: z.array(Need),
  subject: Subject.nullable(),
  deadlineKind: z.enum(deadlineKinds).nullable(),
  language: z.enum(languages),
})

function toRow(row: Found, seal: Seal): RequestRow {
  const { language, ...stored } = Stored.parse(row)
  return {
    ...stored,
    id: row.id,
    number: row.number,
    queryCode: row.queryCode,
    requesterId: row.requesterId,
    version: row.version,
    ownerId: row.ownerId,
    assigneeId: row.assigneeId,
    deadline: stored.deadlineKind && row.nextDeadline ? { kind: stored.deadlineKind, at: row.nextDeadline } : null,
    rung: row.rung,
    communityId: row.communityId,
    contractId: row.contractId,
    referredToId: row.referredToId,
    mergedIntoId: row.mergedIntoId,
    details: Details.parse(seal.open(row.detailsSealed)),
    textOnly: row.textOnly,
    spokenTo: {
      language,
      plainWords: row.plainWords,
      slowly: row.slowly,
      readAloud: row.readAloud,
      minnan: row.minnan,
    },
    community: row.community,
    owner: { id: row.ownerId, name: row.ownerName, agencyId: row.ownerAgency, personId: row.ownerPerson },
    assignee:
      row.assigneeId === null || row.assigneeName === null
        ? null
        : { id: row.assigneeId, name: row.assigneeName, agencyId: row.assigneeAgency, personId: row.assigneePerson },
    classifiedBy: row.classifiedBy,
    reasons: row.reasons,
    confidence: row.confidence,
    openedAt: row.openedAt,
    submittedAt: row.submittedAt,
    firstContactAt: row.firstContactAt,
  }
}
