-- AlterTable
ALTER TABLE "Broadcast" ADD COLUMN     "pictureAlt" TEXT,
ADD COLUMN     "pictureId" INTEGER,
ADD COLUMN     "voiceId" INTEGER;

-- AlterTable
ALTER TABLE "Person" ADD COLUMN     "mergedIntoId" INTEGER;

-- CreateTable
CREATE TABLE "ChannelFile" (
    "channel" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "attachmentId" INTEGER NOT NULL,
    "fileId" TEXT NOT NULL,

    CONSTRAINT "ChannelFile_pkey" PRIMARY KEY ("channel","account","attachmentId")
);

-- AddForeignKey
ALTER TABLE "Person" ADD CONSTRAINT "Person_mergedIntoId_fkey" FOREIGN KEY ("mergedIntoId") REFERENCES "Person"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ChannelFile" ADD CONSTRAINT "ChannelFile_attachmentId_fkey" FOREIGN KEY ("attachmentId") REFERENCES "Attachment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Broadcast" ADD CONSTRAINT "Broadcast_pictureId_fkey" FOREIGN KEY ("pictureId") REFERENCES "Attachment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Broadcast" ADD CONSTRAINT "Broadcast_voiceId_fkey" FOREIGN KEY ("voiceId") REFERENCES "Attachment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say.

-- 配图要有说明: no picture goes out, or before a second person, without words for those who cannot see it.
ALTER TABLE "Broadcast"
  ADD CONSTRAINT "broadcast_picture_described" CHECK
    (status IN ('draft', 'dropped') OR "pictureId" IS NULL OR COALESCE("pictureAlt", '') <> '');

-- Which notice a picture or recording belongs to is asked whenever somebody opens it.
CREATE INDEX "broadcast_picture" ON "Broadcast" ("pictureId") WHERE "pictureId" IS NOT NULL;
CREATE INDEX "broadcast_recording" ON "Broadcast" ("voiceId") WHERE "voiceId" IS NOT NULL;

-- What was approved is what is sent: the picture and the recording stand still with the words.
DROP TRIGGER broadcast_stands_still ON "Broadcast";
CREATE TRIGGER broadcast_stands_still BEFORE UPDATE ON "Broadcast" FOR EACH ROW
  WHEN (OLD.status <> 'draft' AND NEW.status <> 'draft' AND
    (OLD.text, OLD.more, OLD.kind, OLD.emergency, OLD.audience, OLD."correctsId", OLD."authorId", OLD.version,
      OLD."pictureId", OLD."pictureAlt", OLD."voiceId")
      IS DISTINCT FROM
    (NEW.text, NEW.more, NEW.kind, NEW.emergency, NEW.audience, NEW."correctsId", NEW."authorId", NEW.version,
      NEW."pictureId", NEW."pictureAlt", NEW."voiceId"))
  EXECUTE FUNCTION refuse_rewording();
