-- AlterTable
ALTER TABLE "Person" ADD COLUMN IF NOT EXISTS "readAloud" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "Attachment" (
    "id" SERIAL NOT NULL,
    "inboundId" INTEGER,
    "spokenOfId" INTEGER,
    "personId" INTEGER NOT NULL,
    "requestId" INTEGER,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "refusal" TEXT,
    "sourceSealed" TEXT,
    "mime" TEXT,
    "bytes" INTEGER,
    "sha256" TEXT,
    "seconds" INTEGER,
    "objectKey" TEXT,
    "playKey" TEXT,
    "playMime" TEXT,
    "verdict" TEXT,
    "transcription" TEXT NOT NULL DEFAULT 'none',
    "transcriptSealed" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "notBefore" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Attachment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Passing" (
    "id" SERIAL NOT NULL,
    "attachmentId" INTEGER NOT NULL,
    "letterSealed" TEXT NOT NULL,
    "dedupeKey" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Passing_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Attachment_inboundId_key" ON "Attachment"("inboundId");

-- CreateIndex
CREATE UNIQUE INDEX "Attachment_spokenOfId_key" ON "Attachment"("spokenOfId");

-- CreateIndex
CREATE UNIQUE INDEX "Attachment_objectKey_key" ON "Attachment"("objectKey");

-- CreateIndex
CREATE UNIQUE INDEX "Attachment_playKey_key" ON "Attachment"("playKey");

-- CreateIndex
CREATE INDEX "Attachment_personId_idx" ON "Attachment"("personId");

-- CreateIndex
CREATE INDEX "Attachment_requestId_idx" ON "Attachment"("requestId");

-- CreateIndex
CREATE UNIQUE INDEX "Passing_dedupeKey_key" ON "Passing"("dedupeKey");

-- CreateIndex
CREATE INDEX "Passing_attachmentId_idx" ON "Passing"("attachmentId");

-- AddForeignKey
ALTER TABLE "Attachment" ADD CONSTRAINT "Attachment_inboundId_fkey" FOREIGN KEY ("inboundId") REFERENCES "InboundMessage"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Attachment" ADD CONSTRAINT "Attachment_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Passing" ADD CONSTRAINT "Passing_attachmentId_fkey" FOREIGN KEY ("attachmentId") REFERENCES "Attachment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say.

-- 附件: what is ready has its content and its print; what waits is still at its channel; what is refused says why.
ALTER TABLE "Attachment"
  ADD CONSTRAINT "attachment_kind_known" CHECK (kind IN ('voice', 'picture', 'video', 'file')),
  ADD CONSTRAINT "attachment_status_known" CHECK (status IN ('waiting', 'ready', 'refused')),
  ADD CONSTRAINT "attachment_ready_is_kept" CHECK (status <> 'ready' OR
    ("objectKey" IS NOT NULL AND mime IS NOT NULL AND bytes IS NOT NULL AND sha256 IS NOT NULL AND verdict IS NOT NULL)),
  ADD CONSTRAINT "attachment_infected_is_refused" CHECK (verdict IS DISTINCT FROM 'infected' OR
    (status = 'refused' AND "objectKey" IS NULL)),
  ADD CONSTRAINT "attachment_waiting_has_a_source" CHECK ((status = 'waiting') = ("sourceSealed" IS NOT NULL)),
  ADD CONSTRAINT "attachment_refused_says_why" CHECK ((status = 'refused') = (refusal IS NOT NULL)),
  ADD CONSTRAINT "attachment_verdict_known" CHECK (verdict IN ('clean', 'infected', 'unknown')),
  ADD CONSTRAINT "attachment_transcription_known" CHECK (transcription IN ('none', 'wanted', 'done', 'failed')),
  ADD CONSTRAINT "attachment_has_a_source_or_a_reader" CHECK ("inboundId" IS NOT NULL OR "spokenOfId" IS NOT NULL);
CREATE INDEX "attachment_waiting" ON "Attachment" ("notBefore") WHERE status = 'waiting';
CREATE INDEX "attachment_to_transcribe" ON "Attachment" ("notBefore") WHERE transcription = 'wanted';
CREATE INDEX "person_reads_aloud" ON "Person" (id) WHERE "readAloud";
