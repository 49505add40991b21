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

-- What Prisma's schema cannot say: a desk is opened by its own link, in time, for a working day at most.
ALTER TABLE "DeskSession"
  ADD CONSTRAINT "desk_session_lasts_a_day" CHECK ("expiresAt" > "startedAt" AND "expiresAt" <= "startedAt" + interval '8 hours');

CREATE FUNCTION desk_session_fits_its_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "DeskLink" l WHERE l.id = NEW."linkId" AND l."staffId" = NEW."staffId"
      AND l."expiresAt" > NEW."startedAt") THEN
    RAISE EXCEPTION 'a desk opens only by a link of its own that is still good';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER desk_session_fits_its_link BEFORE INSERT ON "DeskSession"
  FOR EACH ROW EXECUTE FUNCTION desk_session_fits_its_link();
