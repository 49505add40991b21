-- AlterTable
ALTER TABLE "OutboundMessage" ADD COLUMN     "relayById" INTEGER;
