-- CreateTable
CREATE TABLE "DeskLink" (
    "id" SERIAL NOT NULL,
    "keyHash" TEXT NOT NULL,
    "staffId" INTEGER NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DeskLink_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DeskSession" (
    "id" SERIAL NOT NULL,
    "keyHash" TEXT NOT NULL,
    "linkId" INTEGER NOT NULL,
    "staffId" INTEGER NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "DeskSession_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "DeskLink_keyHash_key" ON "DeskLink"("keyHash");

-- CreateIndex
CREATE INDEX "DeskLink_staffId_idx" ON "DeskLink"("staffId");

-- CreateIndex
CREATE UNIQUE INDEX "DeskSession_keyHash_key" ON "DeskSession"("keyHash");

-- CreateIndex
CREATE UNIQUE INDEX "DeskSession_linkId_key" ON "DeskSession"("linkId");

-- CreateIndex
CREATE INDEX "DeskSession_staffId_idx" ON "DeskSession"("staffId");

-- AddForeignKey
ALTER TABLE "DeskLink" ADD CONSTRAINT "DeskLink_staffId_fkey" FOREIGN KEY ("staffId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeskSession" ADD CONSTRAINT "DeskSession_linkId_fkey" FOREIGN KEY ("linkId") REFERENCES "DeskLink"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DeskSession" ADD CONSTRAINT "DeskSession_staffId_fkey" FOREIGN KEY ("staffId") REFERENCES "Staff"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
