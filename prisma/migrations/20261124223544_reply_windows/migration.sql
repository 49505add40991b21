-- CreateTable
CREATE TABLE "ReplyWindow" (
    "addressId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "left" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ReplyWindow_pkey" PRIMARY KEY ("addressId","kind")
);

-- AddForeignKey
ALTER TABLE "ReplyWindow" ADD CONSTRAINT "ReplyWindow_addressId_fkey" FOREIGN KEY ("addressId") REFERENCES "Address"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A reply cannot be spent twice, and only the two kinds the rule knows exist.
ALTER TABLE "ReplyWindow" ADD CONSTRAINT "reply_window_left" CHECK ("left" >= 0);
ALTER TABLE "ReplyWindow" ADD CONSTRAINT "reply_window_kind" CHECK (kind IN ('message', 'event'));
