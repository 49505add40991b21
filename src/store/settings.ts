import type { Db, Tx } from './db.ts'

/** Small facts that must outlive a process: how far a watch has come, what has been told once. */

export async function setting(tx: Tx | Db, key: string): Promise<string | undefined> {
  return (await tx.setting.findUnique({ where: { key } }))?.value
}

export async function setSetting(tx: Tx | Db, key: string, value: string): Promise<void> {
  await tx.setting.upsert({ where: { key }, create: { key, value }, update: { value } })
}

/** Move a fact on from what was seen; false when another process was faster. */
export async function moveSetting(db: Db, key: string, seen: string | undefined, next: string): Promise<boolean> {
  const moved = await db.run`
    INSERT INTO "Setting" AS s (key, value) VALUES (${key}, ${next})
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value WHERE s.value = ${seen ?? null}::text`
  return moved === 1
}

/** Of these, the ones nobody has claimed before; whoever gets a key is the only one to tell of it. */
export async function claim(tx: Tx, keys: readonly string[], now: Date): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set()
  const rows = await tx.$queryRaw<{ key: string }[]>`
    INSERT INTO "Setting" (key, value) SELECT unnest(${[...keys]}::text[]), ${now.toISOString()}
    ON CONFLICT DO NOTHING RETURNING key`
  return new Set(rows.map((row) => row.key))
}
