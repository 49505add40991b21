import { z } from 'zod'
import { type AddressKey, channelNames } from '../domain/words.ts'
import type { Db } from './db.ts'

const Key = z.object({ channel: z.enum(channelNames), account: z.string(), externalId: z.string() })

/** Where an address is, in the channel's own words. */
export async function addressKeyOf(db: Db, id: number): Promise<AddressKey> {
  const select = { channel: true, account: true, externalId: true }
  return Key.parse(await db.address.findUniqueOrThrow({ where: { id }, select }))
}
