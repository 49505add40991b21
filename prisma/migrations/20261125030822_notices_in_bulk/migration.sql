-- DropForeignKey
ALTER TABLE "BroadcastRecipient" DROP CONSTRAINT "BroadcastRecipient_broadcastId_fkey";

-- DropForeignKey
ALTER TABLE "BroadcastRecipient" DROP CONSTRAINT "BroadcastRecipient_outboundId_fkey";

-- DropForeignKey
ALTER TABLE "BroadcastRecipient" DROP CONSTRAINT "BroadcastRecipient_personId_fkey";

-- DropIndex
DROP INDEX "BroadcastRecipient_outboundId_key";

-- DropIndex
DROP INDEX "OutboundMessage_requestId_idx";

-- What a row of the outbox, or a recipient, is found by only when there is something to find.
CREATE INDEX "outbound_of_request" ON "OutboundMessage" ("requestId") WHERE "requestId" IS NOT NULL;
CREATE UNIQUE INDEX "recipient_outbound" ON "BroadcastRecipient" ("outboundId") WHERE "outboundId" IS NOT NULL;
-- Notices that are due are found by "outbound_bulk".
DROP INDEX "outbound_due";
CREATE INDEX "outbound_due" ON "OutboundMessage" ("notBefore") WHERE status IN ('queued', 'sending') AND priority < 9;

-- A hundred thousand recipients come in one statement: that each belongs to a notice, is a person and names a message there is
-- is asked once for all of them, instead of by three foreign keys for each. The promise is the same, on both sides.

-- The notice: its counts are changed in the same statement, and under that lock it is there or it is not.
CREATE OR REPLACE FUNCTION add_to_broadcast_counts(changes jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE changed int;
BEGIN
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
  WHERE b.id = d.id;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed <> (SELECT count(DISTINCT c.id) FROM jsonb_to_recordset(changes) AS c(id int)) THEN
    RAISE EXCEPTION 'a recipient belongs to a notice that is not there' USING ERRCODE = 'foreign_key_violation';
  END IF;
END $$;

CREATE FUNCTION refuse_losing_recipients() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'notice % has recipients', OLD.id USING ERRCODE = 'foreign_key_violation';
END $$;
CREATE TRIGGER broadcast_with_recipients_stays BEFORE DELETE ON "Broadcast" FOR EACH ROW
  WHEN (OLD."audienceCount" > 0) EXECUTE FUNCTION refuse_losing_recipients();
CREATE TRIGGER broadcast_keeps_its_number BEFORE UPDATE OF id ON "Broadcast" FOR EACH ROW
  WHEN (OLD.id <> NEW.id AND OLD."audienceCount" > 0) EXECUTE FUNCTION refuse_losing_recipients();

-- The person: who takes one away waits for whoever is writing recipients, so that nobody comes in between.
CREATE FUNCTION refuse_losing_a_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  LOCK TABLE "BroadcastRecipient" IN SHARE MODE;
  IF EXISTS (SELECT 1 FROM "BroadcastRecipient" r WHERE r."personId" = OLD.id) THEN
    RAISE EXCEPTION 'person % is a recipient of notices', OLD.id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER recipient_stays_a_person BEFORE DELETE ON "Person" FOR EACH ROW
  EXECUTE FUNCTION refuse_losing_a_person();
CREATE TRIGGER person_keeps_their_number BEFORE UPDATE OF id ON "Person" FOR EACH ROW
  WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION refuse_losing_a_person();

-- The message: taken back, it is nobody's any more; a check refuses that where somebody was sent it.
CREATE FUNCTION messages_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "BroadcastRecipient" r SET "outboundId" = NULL FROM went WHERE r."outboundId" = went.id;
  RETURN NULL;
END $$;
CREATE TRIGGER messages_went AFTER DELETE ON "OutboundMessage"
  REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION messages_went();

CREATE FUNCTION refuse_a_recipient_without(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a recipient names a % that is not there', what USING ERRCODE = 'foreign_key_violation';
END $$;

-- The plan is made once and serves one recipient and a hundred thousand: one look into the key for each, never a whole table.
CREATE OR REPLACE FUNCTION recipients_came() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM came c WHERE NOT EXISTS (SELECT 1 FROM "Person" p WHERE p.id = c."personId")) THEN
    PERFORM refuse_a_recipient_without('person');
  END IF;
  IF (SELECT count("outboundId") FROM came) <> (SELECT count(*) FROM (
      SELECT 1 FROM "OutboundMessage" o WHERE o.id IN (SELECT "outboundId" FROM came) FOR KEY SHARE) there) THEN
    PERFORM refuse_a_recipient_without('message');
  END IF;
  PERFORM add_to_broadcast_counts((SELECT jsonb_agg(x) FROM (
    SELECT "broadcastId" AS id, outcome, count(*)::int AS n FROM came GROUP BY 1, 2) x));
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION recipients_moved() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE changes jsonb;
BEGIN
  IF (SELECT count("outboundId") FROM came) <> (SELECT count(*) FROM (
      SELECT 1 FROM "OutboundMessage" o WHERE o.id IN (SELECT "outboundId" FROM came) FOR KEY SHARE) there) THEN
    PERFORM refuse_a_recipient_without('message');
  END IF;
  SELECT jsonb_agg(x) INTO changes FROM (
    SELECT id, outcome, sum(n)::int AS n FROM (
      SELECT "broadcastId" AS id, outcome, count(*) AS n FROM came GROUP BY 1, 2
      UNION ALL SELECT "broadcastId", outcome, -count(*) FROM went GROUP BY 1, 2) both_sides
    GROUP BY 1, 2 HAVING sum(n) <> 0) x;
  IF changes IS NOT NULL THEN PERFORM add_to_broadcast_counts(changes); END IF;
  RETURN NULL;
END $$;

-- Two chats that become one person: few rows, each looked at by itself.
CREATE FUNCTION recipient_becomes_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM "Person" WHERE id = NEW."personId" FOR KEY SHARE;
  IF NOT FOUND THEN PERFORM refuse_a_recipient_without('person'); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER recipient_becomes_another BEFORE UPDATE ON "BroadcastRecipient" FOR EACH ROW
  WHEN (OLD."personId" <> NEW."personId") EXECUTE FUNCTION recipient_becomes_another();
