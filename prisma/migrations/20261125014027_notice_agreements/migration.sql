-- CreateTable
CREATE TABLE "NoticeAgreement" (
    "addressId" INTEGER NOT NULL,
    "left" INTEGER NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "NoticeAgreement_pkey" PRIMARY KEY ("addressId")
);

-- AddForeignKey
ALTER TABLE "NoticeAgreement" ADD CONSTRAINT "NoticeAgreement_addressId_fkey" FOREIGN KEY ("addressId") REFERENCES "Address"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A notice that nobody has agreed to cannot be taken.
ALTER TABLE "NoticeAgreement" ADD CONSTRAINT "notice_agreement_left" CHECK ("left" >= 0);
