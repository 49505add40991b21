-- AlterTable
ALTER TABLE "Contract" ADD COLUMN     "evaluatedOn" DATE[],
ADD COLUMN     "extendedTo" DATE,
ADD COLUMN     "successor" TEXT;

-- AlterTable
ALTER TABLE "DutyOverride" ADD COLUMN     "why" TEXT NOT NULL DEFAULT 'said';

-- AlterTable
ALTER TABLE "HelpRequest" ADD COLUMN     "referredToId" INTEGER;

-- AlterTable
ALTER TABLE "Person" ADD COLUMN     "householdId" INTEGER;

-- AlterTable
ALTER TABLE "Quota" ADD COLUMN     "kinds" TEXT[],
ADD COLUMN     "needs" TEXT[];

-- AlterTable
ALTER TABLE "Shift" ADD COLUMN     "communityIds" INTEGER[],
ADD COLUMN     "origin" TEXT NOT NULL DEFAULT 'district',
ADD COLUMN     "programme" TEXT;

-- CreateTable
CREATE TABLE "Swap" (
    "id" SERIAL NOT NULL,
    "fromStaffId" INTEGER NOT NULL,
    "toStaffId" INTEGER NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "status" TEXT NOT NULL,
    "askedById" INTEGER NOT NULL,
    "askedAt" TIMESTAMPTZ(3) NOT NULL,
    "answeredAt" TIMESTAMPTZ(3),

    CONSTRAINT "Swap_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Service" (
    "id" SERIAL NOT NULL,
    "requestId" INTEGER NOT NULL,
    "contractId" INTEGER,
    "staffId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "minutes" INTEGER NOT NULL,
    "need" TEXT,
    "beneficiaryId" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "undoneAt" TIMESTAMPTZ(3),

    CONSTRAINT "Service_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Referral" (
    "id" SERIAL NOT NULL,
    "requestId" INTEGER NOT NULL,
    "fromStaffId" INTEGER NOT NULL,
    "toAgencyId" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "askedAt" TIMESTAMPTZ(3) NOT NULL,
    "answeredAt" TIMESTAMPTZ(3),

    CONSTRAINT "Referral_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Swap_until_idx" ON "Swap"("until");

-- CreateIndex
CREATE INDEX "Service_contractId_idx" ON "Service"("contractId");

-- CreateIndex
CREATE INDEX "Service_beneficiaryId_idx" ON "Service"("beneficiaryId");

-- CreateIndex
CREATE INDEX "Service_requestId_idx" ON "Service"("requestId");

-- CreateIndex
CREATE INDEX "Referral_requestId_idx" ON "Referral"("requestId");

-- CreateIndex
CREATE INDEX "Person_householdId_idx" ON "Person"("householdId");

-- AddForeignKey
ALTER TABLE "Swap" ADD CONSTRAINT "Swap_fromStaffId_fkey" FOREIGN KEY ("fromStaffId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Swap" ADD CONSTRAINT "Swap_toStaffId_fkey" FOREIGN KEY ("toStaffId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Service" ADD CONSTRAINT "Service_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "HelpRequest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Service" ADD CONSTRAINT "Service_contractId_fkey" FOREIGN KEY ("contractId") REFERENCES "Contract"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Service" ADD CONSTRAINT "Service_staffId_fkey" FOREIGN KEY ("staffId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Service" ADD CONSTRAINT "Service_beneficiaryId_fkey" FOREIGN KEY ("beneficiaryId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Referral" ADD CONSTRAINT "Referral_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "HelpRequest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say.

-- 换班 is between two people and lasts.
ALTER TABLE "Swap"
  ADD CONSTRAINT "swap_status_known" CHECK (status IN ('asked', 'accepted', 'declined', 'undone')),
  ADD CONSTRAINT "swap_lasts" CHECK ("until" > "from"),
  ADD CONSTRAINT "swap_is_between_two" CHECK ("fromStaffId" <> "toStaffId");
ALTER TABLE "DutyOverride"
  ADD CONSTRAINT "override_why_known" CHECK (why IN ('said', 'leave')),
  ADD CONSTRAINT "override_lasts" CHECK ("until" >= "from");
ALTER TABLE "Shift" ADD CONSTRAINT "shift_origin_known" CHECK (origin IN ('district', 'rota'));
ALTER TABLE "Contract" ADD CONSTRAINT "extension_is_later" CHECK ("extendedTo" IS NULL OR "extendedTo" >= "endsOn");

-- 服务记录: a contact of a known kind that took time; taken back by a mark, never deleted or moved to another contract.
ALTER TABLE "Service"
  ADD CONSTRAINT "service_kind_known" CHECK (kind IN ('visit', 'call', 'talk', 'group')),
  ADD CONSTRAINT "service_took_time" CHECK (minutes BETWEEN 1 AND 1440);
CREATE FUNCTION refuse_other_than_undo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."undoneAt" IS NULL AND (to_jsonb(NEW) - 'undoneAt') = (to_jsonb(OLD) - 'undoneAt') THEN RETURN NEW; END IF;
  RAISE EXCEPTION 'a service record is only ever taken back: % is refused', TG_OP;
END $$;
CREATE TRIGGER service_only_undone BEFORE UPDATE ON "Service" FOR EACH ROW EXECUTE FUNCTION refuse_other_than_undo();
CREATE TRIGGER service_never_deleted BEFORE DELETE ON "Service" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- 转介: one agency at a time.
ALTER TABLE "Referral" ADD CONSTRAINT "referral_status_known" CHECK
  (status IN ('asked', 'refused', 'sent', 'accepted', 'returned'));
CREATE UNIQUE INDEX "one_open_referral_a_request" ON "Referral" ("requestId") WHERE status IN ('asked', 'sent');

-- History cannot be emptied either.
CREATE TRIGGER request_event_kept BEFORE TRUNCATE ON "RequestEvent" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_kept BEFORE TRUNCATE ON "AccessLog" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_kept BEFORE TRUNCATE ON "Service" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The auditor looks for open requests whose owner is gone; there are few owners and the open ones are found at once.
CREATE INDEX "request_owner_open" ON "HelpRequest" ("ownerId") WHERE "nextDeadline" IS NOT NULL;
CREATE INDEX "request_contract_open" ON "HelpRequest" ("contractId") WHERE "nextDeadline" IS NOT NULL;
CREATE INDEX "request_undated" ON "HelpRequest" (id)
  WHERE "nextDeadline" IS NULL AND status NOT IN ('closed', 'withdrawn', 'merged');
