-- AlterTable
ALTER TABLE "WorkingHours" ADD COLUMN     "agencyId" INTEGER,
ADD COLUMN     "weekdays" INTEGER[] DEFAULT ARRAY[]::INTEGER[];

-- CreateTable
CREATE TABLE "AgencyDay" (
    "agencyId" INTEGER NOT NULL,
    "date" DATE NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "AgencyDay_pkey" PRIMARY KEY ("agencyId","date")
);

-- AddForeignKey
ALTER TABLE "AgencyDay" ADD CONSTRAINT "AgencyDay_agencyId_fkey" FOREIGN KEY ("agencyId") REFERENCES "Agency"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkingHours" ADD CONSTRAINT "WorkingHours_agencyId_fkey" FOREIGN KEY ("agencyId") REFERENCES "Agency"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema cannot say.
ALTER TABLE "WorkingHours" ADD CONSTRAINT "working_hours_weekdays_known" CHECK
  (weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]);
ALTER TABLE "AgencyDay" ADD CONSTRAINT "agency_day_kind_known" CHECK (kind IN ('holiday', 'workday'));
