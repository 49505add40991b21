-- AlterTable
ALTER TABLE "Feedback" ADD COLUMN     "askedById" INTEGER;

-- CreateTable
CREATE TABLE "WorkingHours" (
    "id" SERIAL NOT NULL,
    "fromMinute" INTEGER NOT NULL,
    "toMinute" INTEGER NOT NULL,
    "validFrom" DATE NOT NULL,
    "validTo" DATE,

    CONSTRAINT "WorkingHours_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "NeedLine" (
    "id" SERIAL NOT NULL,
    "requestId" INTEGER NOT NULL,
    "need" TEXT NOT NULL,
    "assigneeId" INTEGER NOT NULL,
    "askedById" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "taskSealed" TEXT,
    "askedAt" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "answeredAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "NeedLine_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "NeedLine_requestId_idx" ON "NeedLine"("requestId");

-- AddForeignKey
ALTER TABLE "NeedLine" ADD CONSTRAINT "NeedLine_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "HelpRequest"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NeedLine" ADD CONSTRAINT "NeedLine_assigneeId_fkey" FOREIGN KEY ("assigneeId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say.

-- 分工: a need of a request is with one colleague at a time.
ALTER TABLE "NeedLine" ADD CONSTRAINT "need_line_status_known" CHECK
  (status IN ('asked', 'taken', 'declined', 'expired', 'done', 'released'));
CREATE UNIQUE INDEX "one_live_line_a_need" ON "NeedLine" ("requestId", need) WHERE status IN ('asked', 'taken');
CREATE INDEX "need_line_of" ON "NeedLine" ("assigneeId") WHERE status IN ('asked', 'taken');
CREATE INDEX "need_line_due" ON "NeedLine" ("dueAt") WHERE status = 'asked';

-- 办公时间 lie within a day; a span that ends where it begins would be a whole day said badly.
ALTER TABLE "WorkingHours" ADD CONSTRAINT "working_hours_within_a_day" CHECK
  ("fromMinute" BETWEEN 0 AND 1439 AND "toMinute" BETWEEN 0 AND 1439);
ALTER TABLE "Shift" ADD CONSTRAINT "shift_days_known" CHECK (days IN ('working_days', 'rest_days', 'every_day'));
