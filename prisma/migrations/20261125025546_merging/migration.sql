-- AlterTable
ALTER TABLE "HelpRequest" ADD COLUMN     "mergedIntoId" INTEGER;

-- CreateIndex
CREATE INDEX "HelpRequest_mergedIntoId_idx" ON "HelpRequest"("mergedIntoId");

-- AddForeignKey
ALTER TABLE "HelpRequest" ADD CONSTRAINT "HelpRequest_mergedIntoId_fkey" FOREIGN KEY ("mergedIntoId") REFERENCES "HelpRequest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say: 合并. Merged is what names where it is followed up, and that one is never merged itself:
-- one step deep, so there is no circle and no chain to get lost in.
ALTER TABLE "HelpRequest"
  ADD CONSTRAINT "merged_names_where" CHECK ((status = 'merged') = ("mergedIntoId" IS NOT NULL)),
  ADD CONSTRAINT "not_merged_into_itself" CHECK ("mergedIntoId" <> id);

CREATE FUNCTION merged_one_step_deep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Locked: a merge of that one into a third waits for this one, and is then refused.
  PERFORM 1 FROM "HelpRequest" WHERE id = NEW."mergedIntoId" AND "mergedIntoId" IS NULL AND "nextDeadline" IS NOT NULL
    FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'request % cannot be merged: what is to carry it is not open', NEW.id;
  END IF;
  IF EXISTS (SELECT 1 FROM "HelpRequest" WHERE "mergedIntoId" = NEW.id) THEN
    RAISE EXCEPTION 'request % cannot be merged: it carries others', NEW.id;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER merged_one_step_deep BEFORE INSERT OR UPDATE OF "mergedIntoId" ON "HelpRequest"
  FOR EACH ROW WHEN (NEW."mergedIntoId" IS NOT NULL) EXECUTE FUNCTION merged_one_step_deep();

-- 同一件事: the open ones of one community, the newest first.
CREATE INDEX "request_alike" ON "HelpRequest" ("communityId", "submittedAt" DESC) WHERE "nextDeadline" IS NOT NULL;
