import type { AddressKey } from '../domain/words.ts'
import type { Db } from './db.ts'

/** Who is behind an address, once they have written. */
export async function personAt(
  db: Db,
  { channel, account, externalId }: AddressKey,
): Promise<{ readonly addressId: number; readonly personId: number } | undefined> {
  const row = await db.address.findUnique({
    where: { channel_account_externalId: { channel, account, externalId } },
    select: { id: true, personId: true },
  })
  return row ? { addressId: row.id, personId: row.personId } : undefined
}
