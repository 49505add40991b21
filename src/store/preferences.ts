import { z } from 'zod'
import { languages, type Preferences } from '../domain/preferences.ts'
import type { AddressKey } from '../domain/words.ts'
import type { Db, Tx } from './db.ts'

/** How a person wants to be spoken to, as it stands on their row. */

const columns = {
  language: true,
  languageChosen: true,
  textOnly: true,
  plainWords: true,
  slowly: true,
  bigText: true,
  readAloud: true,
  minnan: true,
} as const

const Read = z.enum(languages)

export async function preferencesOf(tx: Tx | Db, personId: number): Promise<Preferences> {
  const [row] = await tx.sql<Omit<Preferences, 'language'> & { language: string }>`
    SELECT language, "languageChosen", "textOnly", "plainWords", slowly, "bigText", "readAloud", minnan
    FROM "Person" WHERE id = ${personId}`
  if (!row) throw new Error(`there is no person ${personId}`)
  return { ...row, language: Read.parse(row.language) }
}

/** Of whoever speaks at this address now; `undefined` when nobody has spoken there yet. */
export async function preferencesAt(
  db: Db,
  { channel, account, externalId }: AddressKey,
): Promise<Preferences | undefined> {
  const row = await db.address.findUnique({
    where: { channel_account_externalId: { channel, account, externalId } },
    select: { person: { select: columns } },
  })
  return row ? { ...row.person, language: Read.parse(row.person.language) } : undefined
}

/** 只能打字, said or taken back, holds at once for what is under way as well. */
export async function changePreferences(tx: Tx, personId: number, change: Partial<Preferences>): Promise<void> {
  await tx.person.update({ where: { id: personId }, data: change, select: { id: true } })
  const { textOnly } = change
  if (textOnly === undefined) return
  await tx.helpRequest.updateMany({ where: { requesterId: personId, nextDeadline: { not: null } }, data: { textOnly } })
}
