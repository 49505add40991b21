-- What Prisma's schema cannot say: the promises the database itself keeps.

-- A request is open exactly as long as it has a next deadline, and says what must have happened by then.
-- (Its owner is NOT NULL in the table itself.)
ALTER TABLE "HelpRequest"
  ADD CONSTRAINT "request_status_known" CHECK (status IN
    ('intake', 'triage', 'queued', 'offered', 'active', 'resolved', 'closed', 'withdrawn', 'merged')),
  ADD CONSTRAINT "request_urgency_known" CHECK (urgency IN ('normal', 'soon', 'urgent', 'crisis')),
  ADD CONSTRAINT "open_request_has_a_deadline" CHECK
    ((status IN ('closed', 'withdrawn', 'merged')) = ("nextDeadline" IS NULL)),
  ADD CONSTRAINT "deadline_has_a_kind" CHECK (("nextDeadline" IS NULL) = ("deadlineKind" IS NULL));

CREATE INDEX "request_due" ON "HelpRequest" ("nextDeadline") WHERE "nextDeadline" IS NOT NULL;
CREATE INDEX "request_open" ON "HelpRequest" (status) WHERE status NOT IN ('closed', 'withdrawn', 'merged');
CREATE INDEX "request_assignee" ON "HelpRequest" ("assigneeId") WHERE "nextDeadline" IS NOT NULL;
-- Two crisis messages at once open one request.
CREATE UNIQUE INDEX "one_open_crisis_a_person" ON "HelpRequest" ("requesterId")
  WHERE urgency = 'crisis' AND status NOT IN ('resolved', 'closed', 'withdrawn', 'merged');

-- One winner; nobody is asked twice at once.
ALTER TABLE "Offer" ADD CONSTRAINT "offer_status_known" CHECK
  (status IN ('open', 'accepted', 'declined', 'expired', 'withdrawn', 'ended'));
CREATE UNIQUE INDEX "one_accepted_offer_a_request" ON "Offer" ("requestId") WHERE status = 'accepted';
CREATE UNIQUE INDEX "one_open_offer_a_request_and_person" ON "Offer" ("requestId", "staffId") WHERE status = 'open';
CREATE INDEX "offer_latest" ON "Offer" ("staffId", "offeredAt");

-- History is written once.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER request_event_append_only BEFORE UPDATE OR DELETE ON "RequestEvent"
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON "AccessLog"
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The inbox: what waits for a turn.
CREATE INDEX "inbound_unread" ON "InboundMessage" ("personId", id) WHERE "handledAt" IS NULL;
CREATE INDEX "inbound_waiting" ON "InboundMessage" ("receivedAt") WHERE "handledAt" IS NULL;

-- The outbox: what is still to go out, in order; choices that can still be answered.
ALTER TABLE "OutboundMessage" ADD CONSTRAINT "outbound_status_known" CHECK
  (status IN ('queued', 'sending', 'sent', 'failed', 'skipped'));
CREATE INDEX "outbound_waiting" ON "OutboundMessage" ("addressId", priority, id) WHERE status IN ('queued', 'sending');
CREATE INDEX "outbound_due" ON "OutboundMessage" ("notBefore") WHERE status IN ('queued', 'sending');
CREATE INDEX "outbound_menus" ON "OutboundMessage" ("personId", id DESC) WHERE "choicesOpen";
