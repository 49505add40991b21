import { createHash, randomInt } from 'node:crypto'
import type { Db, Tx } from './db.ts'
import type { Seal } from './secrets.ts'

/** Consents, invitations, notes, feedback and the log of looks: small facts about people, one statement each. */

export async function recordConsent(
  tx: Tx,
  consent: { personId: number; purpose: string; noticeVersion: number; given: boolean; at: Date },
): Promise<void> {
  await tx.consent.create({ data: consent, select: { id: true } })
}

const codeLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZ'
const codeLength = 10

/**
 * A fresh one-time code: letters that cannot be mistaken for one another when read aloud. No digits, because some say
 * something (84 is a poison) and the crisis gate hears it before anybody reads that it is a code.
 */
export const inviteCode = (): string =>
  Array.from({ length: codeLength }, () => codeLetters[randomInt(codeLetters.length)]).join('')

/** Codes are kept as a hash: who reads the database cannot join as somebody. */
export const hashInvite = (code: string): string => createHash('sha256').update(code.trim().toUpperCase()).digest('hex')

export async function insertInvite(
  tx: Tx | Db,
  invite: { staffId: number; invitedById: number | null; code: string; expiresAt: Date },
): Promise<void> {
  const { code, ...row } = invite
  await tx.invite.create({ data: { ...row, codeHash: hashInvite(code) }, select: { id: true } })
}

/** An invitation that can still be used: unused, not expired, for a colleague who has not joined. */
export async function usableInvite(tx: Tx | Db, code: string, now: Date) {
  return tx.invite.findFirst({
    where: {
      codeHash: hashInvite(code),
      usedAt: null,
      expiresAt: { gt: now },
      staff: { active: true, personId: null },
    },
    select: { id: true, staff: { select: { id: true, name: true, role: true } } },
  })
}

/** Join a chat to a staff row, once; false when somebody else used the invitation in the meantime. */
export async function useInvite(
  tx: Tx,
  inviteId: number,
  staffId: number,
  personId: number,
  now: Date,
): Promise<boolean> {
  const used = await tx.invite.updateMany({ where: { id: inviteId, usedAt: null }, data: { usedAt: now } })
  if (used.count !== 1) return false
  const joined = await tx.staff.updateMany({ where: { id: staffId, personId: null }, data: { personId } })
  return joined.count === 1
}

/** 只能打字: must never be phoned. */
export async function isTextOnly(tx: Tx | Db, personId: number): Promise<boolean> {
  return (await tx.person.findUnique({ where: { id: personId }, select: { textOnly: true } }))?.textOnly ?? false
}

export async function insertNote(
  tx: Tx,
  seal: Seal,
  note: { requestId: number; staffId: number; text: string; at: Date },
): Promise<void> {
  const { text, ...row } = note
  await tx.note.create({ data: { ...row, bodySealed: seal.seal(text) }, select: { id: true } })
}

export async function notesOf(tx: Tx | Db, seal: Seal, requestId: number) {
  const rows = await tx.note.findMany({ where: { requestId }, orderBy: { id: 'asc' }, take: 100 })
  return rows.map((row) => ({ at: row.at, staffId: row.staffId, text: String(seal.open(row.bodySealed)) }))
}

export async function insertFeedback(
  tx: Tx,
  feedback: { requestId: number; solved?: boolean; satisfied?: string; askedById: number | null; at: Date },
): Promise<void> {
  await tx.feedback.create({ data: feedback, select: { id: true } })
}

/** Every look at personal data is a row. */
export async function logLook(
  tx: Tx | Db,
  look: { staffId: number; requestId: number | null; what: string; at: Date },
): Promise<void> {
  await tx.accessLog.create({ data: look, select: { id: true } })
}

/** Wrong tries at a number and code by one person since `since`: ten guesses an hour stop a search through the codes. */
export async function countWrongCodes(tx: Tx | Db, personId: number, since: Date): Promise<number> {
  return tx.wrongCode.count({ where: { personId, at: { gte: since } } })
}

export async function recordWrongCode(tx: Tx, personId: number, at: Date): Promise<void> {
  await tx.wrongCode.create({ data: { personId, at }, select: { id: true } })
}

/** Hold these people until the transaction ends: two dispatchers cannot both see the last free place of one person. */
export async function lockStaff(tx: Tx, staffIds: readonly number[]): Promise<void> {
  await tx.run`SELECT id FROM "Staff" WHERE id = ANY(${staffIds}::int[]) ORDER BY id FOR NO KEY UPDATE`
}

/** A look at who a notice did not reach. */
export async function logNoticeLook(tx: Tx | Db, look: { staffId: number; what: string; at: Date }): Promise<void> {
  await tx.accessLog.create({ data: look, select: { id: true } })
}
