-- AlterTable
ALTER TABLE "Person" ADD COLUMN     "answersAtId" INTEGER,
ADD COLUMN     "bigText" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "languageChosen" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "minnan" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "plainWords" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "readAloud" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "slowly" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "LinkCode" (
    "id" SERIAL NOT NULL,
    "codeHash" TEXT NOT NULL,
    "personId" INTEGER NOT NULL,
    "addressId" INTEGER NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "saidAtId" INTEGER,
    "answeredAt" TIMESTAMPTZ(3),

    CONSTRAINT "LinkCode_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SharedPhone" (
    "addressId" INTEGER NOT NULL,
    "personId" INTEGER NOT NULL,
    "place" INTEGER NOT NULL,

    CONSTRAINT "SharedPhone_pkey" PRIMARY KEY ("addressId","personId")
);

-- CreateTable
CREATE TABLE "Block" (
    "id" SERIAL NOT NULL,
    "personId" INTEGER NOT NULL,
    "byId" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "liftedAt" TIMESTAMPTZ(3),
    "liftedById" INTEGER,

    CONSTRAINT "Block_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "LinkCode_codeHash_key" ON "LinkCode"("codeHash");

-- CreateIndex
CREATE INDEX "LinkCode_personId_idx" ON "LinkCode"("personId");

-- CreateIndex
CREATE INDEX "SharedPhone_personId_idx" ON "SharedPhone"("personId");

-- CreateIndex
CREATE UNIQUE INDEX "SharedPhone_addressId_place_key" ON "SharedPhone"("addressId", "place");

-- CreateIndex
CREATE INDEX "Block_personId_until_idx" ON "Block"("personId", "until");

-- CreateIndex
CREATE INDEX "InboundMessage_personId_receivedAt_idx" ON "InboundMessage"("personId", "receivedAt");

-- AddForeignKey
ALTER TABLE "LinkCode" ADD CONSTRAINT "LinkCode_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SharedPhone" ADD CONSTRAINT "SharedPhone_addressId_fkey" FOREIGN KEY ("addressId") REFERENCES "Address"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SharedPhone" ADD CONSTRAINT "SharedPhone_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Block" ADD CONSTRAINT "Block_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Block" ADD CONSTRAINT "Block_byId_fkey" FOREIGN KEY ("byId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What a person reads is one of the catalogues.
ALTER TABLE "Person" ADD CONSTRAINT "language_known" CHECK (language IN ('zh', 'zh-Hant', 'en'));

-- 屏蔽: a named colleague, a reason in words, and an end that is not far off. Never for good.
ALTER TABLE "Block"
  ADD CONSTRAINT "block_has_a_reason" CHECK (length(btrim(reason)) >= 2),
  ADD CONSTRAINT "block_ends" CHECK (until > "from" AND until <= "from" + interval '92 days'),
  ADD CONSTRAINT "lifting_names_who" CHECK (("liftedAt" IS NULL) = ("liftedById" IS NULL));
