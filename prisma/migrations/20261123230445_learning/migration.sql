-- AlterTable
ALTER TABLE "HelpRequest" ADD COLUMN     "confidence" DOUBLE PRECISION;

-- CreateTable
CREATE TABLE "Correction" (
    "id" SERIAL NOT NULL,
    "requestId" INTEGER NOT NULL,
    "staffId" INTEGER NOT NULL,
    "head" TEXT NOT NULL,
    "before" TEXT[],
    "after" TEXT[],
    "classifiedBy" TEXT,
    "why" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Correction_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TrainedModel" (
    "version" TEXT NOT NULL,
    "trainedAt" TIMESTAMPTZ(3) NOT NULL,
    "weights" BYTEA NOT NULL,
    "corrections" INTEGER NOT NULL,
    "base" TEXT NOT NULL,
    "scores" JSONB NOT NULL,
    "refused" TEXT,

    CONSTRAINT "TrainedModel_pkey" PRIMARY KEY ("version")
);

-- CreateIndex
CREATE INDEX "Correction_requestId_idx" ON "Correction"("requestId");

-- AddForeignKey
ALTER TABLE "Correction" ADD CONSTRAINT "Correction_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "HelpRequest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Correction" ADD CONSTRAINT "Correction_staffId_fkey" FOREIGN KEY ("staffId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A correction is what a person said once: it is never changed, and it says which head it speaks of.
ALTER TABLE "Correction"
  ADD CONSTRAINT "correction_head_known" CHECK (head IN ('programme', 'need', 'urgency')),
  ADD CONSTRAINT "correction_why_known" CHECK (why IN ('work', 'uncertain', 'random'));
CREATE TRIGGER correction_append_only BEFORE UPDATE OR DELETE ON "Correction"
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- What waits for a second look, the least sure first.
CREATE INDEX "request_to_review" ON "HelpRequest" ("submittedAt") WHERE "submittedAt" IS NOT NULL;
