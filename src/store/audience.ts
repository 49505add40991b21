import { type Audience, type Facets, isEmpty, withRole } from '../domain/audience.ts'
import { type Lane, type NoticeTopic, windowHours } from '../domain/notice.ts'
import type { Tx } from './db.ts'
import { Prisma } from './generated/client.ts'
import { lockWhoIsWho } from './merge-notices.ts'

/** An audience as rows: whom it means, where each of them can be reached, and why some cannot. One statement, whatever the size. */

export interface Reaching {
  readonly audience: Audience
  /** The accounts that are in service. */
  readonly lanes: readonly Lane[]
  /** What people may have opted out of; `undefined`: this comes all the same. */
  readonly topic: NoticeTopic | undefined
  readonly now: Date
}

/** How many there are of one kind. `lane` null and a reason: they cannot be written to. */
export interface Reach {
  readonly lane: string | null
  readonly reason: string | null
  readonly people: number
}

export interface Preview {
  readonly reach: readonly Reach[]
  /** Meant by the words, but left out by an exception. */
  readonly excepted: number
  /** Up to ten of those who will be written to, spread over the whole. */
  readonly samples: readonly {
    readonly personId: number
    readonly number: number | null
    readonly community: string | null
  }[]
  /** Numbers of the own list that are no request. */
  readonly unknownNumbers: readonly number[]
  /** Numbers of the own list, and the people behind them. */
  readonly listed: { readonly numbers: number; readonly people: number }
}

export async function previewAudience(tx: Tx, reaching: Reaching): Promise<Preview> {
  const { audience, now } = reaching
  const reach = await tx.$queryRaw<Reach[]>`
    WITH ${reached(reaching)}
    SELECT lane, reason, count(*)::int AS people FROM reached GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`
  const [{ excepted = 0 } = {}] =
    audience.except.length === 0
      ? []
      : await tx.$queryRaw<{ excepted: number }[]>`
          SELECT count(*)::int AS excepted FROM (${people}) p WHERE ${meant(audience, now)} AND NOT (${kept(audience, now)})`
  const samples = await tx.$queryRaw<Preview['samples'][number][]>`
    WITH ${reached(reaching)}, numbered AS (
      SELECT "personId", "communityId", row_number() OVER (ORDER BY "personId") - 1 AS n, count(*) OVER () AS all_of_them
      FROM reached WHERE reason IS NULL)
    SELECT n."personId", c.name AS community,
      (SELECT max(r.number) FROM "HelpRequest" r WHERE r."requesterId" = n."personId") AS number
    FROM numbered n LEFT JOIN "Community" c ON c.id = n."communityId"
    WHERE n.n % GREATEST(1, n.all_of_them / 10) = 0 ORDER BY n.n LIMIT 10`
  const numbers = [...new Set(audience.groups.flatMap((facets) => facets.listed ?? []))]
  const known = await tx.helpRequest.findMany({
    where: { number: { in: numbers } },
    select: { number: true, requesterId: true },
  })
  return {
    reach,
    excepted,
    samples,
    unknownNumbers: numbers.filter((number) => !known.some((row) => row.number === number)),
    listed: { numbers: known.length, people: new Set(known.map((row) => row.requesterId)).size },
  }
}

/**
 * A row for everybody the audience means, each once however often they are meant: waiting where they can be reached, or
 * skipped with the reason. Returns how many rows came; a second run adds nobody.
 */
export async function writeRecipients(tx: Tx, broadcastId: number, reaching: Reaching): Promise<number> {
  await lockWhoIsWho(tx)
  return tx.$executeRaw`
    WITH ${reached(reaching)}
    INSERT INTO "BroadcastRecipient" ("broadcastId", "personId", "addressId", lane, outcome, reason, at, "communityId")
    SELECT ${broadcastId}::int, "personId", "addressId", lane, CASE WHEN reason IS NULL THEN 'waiting' ELSE 'skipped' END,
      reason, ${reaching.now}::timestamptz, "communityId"
    FROM reached
    ON CONFLICT DO NOTHING`
}

/** Everybody once, with what a facet may ask for: whose chat became somebody else's is met there. The newest request tells where somebody lives who has not said it. */
const people = Prisma.sql`
  SELECT p.id, p.language, p.minnan, p."answersAtId", COALESCE(p."communityId", (
      SELECT r."communityId" FROM "HelpRequest" r WHERE r."requesterId" = p.id AND r."communityId" IS NOT NULL
      ORDER BY r.id DESC LIMIT 1)) AS "communityId",
    COALESCE((SELECT s.role FROM "Staff" s WHERE s."personId" = p.id AND s.active), 'resident') AS role
  FROM "Person" p
  WHERE p."mergedIntoId" IS NULL OR EXISTS (SELECT 1 FROM "Address" a WHERE a."personId" = p.id)`

/**
 * Where each of them is written to: the best address there is, and what stands in the way if none will do. Several who share
 * one phone are told there once, in the name of whoever speaks there now if they are among them.
 */
