-- AlterTable
ALTER TABLE "Person" ADD COLUMN     "communityId" INTEGER;

-- CreateTable
CREATE TABLE "Broadcast" (
    "id" SERIAL NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'notice',
    "emergency" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT NOT NULL DEFAULT 'draft',
    "version" INTEGER NOT NULL DEFAULT 0,
    "text" TEXT NOT NULL DEFAULT '',
    "more" TEXT,
    "audience" JSONB,
    "correctsId" INTEGER,
    "authorId" INTEGER NOT NULL,
    "approvedById" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "proposedAt" TIMESTAMPTZ(3),
    "approvedAt" TIMESTAMPTZ(3),
    "startAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "progressId" INTEGER,
    "progressAt" TIMESTAMPTZ(3),
    "audienceCount" INTEGER NOT NULL DEFAULT 0,
    "waiting" INTEGER NOT NULL DEFAULT 0,
    "queued" INTEGER NOT NULL DEFAULT 0,
    "sent" INTEGER NOT NULL DEFAULT 0,
    "delivered" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Broadcast_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BroadcastRecipient" (
    "broadcastId" INTEGER NOT NULL,
    "personId" INTEGER NOT NULL,
    "addressId" INTEGER,
    "lane" TEXT,
    "outcome" TEXT NOT NULL,
    "reason" TEXT,
    "outboundId" INTEGER,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "communityId" INTEGER,
    "signedUpAt" TIMESTAMPTZ(3),
    "doorStaffId" INTEGER,
    "toldAt" TIMESTAMPTZ(3),

    CONSTRAINT "BroadcastRecipient_pkey" PRIMARY KEY ("broadcastId","personId")
);

-- CreateTable
CREATE TABLE "NoticeOptOut" (
    "personId" INTEGER NOT NULL,
    "topic" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "NoticeOptOut_pkey" PRIMARY KEY ("personId","topic")
);

-- CreateTable
CREATE TABLE "BulkRest" (
    "lane" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "BulkRest_pkey" PRIMARY KEY ("lane")
);

-- CreateIndex
CREATE UNIQUE INDEX "BroadcastRecipient_outboundId_key" ON "BroadcastRecipient"("outboundId");

-- CreateIndex
CREATE INDEX "BroadcastRecipient_personId_idx" ON "BroadcastRecipient"("personId");

-- AddForeignKey
ALTER TABLE "Person" ADD CONSTRAINT "Person_communityId_fkey" FOREIGN KEY ("communityId") REFERENCES "Community"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Broadcast" ADD CONSTRAINT "Broadcast_correctsId_fkey" FOREIGN KEY ("correctsId") REFERENCES "Broadcast"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Broadcast" ADD CONSTRAINT "Broadcast_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Broadcast" ADD CONSTRAINT "Broadcast_approvedById_fkey" FOREIGN KEY ("approvedById") REFERENCES "Staff"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BroadcastRecipient" ADD CONSTRAINT "BroadcastRecipient_broadcastId_fkey" FOREIGN KEY ("broadcastId") REFERENCES "Broadcast"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BroadcastRecipient" ADD CONSTRAINT "BroadcastRecipient_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BroadcastRecipient" ADD CONSTRAINT "BroadcastRecipient_outboundId_fkey" FOREIGN KEY ("outboundId") REFERENCES "OutboundMessage"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BroadcastRecipient" ADD CONSTRAINT "BroadcastRecipient_doorStaffId_fkey" FOREIGN KEY ("doorStaffId") REFERENCES "Staff"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NoticeOptOut" ADD CONSTRAINT "NoticeOptOut_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say: the promises about notices that the database itself keeps.

ALTER TABLE "Broadcast"
  ADD CONSTRAINT "broadcast_kind_known" CHECK (kind IN ('notice', 'activity', 'emergency', 'correction', 'withdrawal')),
  ADD CONSTRAINT "broadcast_status_known" CHECK
    (status IN ('draft', 'proposed', 'approved', 'sending', 'paused', 'stopped', 'done', 'dropped')),
  -- 两个人: nobody approves their own words; what goes out was approved by somebody else, or is an emergency.
  ADD CONSTRAINT "broadcast_two_people" CHECK ("approvedById" IS NULL OR "approvedById" <> "authorId"),
  ADD CONSTRAINT "broadcast_goes_out_approved" CHECK
    (status IN ('draft', 'proposed', 'dropped') OR emergency OR "approvedById" IS NOT NULL),
  ADD CONSTRAINT "broadcast_emergency_is_one" CHECK
    (emergency = (kind = 'emergency') OR kind IN ('correction', 'withdrawal')),
  ADD CONSTRAINT "broadcast_goes_out_whole" CHECK
    (status IN ('draft', 'dropped') OR (text <> '' AND audience IS NOT NULL AND "expiresAt" IS NOT NULL)),
  ADD CONSTRAINT "broadcast_corrects_something" CHECK ((kind IN ('correction', 'withdrawal')) = ("correctsId" IS NOT NULL)),
  -- 人人有结果: the outcomes always add up to the audience, and nobody is left over when it is done.
  ADD CONSTRAINT "broadcast_outcomes_add_up" CHECK
    (waiting + queued + sent + delivered + failed + skipped = "audienceCount"
      AND LEAST(waiting, queued, sent, delivered, failed, skipped) >= 0),
  ADD CONSTRAINT "broadcast_done_means_all" CHECK (status <> 'done' OR waiting + queued = 0);

-- A draft survives and is found again by whoever wrote it.
CREATE INDEX "broadcast_drafts" ON "Broadcast" ("authorId") WHERE status = 'draft';
CREATE INDEX "broadcast_live" ON "Broadcast" (id)
  WHERE status IN ('approved', 'sending', 'paused') OR (status IN ('done', 'stopped') AND "finishedAt" IS NULL);