function reached({ audience, lanes, topic, now }: Reaching): Prisma.Sql {
  const running = lanes.map((lane) => lane.name)
  const windowed = lanes.filter((lane) => lane.window).map((lane) => lane.name)
  const heardSince = new Date(now.getTime() - windowHours * 3_600_000)
  return Prisma.sql`aimed AS MATERIALIZED (
    SELECT p.id AS "personId", p."communityId", best.id AS "addressId", best.lane, best.own,
      CASE WHEN o.topic IS NOT NULL THEN 'opted_out' WHEN best.id IS NULL THEN 'no_address' ELSE best.hurdle END AS reason
    FROM (${people}) p
    LEFT JOIN "NoticeOptOut" o ON o."personId" = p.id AND o.topic = ${topic ?? ''}
    LEFT JOIN LATERAL (
      SELECT a.id, a.channel || ':' || a.account AS lane, a."personId" = p.id AS own,
        CASE WHEN a.unreachable IS NOT NULL THEN CASE WHEN a.unreachable = 'gone' THEN 'gone' ELSE 'blocked' END
          WHEN NOT (a.channel || ':' || a.account = ANY(${running}::text[])) THEN 'channel_off'
          WHEN a.channel || ':' || a.account = ANY(${windowed}::text[]) AND a."lastHeardAt" < ${heardSince}::timestamptz
            THEN 'no_window' END AS hurdle
      FROM (
        SELECT * FROM "Address" own WHERE own."personId" = p.id
        UNION ALL
        SELECT there.* FROM "SharedPhone" s JOIN "Address" there ON there.id = s."addressId"
        WHERE s."personId" = p.id AND there."personId" <> p.id) a
      ORDER BY (a.unreachable IS NULL AND a.channel || ':' || a.account = ANY(${running}::text[])
        AND NOT (a.channel || ':' || a.account = ANY(${windowed}::text[]) AND a."lastHeardAt" < ${heardSince}::timestamptz)) DESC,
        (a.id = p."answersAtId") DESC NULLS LAST, a."lastHeardAt" DESC, a.id LIMIT 1) best ON true
    WHERE ${meant(audience, now)} AND ${kept(audience, now)}),
  speaks AS (
    SELECT DISTINCT ON (t."addressId") t."addressId", t."personId" FROM aimed t
    WHERE t.reason IS NULL AND t."addressId" IN (SELECT "addressId" FROM "SharedPhone")
    ORDER BY t."addressId", t.own DESC, t."personId"),
  reached AS (
    SELECT t."personId", t."communityId",
      CASE WHEN t.reason IS NULL THEN t."addressId" END AS "addressId",
      CASE WHEN t.reason IS NULL AND (s."personId" IS NULL OR s."personId" = t."personId") THEN t.lane END AS lane,
      CASE WHEN s."personId" <> t."personId" AND t.reason IS NULL THEN 'same_phone' ELSE t.reason END AS reason
    FROM aimed t LEFT JOIN speaks s ON s."addressId" = t."addressId")`
}

const meant = ({ groups }: Audience, now: Date): Prisma.Sql =>
  Prisma.sql`(${Prisma.join(
    groups.map((facets) => fits(withRole(facets), now)),
    ' OR ',
  )})`

function kept({ except }: Audience, now: Date): Prisma.Sql {
  const named = except.filter((facets) => !isEmpty(facets))
  if (named.length === 0) return Prisma.sql`true`
  // Unknown is not a reason to leave somebody out: COALESCE, or a person without a community would fit nothing at all.
  const any = Prisma.join(
    named.map((facets) => Prisma.sql`COALESCE(${fits(facets, now)}, false)`),
    ' OR ',
  )
  return Prisma.sql`NOT (${any})`
}

/** All facets that are given, as one condition on `p`. */
function fits(facets: Facets, now: Date): Prisma.Sql {
  const conditions: Prisma.Sql[] = []
  const add = <T>(value: T | undefined, condition: (value: T) => Prisma.Sql) => {
    if (value !== undefined) conditions.push(condition(value))
  }
  const request = (condition: Prisma.Sql) =>
    Prisma.sql`EXISTS (SELECT 1 FROM "HelpRequest" r WHERE r."requesterId" = p.id AND ${condition})`
  const earlier = (condition: Prisma.Sql) =>
    Prisma.sql`EXISTS (SELECT 1 FROM "BroadcastRecipient" e WHERE e."personId" = p.id AND ${condition})`
  add(facets.communities, (ids) => Prisma.sql`p."communityId" = ANY(${ids}::int[])`)
  add(
    facets.streets,
    (names) => Prisma.sql`EXISTS (SELECT 1 FROM "Community" c JOIN "Street" s ON s.id = c."streetId"
      WHERE c.id = p."communityId" AND s.name = ANY(${names}::text[]))`,
  )
  add(facets.programmes, (codes) => request(Prisma.sql`r.programmes && ${codes}::text[]`))
  add(facets.needs, (codes) => request(Prisma.sql`r.needs && ${codes}::text[]`))
  add(facets.listed, (numbers) => request(Prisma.sql`r.number = ANY(${numbers}::int[])`))
  add(
    facets.languages,
    (codes) => Prisma.sql`(p.language = ANY(${codes}::text[]) OR (p.minnan AND 'nan' = ANY(${codes}::text[])))`,
  )
  add(facets.roles, (roles) => Prisma.sql`p.role = ANY(${roles}::text[])`)
  add(facets.signedUp, (ids) =>
    earlier(Prisma.sql`e."broadcastId" = ANY(${ids}::int[]) AND e."signedUpAt" IS NOT NULL`),
  )
  add(facets.reached, (ids) =>
    earlier(Prisma.sql`e."broadcastId" = ANY(${ids}::int[]) AND e.outcome IN ('queued', 'sent', 'delivered')`),
  )
  add(facets.silentDays, (days) => {
    const since = new Date(now.getTime() - days * 86_400_000)
    return Prisma.sql`NOT EXISTS (SELECT 1 FROM "Address" h WHERE h."personId" = p.id AND h."lastHeardAt" >= ${since}::timestamptz)`
  })
  return conditions.length === 0 ? Prisma.sql`true` : Prisma.sql`(${Prisma.join(conditions, ' AND ')})`
}