ALTER TABLE "BroadcastRecipient"
  ADD CONSTRAINT "recipient_outcome_known" CHECK (outcome IN ('waiting', 'queued', 'sent', 'delivered', 'failed', 'skipped')),
  ADD CONSTRAINT "recipient_outcome_has_a_reason" CHECK ((outcome IN ('failed', 'skipped')) = (reason IS NOT NULL)),
  ADD CONSTRAINT "recipient_sent_by_the_outbox" CHECK
    (outcome NOT IN ('queued', 'sent', 'delivered') OR "outboundId" IS NOT NULL),
  ADD CONSTRAINT "recipient_waits_somewhere" CHECK
    (outcome <> 'waiting' OR ("addressId" IS NOT NULL AND lane IS NOT NULL AND "outboundId" IS NULL));
CREATE INDEX "recipient_waiting" ON "BroadcastRecipient" ("broadcastId", lane, "personId") WHERE outcome = 'waiting';
CREATE INDEX "recipient_queued" ON "BroadcastRecipient" ("broadcastId", "outboundId") WHERE outcome = 'queued';
CREATE INDEX "recipient_door" ON "BroadcastRecipient" ("doorStaffId") WHERE "doorStaffId" IS NOT NULL AND "toldAt" IS NULL;

-- Notices that wait in the outbox: a few seconds' worth an account.
CREATE INDEX "outbound_bulk" ON "OutboundMessage" ("notBefore") WHERE status IN ('queued', 'sending') AND priority >= 9;

-- The counts are nobody's business but the database's: one statement on the recipients is one change of the counts.
CREATE FUNCTION add_to_broadcast_counts(changes jsonb) RETURNS void LANGUAGE sql AS $$
  UPDATE "Broadcast" b SET
    "audienceCount" = b."audienceCount" + d.people,
    waiting = b.waiting + d.waiting, queued = b.queued + d.queued, sent = b.sent + d.sent,
    delivered = b.delivered + d.delivered, failed = b.failed + d.failed, skipped = b.skipped + d.skipped
  FROM (
    SELECT c.id, sum(c.n)::int AS people,
      COALESCE(sum(c.n) FILTER (WHERE c.outcome = 'waiting'), 0)::int AS waiting,
      COALESCE(sum(c.n) FILTER (WHERE c.outcome = 'queued'), 0)::int AS queued,
      COALESCE(sum(c.n) FILTER (WHERE c.outcome = 'sent'), 0)::int AS sent,
      COALESCE(sum(c.n) FILTER (WHERE c.outcome = 'delivered'), 0)::int AS delivered,
      COALESCE(sum(c.n) FILTER (WHERE c.outcome = 'failed'), 0)::int AS failed,
      COALESCE(sum(c.n) FILTER (WHERE c.outcome = 'skipped'), 0)::int AS skipped
    FROM jsonb_to_recordset(changes) AS c(id int, outcome text, n int) GROUP BY c.id) d
  WHERE b.id = d.id
$$;

CREATE FUNCTION recipients_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_to_broadcast_counts((SELECT jsonb_agg(x) FROM (
    SELECT "broadcastId" AS id, outcome, count(*)::int AS n FROM came GROUP BY 1, 2) x));
  RETURN NULL;
END $$;

CREATE FUNCTION recipients_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM add_to_broadcast_counts((SELECT jsonb_agg(x) FROM (
    SELECT "broadcastId" AS id, outcome, -count(*)::int AS n FROM went GROUP BY 1, 2) x));
  RETURN NULL;
END $$;

CREATE FUNCTION recipients_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE changes jsonb;
BEGIN
  SELECT jsonb_agg(x) INTO changes FROM (
    SELECT id, outcome, sum(n)::int AS n FROM (
      SELECT "broadcastId" AS id, outcome, count(*) AS n FROM came GROUP BY 1, 2
      UNION ALL SELECT "broadcastId", outcome, -count(*) FROM went GROUP BY 1, 2) both_sides
    GROUP BY 1, 2 HAVING sum(n) <> 0) x;
  IF changes IS NOT NULL THEN PERFORM add_to_broadcast_counts(changes); END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER recipients_came AFTER INSERT ON "BroadcastRecipient"
  REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION recipients_came();
CREATE TRIGGER recipients_went AFTER DELETE ON "BroadcastRecipient"
  REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION recipients_went();
CREATE TRIGGER recipients_moved AFTER UPDATE ON "BroadcastRecipient"
  REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION recipients_moved();

-- Who was reached stays reached.
CREATE FUNCTION refuse_unsending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a recipient who was reached cannot become %', NEW.outcome;
END $$;
CREATE TRIGGER recipient_stays_reached BEFORE UPDATE ON "BroadcastRecipient" FOR EACH ROW
  WHEN (OLD.outcome IN ('sent', 'delivered') AND NEW.outcome NOT IN ('sent', 'delivered'))
  EXECUTE FUNCTION refuse_unsending();

-- What was approved is what is sent: words and audience stand still from the moment a second person looks at them.
CREATE FUNCTION refuse_rewording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'notice % is %, its words and its audience stand still', OLD.id, OLD.status;
END $$;
CREATE TRIGGER broadcast_stands_still BEFORE UPDATE ON "Broadcast" FOR EACH ROW
  WHEN (OLD.status <> 'draft' AND NEW.status <> 'draft' AND
    (OLD.text, OLD.more, OLD.kind, OLD.emergency, OLD.audience, OLD."correctsId", OLD."authorId", OLD.version)
      IS DISTINCT FROM
    (NEW.text, NEW.more, NEW.kind, NEW.emergency, NEW.audience, NEW."correctsId", NEW."authorId", NEW.version))
  EXECUTE FUNCTION refuse_rewording();
